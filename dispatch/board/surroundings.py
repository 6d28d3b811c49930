"""The facts of the vehicles that a change by hand concerns, read for the acting vendor.

What other vendors plan is not the vendor's to see. Where it binds a service (equipment before patient),
the times are read for the health system that asked for both, and only the bound is kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from dispatch.planning.beside import taken_beside
from dispatch.planning.facts import AwardedWork, DayFacts, Order
from dispatch.planning.fleet_reading import stock_of, vehicle_days
from dispatch.planning.models import Assignment
from dispatch.planning.reading import day_bounds, from_where_it_is, travel_of
from dispatch.planning.work_reading import TO_PLAN, as_works, orders_among
from marketplace.bookings.behalf import requester_acts
from marketplace.bookings.models import Booking, BookingItem, BookingLink
from marketplace.bookings.words import CALLED_OFF, LinkAnchor
from marketplace.careplans.words import Hardness
from marketplace.foundation.work import WorkSession
from vendors.fleet.models import Vehicle


def facts_of(
    session: WorkSession, bookings: Sequence[Booking], shift_ids: Collection[UUID], day: date, zone: ZoneInfo
) -> DayFacts:
    """The day's facts for these bookings on these shifts of the acting vendor."""
    start, end = day_bounds(day, zone)
    vendor = session.actor.organization()
    now = session.now()
    days = [one for one in vehicle_days(session, [vendor], start, end) if one.shift_id in shift_ids]
    works, orders = _works(session, bookings, zone)
    return DayFacts(
        day_start=start,
        frozen_until=max(start, now),
        works=tuple(works),
        orders=tuple(orders),
        vehicle_days=tuple(
            taken_beside(
                session,
                from_where_it_is(session, days, now),
                [booking.id for booking in bookings],
                even_gone=True,
            )
        ),
        stock=_left_in_stock(session, vendor, works, (start, end)),
    )


def _works(
    session: WorkSession, bookings: Sequence[Booking], zone: ZoneInfo
) -> tuple[list[AwardedWork], list[Order]]:
    by_requester: dict[UUID, list[Booking]] = defaultdict(list)
    for booking in bookings:
        by_requester[booking.organization_id].append(booking)
    works: list[AwardedWork] = []
    orders: list[Order] = []
    for own in by_requester.values():
        with requester_acts(session, own[0]):
            found = orders_among(session, [booking.id for booking in own])
            limits = _finish_by(session, {booking.id for booking in own})
            made = as_works(session, own, found, travel_of(zone, session.runtime.settings), zone)
        orders += found
        works += [replace(work, finish_by=limits.get(work.booking_id)) for work in made]
    return works, orders


def _finish_by(session: WorkSession, booking_ids: set[UUID]) -> dict[UUID, datetime]:
    """For each booking that something planned elsewhere waits for, when it must have ended."""
    rows = session.execute(
        select(BookingLink, Assignment.starts_at, Assignment.ends_at, Booking.dropoff_seconds)
        .join(Assignment, Assignment.booking_id == BookingLink.successor_booking_id)
        .join(Booking, Booking.id == BookingLink.successor_booking_id)
        .where(BookingLink.predecessor_booking_id.in_(booking_ids))
        .where(BookingLink.hardness == Hardness.HARD, BookingLink.broken_at.is_(None))
        .where(Booking.state.not_in(CALLED_OFF))
        .where(BookingLink.successor_booking_id.not_in(booking_ids))
    )
    limits: dict[UUID, datetime] = {}
    for link, starts_at, ends_at, dropoff_seconds in rows:
        arrives = ends_at - timedelta(seconds=dropoff_seconds + link.min_lag_seconds)
        if link.after_anchor is LinkAnchor.PICKUP:
            arrives = starts_at - timedelta(seconds=link.min_lag_seconds)
        before = link.predecessor_booking_id
        limits[before] = min(arrives, limits.get(before, arrives))
    return limits


def _left_in_stock(
    session: WorkSession,
    vendor: UUID,
    works: Sequence[AwardedWork],
    span: tuple[datetime, datetime],
) -> dict[str, dict[str, int]]:
    """The depots' stock without what the vendor's other vehicles deliver today."""
    left = {depot: dict(items) for depot, items in stock_of(session, [vendor]).items()}
    for depot, code, quantity in _delivered_elsewhere(session, vendor, works, span):
        if code in left.get(depot, {}):
            left[depot][code] = max(0, left[depot][code] - quantity)
    return left


def _delivered_elsewhere(
    session: WorkSession,
    vendor: UUID,
    works: Sequence[AwardedWork],
    span: tuple[datetime, datetime],
) -> list[tuple[str, str, int]]:
    rows = session.execute(
        select(Vehicle.depot_id, BookingItem.hcpcs_code, func.sum(BookingItem.quantity))
        .select_from(Assignment)
        .join(Vehicle, Vehicle.id == Assignment.vehicle_id)
        .join(Booking, Booking.id == Assignment.booking_id)
        .join(BookingItem, BookingItem.booking_id == Assignment.booking_id)
        .where(Assignment.vendor_organization_id == vendor, Booking.state.in_(TO_PLAN))
        .where(Assignment.starts_at >= span[0], Assignment.starts_at < span[1])
        .where(Assignment.booking_id.not_in([work.booking_id for work in works]))
        .group_by(Vehicle.depot_id, BookingItem.hcpcs_code)
    )
    return [(str(depot), code, int(pieces)) for depot, code, pieces in rows]
