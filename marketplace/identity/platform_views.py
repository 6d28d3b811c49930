"""The platform's own administration: the organizations of the marketplace."""

from __future__ import annotations

from uuid import UUID

from flask import Response, url_for

from marketplace.identity import fields, organizations, users
from marketplace.identity.admin_frame import tabs, zone_choices
from marketplace.identity.blueprints import admin
from marketplace.identity.schemas import NewOrganizationForm, NoteForm, OrganizationFilter
from marketplace.identity.words import KIND_LABELS, OrganizationKind
from marketplace.web import current
from marketplace.web.forms import filters_for, form_for
from marketplace.web.pages import go, render

_KINDS = [(str(kind), label) for kind, label in KIND_LABELS.items() if kind is not OrganizationKind.PLATFORM]


@admin.get("/organizations", endpoint="organizations")
def organizations_page() -> Response:
    """Everybody who takes part."""
    current.actor().require("platform_admin")
    form = filters_for(OrganizationFilter)
    found = organizations.organizations(current.session(), form.data.get("kind"))
    return render(
        "identity/admin/organizations.html",
        tabs=tabs(),
        filters=form,
        organizations=found,
        labels=KIND_LABELS,
        kinds=[(str(kind), label) for kind, label in KIND_LABELS.items()],
    )


@admin.route("/organizations/new", methods=["GET", "POST"])
def new_organization() -> Response:
    """Set up an organization and invite its first administrator."""
    current.actor().require("platform_admin")
    form = form_for(NewOrganizationForm, {"time_zone": "America/Los_Angeles"})
    if form.ok:
        with form.refusals():
            data = dict(form.data)
            name, email = data.pop("admin_name"), data.pop("admin_email")
            created = organizations.create_organization(current.session(), **data)
            users.invite(
                current.session(),
                email=fields.email_address("admin_email", email),
                name=name,
                roles=["org_admin"],
                organization_id=created.id,
            )
        if form.ok:
            return go(url_for("admin.organizations"), f"{created.name} is set up, and {name} is invited.")
    return render("identity/admin/organization.html", form=form, kinds=_KINDS, zones=zone_choices())


@admin.post("/organizations/<uuid:organization_id>/suspend")
def suspend(organization_id: UUID) -> Response:
    """Shut an organization out at once."""
    note = form_for(NoteForm).data.get("note", "")
    found = organizations.suspend_organization(current.session(), organization_id, note)
    return go(url_for("admin.organizations"), f"{found.name} is suspended.")


@admin.post("/organizations/<uuid:organization_id>/resume")
def resume(organization_id: UUID) -> Response:
    """Let a suspended organization in again."""
    found = organizations.resume_organization(current.session(), organization_id)
    return go(url_for("admin.organizations"), f"{found.name} takes part again.")
