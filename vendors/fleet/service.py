"""Who drives which vehicle when: shifts with breaks, blocked times, and what planning reads of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from marketplace.foundation import audit
from marketplace.foundation.announce import announce
from marketplace.foundation.errors import FieldError, InvalidInput, NotFound
from marketplace.foundation.work import WorkSession
from vendors.fleet.inventory import OFFICE, own_vehicle, refusing_doubles, tell_planners
from vendors.fleet.models import BlockedTime, CrewMember, Shift, ShiftCrew, Vehicle

LONGEST_SHIFT = timedelta(hours=16)


@dataclass(frozen=True, slots=True)
class Break:
    """A rest of `minutes` that begins between `earliest_at` and `latest_at`."""

    minutes: int
    earliest_at: datetime
    latest_at: datetime


def add_shift(
    session: WorkSession,
    vehicle_id: UUID,
    crew_member_ids: Sequence[UUID],
    starts_at: datetime,
    ends_at: datetime,
    rest: Break | None = None,
) -> Shift:
    """A vehicle at work with its crew, the driver first.

    Raises InvalidInput for times that make no sense, Conflict when the vehicle or one of the crew already
    works then.
    """
    session.actor.require(*OFFICE)
    _check(crew_member_ids, starts_at, ends_at, rest)
    vehicle = own_vehicle(session, vehicle_id)
    _require_own_crew(session, crew_member_ids)
    shift = Shift(
        vendor_organization_id=vehicle.vendor_organization_id,
        vehicle_id=vehicle.id,
        starts_at=starts_at,
        ends_at=ends_at,
        break_minutes=rest.minutes if rest else 0,
        break_earliest_at=rest.earliest_at if rest else None,
        break_latest_at=rest.latest_at if rest else None,
    )
    shift.crew = [_seat(shift, member, position) for position, member in enumerate(crew_member_ids)]
    sentence = f"{vehicle.name}, or somebody of the crew, already works in that time."
    with refusing_doubles(session, sentence):
        session.add(shift)
    _changed(session, "shifts:create", shift)
    return shift


def cancel_shift(session: WorkSession, shift_id: UUID) -> Shift:
    """The vehicle stays at home after all; cancelling again changes nothing."""
    session.actor.require(*OFFICE)
    shift = session.scalars(
        select(Shift)
        .where(Shift.id == shift_id, Shift.vendor_organization_id == session.actor.organization())
        .with_for_update()
    ).one_or_none()
    if shift is None:
        raise NotFound
    if shift.cancelled_at is None:
        shift.cancelled_at = session.now()
        shift.revision += 1
        shift.crew = []
        session.flush()
        _changed(session, "shifts:cancel", shift)
    return shift


def shifts_between(
    session: WorkSession, start: datetime, end: datetime, vendor_ids: Sequence[UUID] | None = None
) -> list[Shift]:
    """Shifts that touch [start, end), with vehicle, depot and crew loaded: four queries however many.

    Sees what the actor may see: a vendor its own, the planner role all of them (or those of `vendor_ids`).
    """
    query = (
        select(Shift)
        .join(Shift.vehicle)
        .where(
            Shift.starts_at < end,
            Shift.starts_at > start - LONGEST_SHIFT,
            Shift.ends_at > start,
            Shift.cancelled_at.is_(None),
            Vehicle.in_service,
        )
        .options(
            joinedload(Shift.vehicle).joinedload(Vehicle.depot),
            joinedload(Shift.crew).joinedload(ShiftCrew.crew_member),
        )
        .order_by(Shift.starts_at, Shift.id)
    )
    if vendor_ids is not None:
        query = query.where(Shift.vendor_organization_id.in_(vendor_ids))
    return list(session.scalars(query).unique())


def block(
    session: WorkSession,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    *,
    vehicle_id: UUID | None = None,
    crew_member_id: UUID | None = None,
) -> BlockedTime:
    """Keep one vehicle or one crew member for the vendor's own work or repair."""
    session.actor.require(*OFFICE)
    if ends_at <= starts_at:
        raise InvalidInput("ends_at", "it must be after the start")
    if (vehicle_id is None) == (crew_member_id is None):
        raise InvalidInput("vehicle_id", "name a vehicle or a crew member, not both")
    if vehicle_id is not None:
        own_vehicle(session, vehicle_id)
    else:
        _require_own_crew(session, [crew_member_id] if crew_member_id else [])
    blocked = BlockedTime(
        vendor_organization_id=session.actor.organization(),
        vehicle_id=vehicle_id,
        crew_member_id=crew_member_id,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason,
    )
    session.add(blocked)
    session.flush()
    tell_planners(session, starts_at, ends_at)
    audit.record(session, "blocked_times:create", "blocked_times", blocked.id)
    announce(session, [blocked.vendor_organization_id], "fleet", blocked.id, 1)
    if vehicle_id is not None:
        announce(session, [blocked.vendor_organization_id], "lane", vehicle_id, 1)
    return blocked


