"""The awarded work of a region's day as the planner reads it, with what must precede what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from dispatch.field.models import FieldService
from dispatch.field.words import FieldStatus
from dispatch.planning.air import mode_of
from dispatch.planning.demands import (
    cargo_liters,
    longest_ride_seconds,
    needed_credentials,
    ride_load,
    ride_skills,
    setup_skills,
    visit_skills,
)
from dispatch.planning.facts import AwardedWork, Order, Standing
from dispatch.planning.models import Assignment
from marketplace.bookings.flexible import narrowed
from marketplace.bookings.flying import FLIGHTS
from marketplace.bookings.models import Booking, BookingItem, BookingLink
from marketplace.bookings.trip_delays import expected_finish
from marketplace.bookings.words import (
    AWARDED,
    CALLED_OFF,
    BookingKind,
    BookingState,
    LinkAnchor,
    ServiceStatus,
)
from marketplace.careplans.words import Hardness
from marketplace.foundation.geography import Position, TravelModel
from marketplace.foundation.work import WorkSession
from marketplace.patients.words import Needs

TO_PLAN = (BookingState.ACCEPTED, BookingState.SCHEDULED)
NOT_SET_OFF = frozenset({FieldStatus.ASSIGNED, FieldStatus.LOADED})
IN_THE_HOME = frozenset({ServiceStatus.ACCEPTED_BY_RECEIVER, ServiceStatus.COMPLETED})


def bookings_to_plan(
    session: WorkSession, vendor_ids: Collection[UUID], start: datetime, end: datetime
) -> list[Booking]:
    """Accepted work of these vendors promised in [start, end) whose crew has not set off, by id.

    Flexible rides only once somebody has said that the patient is ready.
    """
    moving = select(FieldService.booking_id).where(
        FieldService.status.not_in([*NOT_SET_OFF, FieldStatus.WITHDRAWN])
    )
    return list(
        session.scalars(
            select(Booking)
            .where(Booking.vendor_organization_id.in_(vendor_ids))
            .where(Booking.promised_start >= start, Booking.promised_start < end)
            .where(or_(Booking.state.in_(TO_PLAN), Booking.service_status == ServiceStatus.LOADED))
            .where(Booking.id.not_in(moving))
            .where(or_(Booking.flexible.is_(False), Booking.ready_at.is_not(None)))
            .order_by(Booking.id)
        )
    )


def as_works(
    session: WorkSession,
    bookings: Sequence[Booking],
    orders: Iterable[Order],
    travel: TravelModel,
    zone: ZoneInfo,
) -> list[AwardedWork]:
    """The bookings as the plan's facts."""
    ids = [booking.id for booking in bookings]
    items: dict[UUID, list[BookingItem]] = defaultdict(list)
    for item in session.scalars(select(BookingItem).where(BookingItem.booking_id.in_(ids))):
        items[item.booking_id].append(item)
    standing = _standings(session, ids)
    waits = _arrivals_to_wait_for(session, orders, set(ids))
    begins = _hand_overs_to_wait_for(session, orders, set(ids))
    works = []
    for booking in bookings:
        stands, wait = standing.get(booking.id), waits.get(booking.id)
        if booking.kind is BookingKind.RIDE:
            ride = _ride(booking, travel, zone, stands, wait)
            works.append(replace(ride, start_not_before=begins.get(booking.id)))
        elif booking.kind is BookingKind.HOME_HEALTH:
            works.append(_visit(booking, zone, stands, wait))
        else:
            works.append(_delivery(booking, items[booking.id], zone, stands, wait))
    return works


def ends_of(bookings: Iterable[Booking]) -> list[Position]:
    """All places where this work begins or ends."""
    known = list(bookings)
    starts = [
        Position(one.origin_latitude, one.origin_longitude)
        for one in known
        if one.origin_latitude is not None and one.origin_longitude is not None
    ]
    return [*starts, *(Position(one.destination_latitude, one.destination_longitude) for one in known)]


def orders_among(session: WorkSession, booking_ids: Collection[UUID]) -> list[Order]:
    """The links whose later end is one of these bookings, apart from those fulfilled already."""
    links = session.scalars(
        select(BookingLink).where(BookingLink.successor_booking_id.in_(booking_ids))
    ).all()
    before = {link.predecessor_booking_id for link in links}
    found = {one.id: one for one in session.scalars(select(Booking).where(Booking.id.in_(before)))}
    return [
        Order(
            before=link.predecessor_booking_id,
            after=link.successor_booking_id,
            hard=link.hardness is Hardness.HARD,
            min_lag_seconds=link.min_lag_seconds,
            max_lag_seconds=link.max_lag_seconds,
            coming=found[link.predecessor_booking_id].state in AWARDED,
            at_pickup=link.after_anchor is LinkAnchor.PICKUP,
        )
        for link in links
        if not _settled(link, found[link.predecessor_booking_id])
    ]


def _settled(link: BookingLink, before: Booking) -> bool:
    """Whether what comes first holds nobody up: it is in the home, or a ride that nobody has accepted.

    Without that ride the patient comes home in another way; the visit's own window is after the discharge.
    A leg of a trip holds the next one up until it has handed the patient over, or has been replaced.
    """
    if link.after_anchor is LinkAnchor.PICKUP:
        return before.service_status is ServiceStatus.COMPLETED or before.state in CALLED_OFF
    if before.service_status in IN_THE_HOME:
        return True
    return before.kind is BookingKind.RIDE and before.state not in AWARDED


