"""Changes by hand: assign, swap, pin, let go. Each is checked at once, and saved with its certificate.

Locks are taken on the bookings of the vehicles concerned, in the order of their ids, before anything is
read; so a plan that is committed meanwhile is either seen whole, or refused by its own stale facts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from dispatch.board.events import PlanLoosened
from dispatch.board.models import HandChange
from dispatch.board.refusing import Refused
from dispatch.board.saving import Saving
from dispatch.board.surroundings import facts_of
from dispatch.board.trial import Wish, tried
from dispatch.board.words import HandKind
from dispatch.field.models import FieldService
from dispatch.field.words import FieldStatus
from dispatch.planning.committing import tell_lane
from dispatch.planning.jobs import certificate_key
from dispatch.planning.models import Assignment
from dispatch.planning.reading import day_bounds, home_region, travel_of
from dispatch.planning.work_reading import NOT_SET_OFF, TO_PLAN
from marketplace.bookings.models import Booking
from marketplace.foundation import audit
from marketplace.foundation.errors import Conflict, InvalidInput, NotFound
from marketplace.foundation.events import publish
from marketplace.foundation.work import WorkSession
from vendors.fleet.models import Shift
from vendors.fleet.service import shifts_between

OFFICE = ("dispatcher", "vendor_admin")
"""Who works with the board."""


class ChangeRefused(Conflict):
    """The check found a rule that the change would break; nothing was changed. The code names the rule."""

    title = "The plan does not allow that"

    def __init__(self, refused: Refused) -> None:
        super().__init__(
            f"{refused.words.name}: {refused.sentence}",
            remedy=refused.words.remedy,
            code=f"rule-{refused.rule.replace('_', '-')}",
        )
        self.refused = refused


@dataclass(frozen=True, slots=True)
class _Concerned:
    """The locked work of the vehicles that a change is about."""

    day: date
    zone: ZoneInfo
    bookings: dict[UUID, Booking]
    rows: dict[UUID, Assignment]
    shifts: dict[UUID, Shift]


def assign(session: WorkSession, booking_id: UUID, shift_id: UUID) -> HandChange:
    """Put accepted work on a vehicle's day and keep it there, whatever it takes from the others' times.

    Promises are kept or the change is refused (ChangeRefused names the rule); work whose crew has set off
    stays where it is (Conflict); foreign work and foreign shifts are NotFound.
    """
    booking = _own_work(session, booking_id)
    found = _concerned(session, booking, {booking_id}, {shift_id})
    if shift_id not in found.shifts:
        raise NotFound
    row = found.rows.get(booking_id)
    if row is not None and row.shift_id == shift_id:
        raise InvalidInput("shift_id", "it is on this vehicle already: choose another, or pin it")
    return _changed(session, HandKind.ASSIGN, booking, None, found, {booking_id: shift_id})


def swap(session: WorkSession, booking_id: UUID, other_booking_id: UUID) -> HandChange:
    """Exchange two services between their vehicles; refused as a whole when either does not fit."""
    booking, other = _own_work(session, booking_id), _own_work(session, other_booking_id)
    found = _concerned(session, booking, {booking_id, other_booking_id}, set())
    first, second = found.rows.get(booking_id), found.rows.get(other_booking_id)
    if first is None or second is None:
        raise InvalidInput("other_booking_id", "both must be on a vehicle: assign the one that is not")
    if first.shift_id == second.shift_id:
        raise InvalidInput("other_booking_id", "choose one on another vehicle: these two share theirs")
    moves = {booking_id: second.shift_id, other_booking_id: first.shift_id}
    return _changed(session, HandKind.SWAP, booking, other, found, moves)


def pin(session: WorkSession, booking_id: UUID) -> HandChange:
    """Keep a service on the vehicle that it is on; plans to come choose its time only."""
    booking = _own_work(session, booking_id)
    found = _concerned(session, booking, {booking_id}, set())
    if booking_id not in found.rows:
        raise Conflict("This is on no vehicle yet.", remedy="Assign it to one; that keeps it there too.")
    return _changed(session, HandKind.PIN, booking, None, found, {})


def unpin(session: WorkSession, booking_id: UUID) -> HandChange:
    """Let the plan choose the vehicle again; the day is planned anew."""
    booking = _own_work(session, booking_id)
    found = _concerned(session, booking, {booking_id}, set())
    row = found.rows.get(booking_id)
    if row is None or not row.pinned:
        raise Conflict("This is not pinned.", remedy="Reload the board.")
    booking = found.bookings[booking_id]
    row.pinned, row.revision, booking.revision = False, row.revision + 1, booking.revision + 1
    change = _note(session, HandKind.UNPIN, booking_id, None, row.vehicle_id, row.vehicle_id)
    session.add(change)
    publish(session, PlanLoosened(booking_id, booking.revision))
    tell_lane(session, row.vendor_organization_id, row.vehicle_id)
    return change


def _own_work(session: WorkSession, booking_id: UUID) -> Booking:
    session.actor.require(*OFFICE)
    booking = session.get(Booking, booking_id)
    if booking is None or booking.vendor_organization_id != session.actor.organization():
        raise NotFound
    return booking


def _concerned(
    session: WorkSession, booking: Booking, booking_ids: set[UUID], shift_ids: set[UUID]
) -> _Concerned:
    region = home_region(session, session.actor.organization())
    if booking.promised_start is None or region is None:
        raise Conflict("This work has no promised time and cannot be planned.")
    zone = region[1]
    day = booking.promised_start.astimezone(zone).date()
    shifts = {one.id: one for one in shifts_between(session, *day_bounds(day, zone))}
    for _ in range(3):
        ids = _sharing(session, booking_ids, shift_ids)
        bookings = _locked(session, ids | booking_ids)
        rows = _rows(session, bookings)
        if _sharing(session, booking_ids, shift_ids) <= set(bookings):
            break
    else:
        raise Conflict("The plan keeps changing.", remedy="Try again in a moment.")
    _require_free(session, bookings, booking_ids)
    return _Concerned(day, zone, bookings, rows, shifts)


def _sharing(session: WorkSession, booking_ids: Collection[UUID], shift_ids: Collection[UUID]) -> set[UUID]:
    """Everything on the shifts that these services are on, or that are named."""
    theirs = select(Assignment.shift_id).where(Assignment.booking_id.in_(booking_ids))
    among = or_(Assignment.shift_id.in_(theirs), Assignment.shift_id.in_(shift_ids))
    return set(session.scalars(select(Assignment.booking_id).where(among)))


def _locked(session: WorkSession, ids: Collection[UUID]) -> dict[UUID, Booking]:
    rows = session.scalars(
        select(Booking)
        .where(Booking.id.in_(ids), Booking.vendor_organization_id == session.actor.organization())
        .order_by(Booking.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in rows}


def _rows(session: WorkSession, bookings: Mapping[UUID, Booking]) -> dict[UUID, Assignment]:
    query = select(Assignment).where(Assignment.booking_id.in_(bookings))
    found = session.scalars(query.execution_options(populate_existing=True))
    return {row.booking_id: row for row in found}


def _require_free(session: WorkSession, bookings: dict[UUID, Booking], wanted: set[UUID]) -> None:
    """What a crew has set off to do is not moved; it leaves the set, unless it is what was asked for."""
    moving = set(
        session.scalars(
            select(FieldService.booking_id).where(
                FieldService.booking_id.in_(bookings),
                FieldService.status.not_in([*NOT_SET_OFF, FieldStatus.WITHDRAWN]),
            )
        )
    )
    for booking_id in list(bookings):
        fixed = booking_id in moving or bookings[booking_id].state not in TO_PLAN
        if fixed and booking_id in wanted:
            raise Conflict(
                "A crew has begun this, or it is no longer accepted work.",
                remedy="What is under way stays on its vehicle.",
            )
        if fixed:
            del bookings[booking_id]


def _changed(
    session: WorkSession,
    kind: HandKind,
    booking: Booking,
    other: Booking | None,
    found: _Concerned,
    moves: dict[UUID, UUID],
) -> HandChange:
    row = found.rows.get(booking.id)
    shift_ids = {one.shift_id for key, one in found.rows.items() if key in found.bookings} | set(
        moves.values()
    )
    facts = facts_of(session, list(found.bookings.values()), shift_ids, found.day, found.zone)
    names = {str(shift.id): shift.vehicle.name for shift in found.shifts.values()}
    if unknown := [one for one in moves.values() if str(one) not in {day.id for day in facts.vehicle_days}]:
        raise Conflict(f"{names.get(str(unknown[0]), 'This vehicle')} is out of service that day.")
    wish = Wish(facts=facts, moves={key: str(shift) for key, shift in moves.items()}, names=names)
    travel = travel_of(found.zone, session.runtime.settings)
    verdict = tried(
        wish,
        lambda places: travel.matrix(places, max(facts.frozen_until, facts.day_start)),
        certificate_key(session.runtime.settings),
    )
    if isinstance(verdict, Refused):
        raise ChangeRefused(verdict)
    saving = Saving(session, found.day, found.rows, {booking.id, other.id} if other else {booking.id})
    moved = saving.save(verdict)
    now_on = next(one for one in verdict.planned if one.work.booking_id == booking.id).vehicle_day.vehicle_id
    change = _note(
        session, kind, booking.id, other.id if other else None, now_on, row.vehicle_id if row else None
    )
    change.problem_digest = verdict.certificate.problem_digest
    change.certificate, change.moved = saving.sealed(verdict), moved
    session.add(change)
    session.flush()
    return change


def _note(
    session: WorkSession,
    kind: HandKind,
    booking_id: UUID,
    other_booking_id: UUID | None,
    vehicle_id: UUID,
    previous_vehicle_id: UUID | None,
) -> HandChange:
    change = HandChange(
        vendor_organization_id=session.actor.organization(),
        kind=kind,
        booking_id=booking_id,
        other_booking_id=other_booking_id,
        vehicle_id=vehicle_id,
        previous_vehicle_id=previous_vehicle_id,
        certificate={},
        moved=[],
        made_by_user_id=session.actor.user_id,
        made_at=session.now(),
    )
    details = {"vehicle": str(vehicle_id), "before": str(previous_vehicle_id)}
    audit.record(session, f"assignments:{kind}", "bookings", booking_id, details)
    return change
