"""The vehicles of a region's day as the planner reads them: shifts, crews, papers, blocked times, stock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from dispatch.planning.air import mode_of_vehicle
from dispatch.planning.demands import spans_of
from dispatch.planning.facts import OVERTIME, VehicleDay
from marketplace.foundation.geography import Position
from marketplace.foundation.work import WorkSession
from vendors.credentials.models import Credential
from vendors.credentials.words import HeldCredential, SubjectKind
from vendors.fleet.models import BlockedTime, CrewMember, Shift, StockItem, Vehicle

_Papers = dict[tuple[SubjectKind, UUID], list[HeldCredential]]


def vehicle_days(
    session: WorkSession, vendor_ids: Collection[UUID], start: datetime, end: datetime
) -> list[VehicleDay]:
    """Every shift of these vendors that touches [start, end), ordered by vendor and vehicle."""
    shifts = session.scalars(
        select(Shift)
        .where(Shift.vendor_organization_id.in_(vendor_ids), Shift.cancelled_at.is_(None))
        .where(Shift.starts_at < end + OVERTIME, Shift.ends_at > start)
        .options(joinedload(Shift.vehicle).joinedload(Vehicle.depot))
        .order_by(Shift.vendor_organization_id, Shift.starts_at, Shift.id)
    ).all()
    crew_ids = {seat.crew_member_id for shift in shifts for seat in shift.crew}
    people = {one.id: one for one in session.scalars(select(CrewMember).where(CrewMember.id.in_(crew_ids)))}
    papers = _papers(session, {shift.vehicle_id for shift in shifts} | crew_ids)
    blocked = _blocked(session, vendor_ids, start, end)
    return [
        replace(
            _vehicle_day(shift, [people[seat] for seat in shift.crew_member_ids], papers, blocked),
            overtime=_overtime(shift, shifts),
        )
        for shift in shifts
        if shift.vehicle.in_service and shift.starts_at < end
    ]


def _overtime(shift: Shift, shifts: Sequence[Shift]) -> timedelta:
    """Until when the crew may keep the vehicle: the next one waits for it."""
    later = [one.starts_at for one in shifts if one.vehicle_id == shift.vehicle_id]
    return min([OVERTIME, *(begin - shift.ends_at for begin in later if begin >= shift.ends_at)])


def stock_of(session: WorkSession, vendor_ids: Collection[UUID]) -> dict[str, dict[str, int]]:
    """Pieces by item code for each depot."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for item in session.scalars(select(StockItem).where(StockItem.vendor_organization_id.in_(vendor_ids))):
        found[str(item.depot_id)][item.hcpcs_code] = item.quantity
    return dict(found)


def _vehicle_day(
    shift: Shift,
    crew: Sequence[CrewMember],
    papers: _Papers,
    blocked: dict[UUID, list[tuple[datetime, datetime]]],
) -> VehicleDay:
    vehicle = shift.vehicle
    home = Position(vehicle.depot.latitude, vehicle.depot.longitude)
    skills = {f"level:{level}" for level in vehicle.levels}
    skills |= {f"feature:{feature}" for feature in vehicle.features}
    skills |= {f"crew:{skill}" for member in crew for skill in member.skills}
    if len(crew) > 1:
        skills.add("crew_of_two")
    own_blocks = blocked.get(vehicle.id, []) + [
        span for member in crew for span in blocked.get(member.id, [])
    ]
    return VehicleDay(
        id=str(shift.id),
        vehicle_id=vehicle.id,
        shift_id=shift.id,
        vendor_organization_id=shift.vendor_organization_id,
        driver_user_id=crew[0].user_id if crew else None,
        start=home,
        home=home,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        configurations=tuple(
            (way.ambulatory, way.wheelchair, way.stretcher, way.cargo_liters) for way in vehicle.ways()
        ),
        depot_id=str(vehicle.depot_id),
        mode=mode_of_vehicle(vehicle.levels),
        breaks=_breaks(shift),
        blocked=tuple(sorted(own_blocks)),
        skills=frozenset(skills),
        credentials=spans_of(
            papers.get((SubjectKind.VEHICLE, vehicle.id), []),
            {member.id: papers.get((SubjectKind.CREW_MEMBER, member.id), []) for member in crew},
        ),
    )


def _breaks(shift: Shift) -> tuple[tuple[datetime, datetime, int], ...]:
    if not shift.break_minutes or shift.break_earliest_at is None or shift.break_latest_at is None:
        return ()
    return ((shift.break_earliest_at, shift.break_latest_at, shift.break_minutes * 60),)


def _papers(session: WorkSession, subject_ids: Collection[UUID]) -> _Papers:
    found: _Papers = defaultdict(list)
    for paper in session.scalars(select(Credential).where(Credential.subject_id.in_(subject_ids))):
        found[paper.subject_kind, paper.subject_id].append(paper.held())
    return found


def _blocked(
    session: WorkSession, vendor_ids: Collection[UUID], start: datetime, end: datetime
) -> dict[UUID, list[tuple[datetime, datetime]]]:
    found: dict[UUID, list[tuple[datetime, datetime]]] = defaultdict(list)
    rows = session.scalars(
        select(BlockedTime).where(
            BlockedTime.vendor_organization_id.in_(vendor_ids),
            BlockedTime.starts_at < end,
            BlockedTime.ends_at > start,
        )
    )
    for row in rows:
        subject = row.vehicle_id or row.crew_member_id
        if subject is not None:
            found[subject].append((row.starts_at, row.ends_at))
    return found
