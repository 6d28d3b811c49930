"""What pages read of offers and awards: lists that start from the acting organization's own rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, bindparam, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by

from marketplace.foundation.errors import NotFound
from marketplace.foundation.work import WorkSession
from vendors.fleet.models import CrewMember, Shift, ShiftCrew, Vehicle
from vendors.offers.models import Award, AwardAmendment, Offer
from vendors.offers.service import LIVE, OFFICE
from vendors.offers.words import AmendmentState, OfferState

Place = tuple[datetime, UUID]
"""Where a page of the schedule ended."""


@dataclass(frozen=True, slots=True)
class Question:
    """An amendment that waits for an answer, with its award."""

    amendment: AwardAmendment
    award: Award


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """Accepted work, with the vehicle that is planned for it and who is on board then."""

    award: Award
    vehicle_name: str
    crew: str = ""


OPEN_OFFERS = select(Offer).where(
    Offer.vendor_organization_id == bindparam("vendor"), Offer.state == OfferState.OPEN
)
"""The open offers of `vendor`, to be sorted and paged by the caller."""
_QUESTIONS = (
    select(AwardAmendment, Award)
    .join(Award, Award.id == AwardAmendment.award_id)
    .where(
        AwardAmendment.vendor_organization_id == bindparam("vendor"),
        AwardAmendment.state == AmendmentState.PROPOSED,
    )
    .order_by(AwardAmendment.respond_by, AwardAmendment.id)
    .limit(bindparam("most"))
)
# built once: each look into an inbox asks both


def questions(session: WorkSession, limit: int = 50) -> list[Question]:
    """The acting vendor's amendments that wait for an answer, the most urgent first."""
    session.actor.require(*OFFICE)
    rows = session.execute(_QUESTIONS, {"vendor": session.actor.organization(), "most": limit})
    return [Question(row[0], row[1]) for row in rows]


def answered_offers(session: WorkSession, limit: int = 20) -> Sequence[Offer]:
    """The acting vendor's latest offers that are no longer open, newest first."""
    session.actor.require(*OFFICE)
    return session.scalars(
        select(Offer)
        .where(
            Offer.vendor_organization_id == session.actor.organization(),
            Offer.state != OfferState.OPEN,
        )
        .order_by(Offer.id.desc())
        .limit(limit)
    ).all()


def bounds_of(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first moment of a local day and of the next one."""
    start = datetime.combine(day, time(), zone)
    return start, datetime.combine(day + timedelta(days=1), time(), zone)


def schedule_of(
    session: WorkSession, day: date, zone: ZoneInfo, *, after: Place | None = None, limit: int | None = None
) -> list[ScheduleRow]:
    """The acting vendor's accepted work of a local day, in the order of its times; all of it unless limited.

    `after` goes on behind a row: its promised start and the award's id.
    """
    session.actor.require(*OFFICE)
    start, end = bounds_of(day, zone)
    query = _with_vehicle()
    if after is not None:
        query = query.where(tuple_(Award.promised_start, Award.id) > after)
    rows = session.execute(
        query.where(
            Award.vendor_organization_id == session.actor.organization(),
            Award.state.in_(LIVE),
            Award.promised_start >= start,
            Award.promised_start < end,
        )
        .order_by(Award.promised_start, Award.id)
        .limit(limit)
    )
    return [ScheduleRow(row[0], row[1] or "", row[2] or "") for row in rows]


def schedule_row(session: WorkSession, award_id: UUID) -> ScheduleRow:
    """One row of the schedule again; NotFound for foreign and missing ones."""
    session.actor.require(*OFFICE)
    mine = (Award.id == award_id) & (Award.vendor_organization_id == session.actor.organization())
    row = session.execute(_with_vehicle().where(mine)).one_or_none()
    if row is None:
        raise NotFound
    return ScheduleRow(row[0], row[1] or "", row[2] or "")


def _with_vehicle() -> Select[Award, str | None, str | None]:
    """Awards with the name of their vehicle and of the crew whose shift the planned time falls into."""
    crew = (
        select(func.string_agg(CrewMember.name, aggregate_order_by(literal(", "), ShiftCrew.position)))
        .select_from(Shift)
        .join(ShiftCrew, ShiftCrew.shift_id == Shift.id)
        .join(CrewMember, CrewMember.id == ShiftCrew.crew_member_id)
        .where(Shift.vehicle_id == Award.vehicle_id, Shift.cancelled_at.is_(None))
        .where(Shift.starts_at <= Award.planned_at, Shift.ends_at > Award.planned_at)
        .scalar_subquery()
    )
    return select(Award, Vehicle.name, crew).outerjoin(Vehicle, Vehicle.id == Award.vehicle_id)


def offers_of_booking(session: WorkSession, booking_id: UUID) -> Sequence[Offer]:
    """Every offer of a booking that the actor may see, newest first."""
    return session.scalars(
        select(Offer).where(Offer.booking_id == booking_id).order_by(Offer.id.desc())
    ).all()
