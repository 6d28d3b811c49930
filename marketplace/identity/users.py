"""The users of an organization: invited by an administrator, given roles, deactivated at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select

from marketplace.foundation import audit, state
from marketplace.foundation.errors import Conflict, Forbidden, InvalidInput, NotFound
from marketplace.foundation.ids import new_id
from marketplace.foundation.work import WorkSession
from marketplace.identity import clients, fields, links, second_factor, sessions
from marketplace.identity.acting import ADMINISTRATORS, on_behalf
from marketplace.identity.door_models import SignInName, UserSecret
from marketplace.identity.models import Facility, Organization, User, UserChange, UserFacility
from marketplace.identity.signing_in import email_digest
from marketplace.identity.words import TokenPurpose, UserState


def user(session: WorkSession, user_id: UUID) -> User:
    """A user of the acting organization; foreign and missing ones are not found."""
    found = session.get(User, user_id)
    if found is None:
        raise NotFound
    return found


def chosen_users(words: str = "", role: str = "", state: UserState | None = None) -> Select[User]:
    """A query for users of the acting organization; `words` are sought in name and address."""
    chosen = select(User)
    if state is not None:
        chosen = chosen.where(User.state == state)
    if role:
        chosen = chosen.where(User.roles.contains([role]))
    for word in words.lower().split():
        in_name = func.lower(User.name).contains(word, autoescape=True)
        chosen = chosen.where(or_(in_name, User.email.contains(word, autoescape=True)))
    return chosen


def users(
    session: WorkSession, *, words: str = "", role: str = "", state: UserState | None = None, limit: int = 200
) -> Sequence[User]:
    """Users of the acting organization by name; the filters narrow as in `chosen_users`."""
    session.actor.organization()
    return session.scalars(chosen_users(words, role, state).order_by(User.name, User.id).limit(limit)).all()


def history(session: WorkSession, user_id: UUID) -> Sequence[UserChange]:
    """The moves of a user's state, newest first."""
    chosen = select(UserChange).where(UserChange.subject_id == user_id)
    return session.scalars(chosen.order_by(UserChange.id.desc())).all()


def users_with_role(session: WorkSession, role: str) -> Sequence[User]:
    """The active users of the acting organization who hold a role (for choosing an owner or a driver)."""
    chosen = select(User).where(User.state == UserState.ACTIVE, User.roles.contains([role]))
    return session.scalars(chosen.order_by(User.name, User.id)).all()


def invite(
    session: WorkSession,
    *,
    email: str,
    name: str,
    roles: Iterable[str],
    facility_ids: Iterable[UUID] = (),
    organization_id: UUID | None = None,
) -> User:
    """A new user and the mail with the link at which to choose a password.

    Administrators invite into their own organization, the platform's into any. Raises Conflict when the
    address signs in already, here or elsewhere.
    """
    session.actor.require(*ADMINISTRATORS)
    target = organization_id or session.actor.organization()
    if target == session.actor.organization_id:
        return _invite_here(session, email, name, roles, facility_ids)
    session.actor.require("platform_admin")
    with on_behalf(session, target):
        return _invite_here(session, email, name, roles, facility_ids)


def add_user(
    session: WorkSession,
    *,
    email: str,
    name: str,
    roles: Iterable[str],
    user_id: UUID | None = None,
    demo_user: bool = False,
) -> User:
    """A user of the acting organization in state invited, who cannot sign in yet.

    Raises Forbidden for a demo user in production and Conflict for an address that is taken.
    """
    session.actor.require(*ADMINISTRATORS)
    if demo_user and session.runtime.settings.is_production:
        raise Forbidden("There are no demo users in production.")
    organization = session.get_one(Organization, session.actor.organization())
    created = User(
        id=user_id or new_id(),
        organization_id=organization.id,
        email=fields.email_address("email", email),
        name=fields.line_of_text("name", name),
        roles=fields.roles_for("roles", organization.kind, roles),
        demo_user=demo_user,
    )
    digest = email_digest(session, created.email)
    if session.get(SignInName, digest) is not None:
        raise Conflict(
            "This address already belongs to an account.",
            remedy="Use another address, or reactivate the user.",
        )
    session.add(created)
    session.flush()
    session.add(SignInName(digest=digest, organization_id=organization.id, user_id=created.id))
    state.begin(session, created)
    session.flush()
    return created


def invite_again(session: WorkSession, user_id: UUID) -> User:
    """A fresh link for somebody who has not accepted yet; the old one no longer works."""
    session.actor.require(*ADMINISTRATORS)
    invited = _locked(session, user_id)
    if invited.state is not UserState.INVITED:
        raise Conflict(f"{invited.name} is {invited.state} already.", remedy="Let them reset the password.")
    links.send(session, invited, TokenPurpose.INVITATION)
    audit.record(session, "users:invite_again", "users", invited.id)
    return invited


