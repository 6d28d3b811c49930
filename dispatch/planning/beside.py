"""Places on a plan's vehicles that are not its own: begun work, another shift's, another day's, what is gone.

The check knows one shift of one day; the database knows the vehicle. What the plan does not place itself but
finds on its vehicles is time in which they are taken. What nobody does any more is given free as the plan is
committed: the news of it may still be on its way to its handler.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select

from dispatch.field.models import FieldService
from dispatch.field.words import FieldStatus
from dispatch.planning.facts import OVERTIME, DayFacts, VehicleDay
from dispatch.planning.models import Assignment, Plan
from dispatch.planning.work_reading import NOT_SET_OFF, TO_PLAN
from marketplace.bookings.models import Booking
from marketplace.bookings.words import AWARDED
from marketplace.foundation.work import WorkSession

Span = tuple[datetime, datetime]


def taken_beside(
    session: WorkSession,
    days: Sequence[VehicleDay],
    booking_ids: Collection[UUID],
    *,
    even_gone: bool = False,
) -> list[VehicleDay]:
    """The days with blocked time where their vehicles work for something that is not among these bookings.

    Work that is over before a day's vehicle is free blocks nothing; nor does what nobody does any more,
    unless `even_gone`: for those who may not give it free.
    """
    if not days:
        return []
    first, last = min(day.starts_at for day in days), max(day.ends_at for day in days) + OVERTIME
    mine = (
        select(Assignment.vehicle_id, Assignment.starts_at, Assignment.ends_at)
        .where(Assignment.vehicle_id.in_([day.vehicle_id for day in days]))
        .where(Assignment.booking_id.not_in(booking_ids))
        .where(Assignment.ends_at > first, Assignment.starts_at < last)
    )
    held = mine.join(Booking, Booking.id == Assignment.booking_id).where(~_gone())
    rows = session.execute(mine if even_gone else held).all()
    return [_with_blocks(day, [(row[1], row[2]) for row in rows if row[0] == day.vehicle_id]) for day in days]


def give_free(session: WorkSession, plan: Plan, facts: DayFacts) -> None:
    """Take off the plan's vehicles what is gone, and off the plan what is promised for another day by now."""
    ends = facts.day_start + timedelta(days=1)
    vehicles = [day.vehicle_id for day in facts.vehicle_days]
    moved = and_(
        Assignment.plan_id == plan.id,
        Booking.state.in_(TO_PLAN),
        Booking.service_status.is_(None),
        or_(Booking.promised_start < facts.day_start, Booking.promised_start >= ends),
    )
    here = or_(Assignment.plan_id == plan.id, Assignment.vehicle_id.in_(vehicles))
    stale = (
        select(Assignment.id)
        .join(Booking, Booking.id == Assignment.booking_id)
        .where(Assignment.booking_id.not_in([work.booking_id for work in facts.works]))
        .where(or_(and_(here, _gone()), moved))
    )
    session.execute(
        delete(Assignment).where(Assignment.id.in_(stale)).execution_options(synchronize_session=False)
    )


def merged(spans: Sequence[Span]) -> tuple[Span, ...]:
    """The same time as spans of which no two overlap or touch, in order."""
    found: list[Span] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return tuple(found)


def _gone() -> ColumnElement[bool]:
    """Whether nobody does this work any more, or never will: it lost its award, is held, or has ended.

    What a crew had set off for under this award stays: the vehicle was there.
    """
    begun = exists().where(
        FieldService.booking_id == Assignment.booking_id,
        FieldService.award_id == Assignment.award_id,
        FieldService.status.not_in([*NOT_SET_OFF, FieldStatus.WITHDRAWN]),
    )
    lost = Booking.award_id.is_distinct_from(Assignment.award_id)
    ended = Booking.state.not_in(AWARDED)
    return and_(or_(lost, ended), ~begun)


def _with_blocks(day: VehicleDay, spans: Sequence[Span]) -> VehicleDay:
    own = [(begin, end) for begin, end in spans if end > day.starts_at]
    return replace(day, blocked=merged([*day.blocked, *own])) if own else day
