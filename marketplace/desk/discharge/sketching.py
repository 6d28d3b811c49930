"""A part as the booking it would become: what vendors are judged by, what is wrong; unsaved."""

from __future__ import annotations

from uuid import UUID

from marketplace.bookings.context import position_of
from marketplace.bookings.models import Booking, BookingItem
from marketplace.bookings.orders import Address, ItemOrder, RequestedWindow
from marketplace.bookings.rules import (
    address_errors,
    boarding_seconds,
    flexible_errors,
    item_errors,
    leaving_errors,
    level_errors,
    receiver_errors,
    start_of_care_errors,
    visit_seconds,
    visit_window_errors,
    way_back_errors,
    window_errors,
)
from marketplace.bookings.words import BookingKind, BookingState, VisitPurpose, WindowAnchor
from marketplace.careplans.disciplines import DISCIPLINES
from marketplace.careplans.equipment import CATALOG
from marketplace.careplans.words import ServiceKind
from marketplace.desk.discharge.parts import Part
from marketplace.desk.discharge.record import DischargeRecord
from marketplace.foundation.errors import FieldError
from marketplace.foundation.geography import GreatCircleTravel, Position
from marketplace.foundation.ids import new_id
from marketplace.foundation.work import WorkSession

FIELD_OF = {
    "requested_start": "start", "requested_end": "end", "level_of_service": "level", "coverage_id": "payer",
    "authorization_id": "payer", "vendor_ids": "vendor_id", "respond_by": "start", "anchor": "moves",
    "destination": "address_line", "destination.address_line": "address_line", "destination.city": "city",
    "destination.state": "state", "destination.postal_code": "postal_code", "items": "extras",
}  # fmt: skip
"""Which field of a part an error of the booking service belongs to."""


def field_of(name: str) -> str:
    """The part's field for an error of the booking's; the name itself when there is none."""
    return "extras" if name.startswith("items.") else FIELD_OF.get(name, name)


def goal_of(record: DischargeRecord, part: Part) -> Address | None:
    """Where the part ends: the home, the clinic of a follow-up, or the place the planner wrote."""
    return part.elsewhere or (record.hospital if part.outbound else record.home)


def errors_of(session: WorkSession, record: DischargeRecord, part: Part) -> list[FieldError]:
    """What stands against requesting the part, by its fields, each with what would be right."""
    found = window_errors(part.start, part.end, session.now())
    goal = goal_of(record, part)
    if goal is None or (part.outbound and record.home is None):
        text = "the record has no complete address: complete it on the patient's page"
        return [FieldError("address_line", text)]
    if part.elsewhere is not None:
        found += address_errors(part.elsewhere, "destination")
    if part.kind is ServiceKind.RIDE and part.level is not None:
        found += level_errors(record.needs, part.level)
        found += flexible_errors(part.start, part.end) if part.flexible else []
        if part.there_task_id is not None:
            found += _begins_errors(part)
        elif not part.outbound:
            found += leaving_errors(part.start, record.encounter.expected_discharge_at)
    if part.kind is ServiceKind.HOME_HEALTH:
        leaves, anchor = record.encounter.expected_discharge_at, WindowAnchor.DISCHARGE
        window = RequestedWindow(part.start, part.end, anchor if part.moves else WindowAnchor.FIXED)
        found += visit_window_errors(part.start, leaves)
        found += start_of_care_errors(window, leaves, None, record.zone) if starts_care(record, part) else []
    if part.kind is ServiceKind.EQUIPMENT:
        found += item_errors(tuple(ItemOrder(code) for code in part.codes), record.needs)
        found += receiver_errors(
            [CATALOG[code] for code in part.codes if code in CATALOG],
            receiver_named=record.receiver is not None,
            window=(part.start, part.end),
            receiver_window=record.receiver_window,
        )
    return [FieldError(field_of(one.field), one.message, one.code) for one in found]


def origin_of(record: DischargeRecord, part: Part) -> Address:
    """Where a ride begins: at the home, where the way there ended, or at the hospital."""
    if part.outbound and record.home is not None:
        return record.home
    return part.starts_at or record.hospital


def _begins_errors(part: Part) -> list[FieldError]:
    """A way back needs its way there, and begins after it."""
    if part.not_before is None:
        return [FieldError("start", "book the way there first: its task is on the patient's page")]
    return way_back_errors(part.not_before, part.start)


def sketch(record: DischargeRecord, part: Part) -> tuple[Booking, list[BookingItem]]:
    """The booking that confirming would make, never added to a session.

    Raises InvalidInput for an unknown postal code.
    """
    goal = goal_of(record, part)
    assert goal is not None  # errors_of has seen to it
    there = position_of(goal, "destination")
    booking = Booking(
        id=new_id(),
        kind=BookingKind(part.kind.value),
        organization_id=record.encounter.organization_id,
        encounter_id=record.encounter.id,
        payer_organization_id=paying_organization(record, part),
        destination_latitude=there.latitude,
        destination_longitude=there.longitude,
        destination_postal_code=goal.postal_code,
        needs=record.needs.to_json(),
        requested_start=part.start,
        requested_end=part.end,
        service_seconds=0,
        dropoff_seconds=0,
        distance_meters=0,
        state=BookingState.DRAFT,
    )
    if part.kind is ServiceKind.RIDE:
        _as_ride(record, part, booking)
        return booking, []
    if part.discipline is not None:
        purpose = VisitPurpose.START_OF_CARE if starts_care(record, part) else VisitPurpose.FURTHER
        booking.discipline, booking.visit_purpose = part.discipline, purpose
        booking.service_seconds = visit_seconds(part.discipline, purpose)
        return booking, []
    booking.service_seconds = 60 * max(CATALOG[code].setup_minutes for code in part.codes)
    booking.service_seconds += 300 * (len(part.codes) - 1)
    return booking, [
        BookingItem(
            booking_id=booking.id,
            hcpcs_code=code,
            description=CATALOG[code].name,
            quantity=1,
            modifier=CATALOG[code].modifier,
        )
        for code in part.codes
    ]


def _as_ride(record: DischargeRecord, part: Part, booking: Booking) -> None:
    assert part.level is not None
    assert record.home is not None
    booking.level_of_service = part.level
    origin = origin_of(record, part)
    usual = not part.outbound and part.starts_at is None
    start = record.hospital_position if usual else position_of(origin, "origin")
    booking.origin_latitude, booking.origin_longitude = start.latitude, start.longitude
    booking.origin_postal_code = origin.postal_code
    goal = Position(booking.destination_latitude, booking.destination_longitude)
    booking.distance_meters = GreatCircleTravel(record.zone).travel(start, goal, part.start).meters
    booking.service_seconds, booking.dropoff_seconds = boarding_seconds(record.needs, part.level)


def starts_care(record: DischargeRecord, part: Part) -> bool:
    """Whether the visit is the stay's first of a discipline that may start care."""
    begun = any(booking.visit_purpose is VisitPurpose.START_OF_CARE for booking in record.bookings.values())
    return part.discipline is not None and DISCIPLINES[part.discipline].may_start_care and not begun


def paying_organization(record: DischargeRecord, part: Part) -> UUID:
    """Who pays: the payer of the chosen coverage, else the health system itself."""
    for row, _, _ in record.coverages:
        if part.payer.startswith(f"coverage:{row.id}"):
            return row.payer_organization_id
    return record.encounter.organization_id
