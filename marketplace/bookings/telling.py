"""Telling the sides of a booking what happened, seeing who knows, and saying "understood"."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import Select, or_, select, update

from marketplace.bookings.behalf import requester_acts
from marketplace.bookings.models import Booking
from marketplace.bookings.telling_models import Audience, Telling, TellingSubject
from marketplace.foundation import audit
from marketplace.foundation.announce import announce
from marketplace.foundation.errors import NotFound
from marketplace.foundation.ids import new_id
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Organization

AUDIENCE_ROLES: dict[Audience, tuple[str, ...]] = {
    Audience.PLANNER: ("planner",),
    Audience.OFFICE: ("vendor_admin", "dispatcher"),
    Audience.CREW: ("driver", "technician", "clinician", "vendor_admin", "dispatcher"),
}
"""Who sees, and may acknowledge, what is told to an audience."""
_MOST_SHOWN = 60
TOLD = frozenset(role for roles in AUDIENCE_ROLES.values() for role in roles)
"""Everybody who may be told something."""


def tell(
    session: WorkSession,
    booking: Booking,
    organization_id: UUID,
    audience: Audience,
    subject: TellingSubject,
    text: str,
    *,
    remedy: str = "",
    urgent: bool = False,
    user_id: UUID | None = None,
) -> UUID:
    """Tell one side of a booking something, in place of what it was told on the subject and did not answer.

    `text` and `remedy` name no patient: who reads them may have lost the right to know.
    """
    telling = Telling(
        id=new_id(),
        booking_id=booking.id,
        requester_organization_id=booking.organization_id,
        organization_id=organization_id,
        user_id=user_id,
        audience=audience,
        subject=subject,
        reference=booking.reference,
        text=text,
        remedy=remedy,
        urgent=urgent,
        told_at=session.now(),
    )
    older = (
        update(Telling)
        .where(
            Telling.booking_id == booking.id,
            Telling.organization_id == organization_id,
            Telling.audience == audience,
            Telling.subject == subject,
            Telling.acknowledged_at.is_(None),
            Telling.superseded_at.is_(None),
        )
        .values(superseded_at=session.now())
    )
    if session.role == "web":
        with requester_acts(session, booking):
            session.execute(older)
            session.add(telling)
            session.flush()
    else:
        session.execute(older)
        session.add(telling)
    announce(session, [organization_id, booking.organization_id], "telling", telling.id)
    return telling.id


def tell_planner(
    session: WorkSession,
    booking: Booking,
    subject: TellingSubject,
    text: str,
    *,
    remedy: str = "",
    urgent: bool = False,
) -> None:
    """Tell the health system that asked for the booking."""
    tell(
        session,
        booking,
        booking.organization_id,
        Audience.PLANNER,
        subject,
        text,
        remedy=remedy,
        urgent=urgent,
    )


def open_tellings(session: WorkSession, limit: int = 100) -> Sequence[Telling]:
    """What the acting person was told and nobody has acknowledged: urgent first, then the oldest."""
    wanted = _mine(session).where(Telling.acknowledged_at.is_(None), Telling.superseded_at.is_(None))
    return session.scalars(wanted.order_by(Telling.urgent.desc(), Telling.told_at).limit(limit)).all()


def tellings_of(session: WorkSession, booking_ids: Collection[UUID]) -> list[tuple[Telling, str]]:
    """Who was told what of these bookings, newest first, each with the name of who was told.

    Everybody's for the requester, else one's own.
    """
    if not booking_ids:
        return []
    wanted = (
        select(Telling, Organization.name)
        .join(Organization, Organization.id == Telling.organization_id)
        .where(Telling.booking_id.in_(booking_ids), Telling.superseded_at.is_(None))
    )
    newest = wanted.order_by(Telling.told_at.desc(), Telling.id.desc()).limit(_MOST_SHOWN)
    return [(row[0], row[1]) for row in session.execute(newest)]


def tellings_to_me(session: WorkSession, booking_id: UUID) -> Sequence[Telling]:
    """What the acting person was told of one booking and has not acknowledged, the oldest first."""
    return [told for told in open_tellings(session) if told.booking_id == booking_id]


def acknowledge(session: WorkSession, telling_id: UUID) -> Telling:
    """Say "understood" for one's side; again changes nothing. NotFound for somebody else's."""
    found = session.scalars(_mine(session).where(Telling.id == telling_id).with_for_update()).one_or_none()
    if found is None:
        raise NotFound
    if found.acknowledged_at is None:
        found.acknowledged_at = session.now()
        found.acknowledged_by_user_id = session.actor.user_id
        found.acknowledged_by = session.actor.name
        audit.record(session, "tellings:acknowledge", "booking_tellings", found.id)
        who = [found.organization_id, found.requester_organization_id]
        announce(session, who, "telling", found.id)
    return found


def _mine(session: WorkSession) -> Select[Telling]:
    session.actor.require(*sorted(TOLD))
    audiences = [audience for audience, roles in AUDIENCE_ROLES.items() if session.actor.has(*roles)]
    mine = select(Telling).where(
        Telling.organization_id == session.actor.organization(), Telling.audience.in_(audiences)
    )
    if session.actor.has(*AUDIENCE_ROLES[Audience.OFFICE], *AUDIENCE_ROLES[Audience.PLANNER]):
        return mine
    return mine.where(or_(Telling.user_id.is_(None), Telling.user_id == session.actor.user_id))
