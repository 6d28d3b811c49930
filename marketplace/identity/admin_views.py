"""Administration of an organization's users: who is here, invite, roles, deactivate."""

from __future__ import annotations

from uuid import UUID

from flask import Response, url_for

from marketplace.identity import links, second_factor, users
from marketplace.identity.acting import ADMINISTRATORS
from marketplace.identity.admin_frame import facility_choices, own_organization, role_choices, tabs
from marketplace.identity.blueprints import admin
from marketplace.identity.models import User
from marketplace.identity.schemas import InvitationSchema, NoteForm, UserChangeSchema, UserFilter
from marketplace.identity.words import ROLE_LABELS, UserState
from marketplace.web import current
from marketplace.web.forms import filters_for, form_for
from marketplace.web.pages import go, render
from marketplace.web.tables import Column, Table, csv_response, paginate, wants_csv

STATE_TONES = {UserState.ACTIVE: "good", UserState.INVITED: "warn", UserState.DEACTIVATED: "calm"}
_COLUMNS = [
    Column("name", "Name", sort=True),
    Column("roles", "Roles"),
    Column("state", "State", sort=True),
    Column("email", "Mail address", sort=True),
]


@admin.get("")
def home() -> Response:
    """The first part of administration that the actor may see."""
    found = tabs()
    if not found:
        current.actor().require(*ADMINISTRATORS)
    return go(str(found[0]["href"]))


@admin.get("/users", endpoint="users")
def users_page() -> Response:
    """Who is here."""
    current.actor().require(*ADMINISTRATORS)
    form = filters_for(UserFilter)
    query = users.chosen_users(**form.data) if not form.errors else users.chosen_users()
    if wants_csv():
        rows = current.session().scalars(query.order_by(User.name).limit(20_000))
        return csv_response(
            "users.csv",
            ["Name", "Mail address", "Roles", "State"],
            ([row.name, row.email, " ".join(row.roles), str(row.state)] for row in rows),
        )
    sorts = {"name": User.name, "email": User.email, "state": User.state}
    page = paginate(current.session(), query, sorts=sorts, key=User.id, default="name")
    table: Table[User] = Table(
        _COLUMNS,
        page,
        caption="Users",
        csv=True,
        empty=("Nobody fits", "Change the filter, or invite somebody."),
    )
    return render(
        "identity/admin/users.html",
        tabs=tabs(),
        table=table,
        filters=form,
        role_options=role_choices(own_organization()),
        labels=ROLE_LABELS,
        tones=STATE_TONES,
    )


@admin.route("/users/invite", methods=["GET", "POST"])
def invite() -> Response:
    """Invite somebody: a mail with a link goes out."""
    current.actor().require(*ADMINISTRATORS)
    organization = own_organization()
    form = form_for(InvitationSchema)
    if form.ok:
        with form.refusals():
            invited = users.invite(current.session(), **form.data)
        if form.ok:
            return go(url_for("admin.user", user_id=invited.id), f"{invited.name} is invited.")
    return render(
        "identity/admin/invite.html",
        form=form,
        organization=organization,
        role_options=role_choices(organization),
        facility_options=facility_choices(organization),
    )


@admin.route("/users/<uuid:user_id>", methods=["GET", "POST"])
def user(user_id: UUID) -> Response:
    """One user: name, roles, facilities, and how the user signs in."""
    current.actor().require(*ADMINISTRATORS)
    work, organization = current.session(), own_organization()
    found = users.user(work, user_id)
    form = form_for(
        UserChangeSchema,
        {
            "name": found.name,
            "roles": found.roles,
            "facility_ids": users.facilities_of(work, found.id),
            "revision": found.revision,
        },
    )
    if form.ok:
        with form.refusals():
            users.change_user(work, user_id, **form.data)
        if form.ok:
            return go(url_for("admin.user", user_id=user_id), "Saved. It holds from the next request on.")
    return render(
        "identity/admin/user.html",
        form=form,
        user=found,
        tones=STATE_TONES,
        history=users.history(current.session(), user_id),
        enrolled=second_factor.is_enrolled(current.session(), user_id),
        invitation_until=links.expiry_of_invitation(current.session(), user_id),
        role_options=role_choices(organization),
        facility_options=facility_choices(organization),
        is_self=user_id == current.actor().user_id,
    )


@admin.post("/users/<uuid:user_id>/deactivate")
def deactivate(user_id: UUID) -> Response:
    """Shut a user out at once."""
    form = form_for(NoteForm)
    gone = users.deactivate(current.session(), user_id, form.data.get("note", ""))
    return go(url_for("admin.user", user_id=user_id), f"{gone.name} is shut out everywhere.")


@admin.post("/users/<uuid:user_id>/reactivate")
def reactivate(user_id: UUID) -> Response:
    """Let a deactivated user back in by a new invitation."""
    back = users.reactivate(current.session(), user_id)
    return go(url_for("admin.user", user_id=user_id), f"{back.name} is invited again.")


@admin.post("/users/<uuid:user_id>/invite-again")
def invite_again(user_id: UUID) -> Response:
    """A fresh invitation link."""
    users.invite_again(current.session(), user_id)
    return go(url_for("admin.user", user_id=user_id), "A new link is on its way; the old one is void.")


@admin.post("/users/<uuid:user_id>/reset-second-factor")
def reset_second_factor(user_id: UUID) -> Response:
    """For a lost telephone."""
    helped = users.reset_second_factor(current.session(), user_id)
    return go(url_for("admin.user", user_id=user_id), f"{helped.name} sets up a new app at the next sign-in.")