def _ride(
    booking: Booking, travel: TravelModel, zone: ZoneInfo, standing: Standing | None, wait: datetime | None
) -> AwardedWork:
    level, needs = booking.level_of_service, Needs.from_json(booking.needs)
    if level is None or booking.origin_latitude is None or booking.origin_longitude is None:
        raise ValueError(f"ride {booking.id} has no level or origin")
    origin = Position(booking.origin_latitude, booking.origin_longitude)
    destination = Position(booking.destination_latitude, booking.destination_longitude)
    earliest, latest = _promised(booking)
    travel = FLIGHTS.get(level, travel)
    return AwardedWork(
        **_common(booking),
        mode=mode_of(level),
        origin=origin,
        destination=destination,
        earliest=earliest,
        latest=latest,
        load=ride_load(level, needs),
        first_seconds=booking.service_seconds,
        last_seconds=booking.dropoff_seconds,
        max_ride_seconds=longest_ride_seconds(travel.travel(origin, destination, earliest).seconds),
        skills=ride_skills(level, needs),
        credentials=needed_credentials("ride", level, _local_day(earliest, zone)),
        arrive_not_before=wait,
        standing=standing,
    )


def _delivery(
    booking: Booking,
    items: Sequence[BookingItem],
    zone: ZoneInfo,
    standing: Standing | None,
    wait: datetime | None,
) -> AwardedWork:
    earliest, latest = _promised(booking)
    pieces = tuple((item.hcpcs_code, item.quantity) for item in items)
    return AwardedWork(
        **_common(booking),
        origin=Position(booking.destination_latitude, booking.destination_longitude),
        destination=None,
        earliest=earliest,
        latest=latest,
        load=(0, 0, 0, sum(cargo_liters(code) * quantity for code, quantity in pieces)),
        first_seconds=booking.service_seconds,
        skills=frozenset().union(*(setup_skills(code) for code, _ in pieces)),
        credentials=needed_credentials("equipment", None, _local_day(earliest, zone)),
        equipment=pieces,
        arrive_not_before=wait,
        standing=standing,
    )


def _visit(booking: Booking, zone: ZoneInfo, standing: Standing | None, wait: datetime | None) -> AwardedWork:
    if booking.discipline is None:
        raise ValueError(f"visit {booking.id} has no discipline")
    earliest, latest = _promised(booking)
    return AwardedWork(
        **_common(booking),
        origin=Position(booking.destination_latitude, booking.destination_longitude),
        destination=None,
        earliest=earliest,
        latest=latest,
        load=(0, 0, 0, 0),
        first_seconds=booking.service_seconds,
        skills=visit_skills(booking.discipline),
        credentials=needed_credentials("home_health", booking.discipline, _local_day(earliest, zone)),
        arrive_not_before=wait,
        standing=standing,
    )


def _common(booking: Booking) -> dict[str, Any]:
    return {
        "booking_id": booking.id,
        "award_id": booking.award_id,
        "revision": booking.revision,
        "organization_id": booking.organization_id,
        "vendor_organization_id": booking.vendor_organization_id,
        "kind": booking.kind.value,
        "reference": booking.reference,
    }


def _promised(booking: Booking) -> tuple[datetime, datetime]:
    if booking.promised_start is None or booking.promised_end is None:
        raise ValueError(f"booking {booking.id} was accepted without a promised window")
    return narrowed(booking, booking.promised_start, booking.promised_end)


def _standings(session: WorkSession, booking_ids: Collection[UUID]) -> dict[UUID, Standing]:
    loaded = set(
        session.scalars(
            select(FieldService.booking_id).where(
                FieldService.booking_id.in_(booking_ids), FieldService.status == FieldStatus.LOADED
            )
        )
    )
    rows = session.scalars(select(Assignment).where(Assignment.booking_id.in_(booking_ids)))
    return {
        row.booking_id: Standing(
            str(row.shift_id), row.starts_at, row.pinned or row.booking_id in loaded, row.ends_at
        )
        for row in rows
    }


def _arrivals_to_wait_for(
    session: WorkSession, orders: Iterable[Order], planned: set[UUID]
) -> dict[UUID, datetime]:
    """For each booking when what must be there first will be done, where that is not planned here."""
    elsewhere = [one for one in orders if one.before not in planned and one.coming and not one.at_pickup]
    ends = {
        row.booking_id: row.ends_at
        for row in session.scalars(
            select(Assignment).where(Assignment.booking_id.in_({order.before for order in elsewhere}))
        )
    }
    waits: dict[UUID, datetime] = {}
    for order in elsewhere:
        if order.before in ends:
            done = ends[order.before] + timedelta(seconds=order.min_lag_seconds)
            waits[order.after] = max(done, waits.get(order.after, done))
    return waits


def _hand_overs_to_wait_for(
    session: WorkSession, orders: Iterable[Order], planned: set[UUID]
) -> dict[UUID, datetime]:
    """For each leg when the one before will have handed the patient over, where that is not planned here."""
    elsewhere = [one for one in orders if one.before not in planned and one.coming and one.at_pickup]
    before = select(Booking).where(Booking.id.in_({one.before for one in elsewhere}))
    found = {one.id: one for one in session.scalars(before)}
    return {
        order.after: expected_finish(session, found[order.before]) + timedelta(seconds=order.min_lag_seconds)
        for order in elsewhere
        if order.before in found
    }


def _local_day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()