def unblock(session: WorkSession, blocked_time_id: UUID) -> None:
    """Give a blocked time free again."""
    session.actor.require(*OFFICE)
    blocked = session.get(BlockedTime, blocked_time_id)
    if blocked is None or blocked.vendor_organization_id != session.actor.organization():
        raise NotFound
    session.delete(blocked)
    tell_planners(session, blocked.starts_at, blocked.ends_at)
    announce(session, [blocked.vendor_organization_id], "fleet", blocked.id, 1)
    audit.record(session, "blocked_times:delete", "blocked_times", blocked.id)


def blocked_between(session: WorkSession, start: datetime, end: datetime) -> list[BlockedTime]:
    """Blocked times that touch [start, end), as far as the actor may see."""
    return list(
        session.scalars(
            select(BlockedTime)
            .where(BlockedTime.starts_at < end, BlockedTime.ends_at > start)
            .order_by(BlockedTime.starts_at)
        )
    )


def _seat(shift: Shift, crew_member_id: UUID, position: int) -> ShiftCrew:
    return ShiftCrew(
        crew_member_id=crew_member_id,
        vendor_organization_id=shift.vendor_organization_id,
        position=position,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
    )


def _require_own_crew(session: WorkSession, crew_member_ids: Sequence[UUID]) -> None:
    known = set(
        session.scalars(
            select(CrewMember.id).where(
                CrewMember.id.in_(crew_member_ids),
                CrewMember.vendor_organization_id == session.actor.organization(),
                CrewMember.in_service,
            )
        )
    )
    if known != set(crew_member_ids):
        raise InvalidInput("crew_member_ids", "choose people of your own crew who are in service")


def _check(
    crew_member_ids: Sequence[UUID], starts_at: datetime, ends_at: datetime, rest: Break | None
) -> None:
    errors = []
    if not crew_member_ids or len(set(crew_member_ids)) != len(crew_member_ids):
        errors.append(FieldError("crew_member_ids", "name one to four different people, the driver first"))
    if not starts_at < ends_at <= starts_at + LONGEST_SHIFT:
        errors.append(FieldError("ends_at", "a shift ends after it starts and lasts at most 16 hours"))
    if rest is not None:
        inside = starts_at <= rest.earliest_at <= rest.latest_at
        if not inside or rest.latest_at + timedelta(minutes=rest.minutes) > ends_at:
            errors.append(FieldError("break_earliest_at", "the break must lie inside the shift"))
    if errors:
        raise InvalidInput(errors)


def _changed(session: WorkSession, action: str, shift: Shift) -> None:
    audit.record(session, action, "shifts", shift.id)
    tell_planners(session, shift.starts_at, shift.ends_at)
    announce(session, [shift.vendor_organization_id], "shift", shift.id, shift.revision)