def change_user(
    session: WorkSession,
    user_id: UUID,
    *,
    name: str,
    roles: Iterable[str],
    facility_ids: Iterable[UUID] = (),
    revision: int,
) -> User:
    """Change a user's name, roles and facilities; open sessions follow with their next request.

    Raises Conflict when nobody would be left to administer the organization.
    """
    session.actor.require(*ADMINISTRATORS)
    changed = _locked_beside_administrators(session, user_id)
    fields.require_revision(changed.revision, revision)
    organization = session.get_one(Organization, changed.organization_id)
    new_roles = fields.roles_for("roles", organization.kind, roles)
    if set(new_roles).isdisjoint(ADMINISTRATORS):
        _require_another_administrator(session, changed)
    before, changed.roles = changed.roles, new_roles
    changed.name = fields.line_of_text("name", name)
    changed.revision += 1
    set_facilities(session, changed, facility_ids)
    details = {"roles": new_roles, "roles_before": before}
    audit.record(session, "users:update", "users", changed.id, details)
    return changed


def deactivate(session: WorkSession, user_id: UUID, note: str = "") -> User:
    """Shut a user out: every session and token dies in this transaction, no link works any more.

    Raises Conflict for oneself and for the last administrator.
    """
    session.actor.require(*ADMINISTRATORS)
    left = _locked_beside_administrators(session, user_id)
    if left.id == session.actor.user_id:
        raise Conflict("You cannot deactivate yourself.", remedy="Ask another administrator.")
    _require_another_administrator(session, left)
    state.move(session, left, UserState.DEACTIVATED, note=fields.note("note", note))
    sessions.end_sessions(session, left.id, "deactivated")
    clients.revoke_tokens_of_user(session, left.id)
    links.spend_all(session, left.id)
    session.flush()
    return left


def reactivate(session: WorkSession, user_id: UUID) -> User:
    """Let a deactivated user back in through a new invitation; password and authenticator start afresh."""
    session.actor.require(*ADMINISTRATORS)
    back = _locked(session, user_id)
    state.move(session, back, UserState.INVITED)
    if session.get(UserSecret, back.id) is not None:
        second_factor.remove_second_factor(session, back.id)
        session.get_one(UserSecret, back.id).password_hash = ""
    links.send(session, back, TokenPurpose.INVITATION)
    return back


def reset_second_factor(session: WorkSession, user_id: UUID) -> User:
    """For a lost telephone: forgets the authenticator and ends the sessions; the next sign-in enrols anew."""
    session.actor.require(*ADMINISTRATORS)
    helped = _locked(session, user_id)
    second_factor.remove_second_factor(session, helped.id)
    sessions.end_sessions(session, helped.id, "second factor removed")
    return helped


def set_facilities(session: WorkSession, person: User, facility_ids: Iterable[UUID]) -> None:
    """Where the user works; none means everywhere in the organization."""
    wanted = set(facility_ids)
    own = select(Facility.id).where(
        Facility.organization_id == person.organization_id, Facility.id.in_(wanted)
    )
    if wanted and set(session.scalars(own)) != wanted:
        raise InvalidInput("facilities", "choose facilities of your own organization")
    session.execute(delete(UserFacility).where(UserFacility.user_id == person.id))
    session.add_all(
        UserFacility(user_id=person.id, facility_id=found, organization_id=person.organization_id)
        for found in sorted(wanted)
    )
    session.flush()


def facilities_of(session: WorkSession, user_id: UUID) -> list[UUID]:
    """The facilities named for a user; empty means everywhere."""
    return list(session.scalars(select(UserFacility.facility_id).where(UserFacility.user_id == user_id)))


def _invite_here(
    session: WorkSession, email: str, name: str, roles: Iterable[str], facility_ids: Iterable[UUID]
) -> User:
    invited = add_user(session, email=email, name=name, roles=roles)
    set_facilities(session, invited, facility_ids)
    links.send(session, invited, TokenPurpose.INVITATION)
    return invited


def _locked(session: WorkSession, user_id: UUID) -> User:
    chosen = select(User).where(User.id == user_id).with_for_update()
    found = session.scalars(chosen, execution_options={"populate_existing": True}).one_or_none()
    if found is None:
        raise NotFound
    return found


def _locked_beside_administrators(session: WorkSession, user_id: UUID) -> User:
    """The user and every active administrator, locked in one order, so that the second of two waits."""
    beside = select(User.id).where(or_(User.id == user_id, _is_administrator()))
    session.scalars(beside.order_by(User.id).with_for_update()).all()
    return _locked(session, user_id)


def _is_administrator() -> ColumnElement[bool]:
    return and_(
        User.state == UserState.ACTIVE, or_(*(User.roles.contains([role]) for role in ADMINISTRATORS))
    )


def _require_another_administrator(session: WorkSession, leaving: User) -> None:
    if set(leaving.roles).isdisjoint(ADMINISTRATORS) or leaving.state is not UserState.ACTIVE:
        return
    held = session.scalars(select(User.id).where(_is_administrator()).with_for_update()).all()
    if set(held) <= {leaving.id}:
        raise Conflict(
            f"{leaving.name} is the only administrator.", remedy="Make somebody else an administrator first."
        )
