"""What a crew is told when the plan gives its stop another time or vehicle; small moves are only shown."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from dispatch.planning.building import PlannedWork
from dispatch.planning.models import Assignment
from marketplace.bookings.models import Booking
from marketplace.bookings.telling import tell
from marketplace.bookings.telling_models import Audience, TellingSubject
from marketplace.foundation.work import WorkSession
from vendors.network.service import profile

WORTH_TELLING = timedelta(minutes=10)
"""A move of the start by less stays inside what a crew expects of a day."""
NEAR = timedelta(hours=12)
"""Changes further ahead are simply the plan: the crew has not prepared for them."""


def tell_of_plan(session: WorkSession, before: Assignment | None, planned: PlannedWork) -> None:
    """Tell the crew of a stop that was planned already and comes soon; the booking is locked."""
    if before is None or planned.starts_at - session.now() > NEAR:
        return
    same_vehicle = before.vehicle_id == planned.vehicle_day.vehicle_id
    if same_vehicle and abs(before.starts_at - planned.starts_at) < WORTH_TELLING:
        return
    work = planned.work
    booking = session.get_one(Booking, work.booking_id)
    zone = ZoneInfo(profile(session, work.vendor_organization_id).time_zone)
    was = f" (was {before.starts_at.astimezone(zone):%H:%M})." if same_vehicle else ", with another vehicle."
    said = f"Planned for {planned.starts_at.astimezone(zone):%H:%M} now{was}"
    tell(
        session,
        booking,
        work.vendor_organization_id,
        Audience.CREW,
        TellingSubject.PLAN,
        said,
        user_id=planned.vehicle_day.driver_user_id,
    )
