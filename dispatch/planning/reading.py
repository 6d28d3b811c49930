"""A region's day, read under the planner's database role and put together as facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from dispatch.field.models import FieldService
from dispatch.field.words import FieldStatus
from dispatch.planning.beside import taken_beside
from dispatch.planning.facts import DayFacts, VehicleDay
from dispatch.planning.fleet_reading import stock_of, vehicle_days
from dispatch.planning.models import Assignment, LeftOut, Plan
from dispatch.planning.work_reading import (
    NOT_SET_OFF,
    as_works,
    bookings_to_plan,
    ends_of,
    orders_among,
)
from marketplace.bookings.models import Booking
from marketplace.foundation.geography import GreatCircleTravel, Position, TravelModel
from marketplace.foundation.roads import travel_model, warm
from marketplace.foundation.settings import Settings
from marketplace.foundation.work import WorkSession
from vendors.network.models import VendorProfile


def home_region(session: WorkSession, vendor_id: UUID) -> tuple[str, ZoneInfo] | None:
    """The region whose plan a vendor's vehicles are in, and its zone; None for a vendor without a profile."""
    profile = session.get(VendorProfile, vendor_id)
    if profile is None or not profile.regions:
        return None
    return profile.regions[0], ZoneInfo(profile.time_zone)


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Local midnight to local midnight, as UTC; 23 or 25 hours when the clocks change."""
    start = datetime.combine(day, time(), zone)
    end = datetime.combine(day + timedelta(days=1), time(), zone)
    return start.astimezone(UTC), end.astimezone(UTC)


def travel_of(zone: ZoneInfo, settings: Settings | None = None) -> TravelModel:
    """The travel model for a region: the road service that the settings name, else the embedded one."""
    return GreatCircleTravel(zone) if settings is None else travel_model(settings, zone)


def read_day(session: WorkSession, plan: Plan) -> DayFacts:
    """Everything the plan is made from, as it stands in this transaction."""
    zone = ZoneInfo(plan.time_zone)
    start, end = day_bounds(plan.day, zone)
    vendors = _vendors_of(session, plan.region)
    bookings = bookings_to_plan(session, vendors, start, end)
    orders = orders_among(session, [booking.id for booking in bookings])
    travel = travel_of(zone, session.runtime.settings)
    warm(travel, ends_of(bookings))
    works = as_works(session, bookings, orders, travel, zone)
    busy = {work.vendor_organization_id for work in works}
    now, ids = session.now(), [booking.id for booking in bookings]
    days = from_where_it_is(session, vehicle_days(session, busy, start, end), now)
    without = session.scalars(select(LeftOut.booking_id).where(LeftOut.booking_id.in_(ids)))
    return DayFacts(
        day_start=start,
        frozen_until=max(start, now),
        works=tuple(works),
        orders=tuple(orders),
        vehicle_days=tuple(taken_beside(session, days, ids)),
        stock=stock_of(session, busy),
        left_out=frozenset(without),
    )


def _vendors_of(session: WorkSession, region: str) -> list[UUID]:
    profiles = session.scalars(select(VendorProfile).where(VendorProfile.regions.contains([region])))
    return [profile.organization_id for profile in profiles if profile.regions[0] == region]


def from_where_it_is(session: WorkSession, days: list[VehicleDay], now: datetime) -> list[VehicleDay]:
    """Vehicles that have worked today start from where their last work ends, when it ends."""
    begun = session.execute(
        select(Assignment.shift_id, Assignment.ends_at, Booking, FieldService.status)
        .join(Booking, Booking.id == Assignment.booking_id)
        .join(FieldService, FieldService.booking_id == Assignment.booking_id)
        .where(Assignment.shift_id.in_([day.shift_id for day in days]))
        .where(FieldService.status.not_in([*NOT_SET_OFF, FieldStatus.WITHDRAWN]))
        .order_by(Assignment.ends_at)
    ).all()
    last = {shift_id: (ends_at, booking) for shift_id, ends_at, booking, _ in begun}
    return [_moved(day, *last[day.shift_id], now) if day.shift_id in last else day for day in days]


def _moved(day: VehicleDay, ends_at: datetime, booking: Booking, now: datetime) -> VehicleDay:
    place = Position(booking.destination_latitude, booking.destination_longitude)
    free = min(max(ends_at, now), day.ends_at - timedelta(seconds=1))
    return replace(day, start=place, starts_at=max(day.starts_at, free))
