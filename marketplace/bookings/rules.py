"""What makes an order acceptable and a cancellation late: pure rules, one finding per wrong field."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from marketplace.bookings.orders import Address, ItemOrder, RequestedWindow
from marketplace.bookings.words import (
    AIR_LEVELS,
    AT_THE_DOOR,
    BookingState,
    LevelOfService,
    ServiceStatus,
    VisitPurpose,
    WindowAnchor,
)
from marketplace.careplans.disciplines import (
    DISCIPLINES,
    START_OF_CARE_HOURS,
    START_OF_CARE_MINUTES,
    Discipline,
)
from marketplace.careplans.equipment import CATALOG, Equipment
from marketplace.foundation.errors import FieldError
from marketplace.patients.words import WHEELCHAIRS, WIDE_WHEELCHAIRS, MobilityAid, Needs

STANDARD_LIFT_KG = 136
"""300 lb: beyond it a standard wheelchair lift and its straps are not enough."""
VAN_OXYGEN_LPM = Decimal(6)
"""Above this flow a patient needs a crew that watches it (our planning figure)."""
SHORTEST_WINDOW = timedelta(minutes=15)
LONGEST_WINDOW = timedelta(hours=24)
FLEXIBLE_FROM = timedelta(hours=1)
LONGEST_AHEAD = timedelta(days=60)
PAST_GRACE = timedelta(minutes=15)
LATE_CANCEL_FROM = time(17)
"""From five in the afternoon of the day before, a cancellation is late (a common city rule)."""
MOST_ITEMS = 12

_LEVEL = "level_of_service"
_ON_FOOT = frozenset({LevelOfService.AMBULATORY, LevelOfService.AMBULATORY_ASSIST})
_SITTING = _ON_FOOT | {LevelOfService.WHEELCHAIR, LevelOfService.WHEELCHAIR_BARIATRIC}

BOARDING_MINUTES: dict[LevelOfService, tuple[int, int]] = {
    LevelOfService.AMBULATORY: (5, 4),
    LevelOfService.AMBULATORY_ASSIST: (10, 8),
    LevelOfService.WHEELCHAIR: (12, 10),
    LevelOfService.WHEELCHAIR_BARIATRIC: (18, 15),
    LevelOfService.STRETCHER: (20, 18),
    LevelOfService.BLS: (20, 18),
    LevelOfService.ALS: (22, 20),
    LevelOfService.SCT: (30, 25),
    LevelOfService.AIR_FIXED: (25, 20),
    LevelOfService.AIR_ROTOR: (20, 15),
}
"""Minutes at the pickup and at the drop-off (our planning figures)."""
_SECONDS_PER_STEP = 8


def level_errors(needs: Needs, level: LevelOfService) -> list[FieldError]:
    """What the patient needs that this level of service does not give, and which level would."""
    if level in AIR_LEVELS:
        text = "a patient is flown on a trip with its legs on the ground: book a trip by air for the task"
        return [FieldError(_LEVEL, text, "unsuitable")]
    checks = (_lying_error, _wheelchair_error, _weight_error, _oxygen_error)
    found = [check(needs, level) for check in checks]
    return [FieldError(_LEVEL, message, "unsuitable") for message in found if message]


def _lying_error(needs: Needs, level: LevelOfService) -> str:
    if needs.mobility_aid is MobilityAid.STRETCHER and level in _SITTING:
        return "the patient must lie: choose stretcher, or an ambulance when care is needed on the way"
    return ""


def _wheelchair_error(needs: Needs, level: LevelOfService) -> str:
    if needs.mobility_aid in WHEELCHAIRS and level in _ON_FOOT:
        suitable = "wheelchair_bariatric" if needs.mobility_aid in WIDE_WHEELCHAIRS else "wheelchair"
        return f"the patient stays in a wheelchair: choose {suitable}"
    if needs.mobility_aid in WIDE_WHEELCHAIRS and level is LevelOfService.WHEELCHAIR:
        return "this chair needs a wide lift: choose wheelchair_bariatric"
    return ""


def _weight_error(needs: Needs, level: LevelOfService) -> str:
    heavy = needs.weight_kg is not None and needs.weight_kg > STANDARD_LIFT_KG
    if heavy and level is LevelOfService.WHEELCHAIR and needs.mobility_aid not in WIDE_WHEELCHAIRS:
        return (
            f"{needs.weight_kg} kg is over the 136 kg (300 lb) of a standard lift: "
            "choose wheelchair_bariatric"
        )
    return ""


def _oxygen_error(needs: Needs, level: LevelOfService) -> str:
    if needs.oxygen_lpm > VAN_OXYGEN_LPM and level in _SITTING | {LevelOfService.STRETCHER}:
        return f"{needs.oxygen_lpm} L/min of oxygen needs a crew that watches it: choose bls or more"
    if needs.oxygen_lpm > 0 and level is LevelOfService.AMBULATORY:
        return "oxygen needs a vehicle that carries it: choose ambulatory_assist or more"
    return ""


def boarding_seconds(needs: Needs, level: LevelOfService) -> tuple[int, int]:
    """(at the pickup, at the drop-off); stairs count at the home."""
    pickup, dropoff = BOARDING_MINUTES[level]
    return pickup * 60, dropoff * 60 + needs.stairs_count * _SECONDS_PER_STEP


def window_errors(start: datetime, end: datetime, now: datetime) -> list[FieldError]:
    """Order, length and nearness of a requested window."""
    if end <= start:
        return [FieldError("requested_end", "the window must end after it begins")]
    if end - start < SHORTEST_WINDOW:
        return [FieldError("requested_end", "leave the vendor at least 15 minutes")]
    if end - start > LONGEST_WINDOW:
        return [FieldError("requested_end", "a window is at most 24 hours long; choose a narrower one")]
    if end < now:
        return [FieldError("requested_start", "this window has passed; choose one to come")]
    if start > now + LONGEST_AHEAD:
        return [FieldError("requested_start", "this is more than 60 days ahead; check the date")]
    return []


def leaving_errors(start: datetime, expected_discharge_at: datetime) -> list[FieldError]:
    """A patient is not picked up before the hospital lets them go."""
    if start < expected_discharge_at - PAST_GRACE:
        return [
            FieldError(
                "requested_start",
                "the pickup would come before the expected discharge: "
                "start later, or move the discharge first",
            )
        ]
    return []


def flexible_errors(start: datetime, end: datetime) -> list[FieldError]:
    """A flexible ride has a window that leaves something open: more than the hour a vendor has anyway."""
    if end - start > FLEXIBLE_FROM:
        return []
    text = "a flexible ride needs a window of more than an hour: end it later, or choose a fixed time"
    return [FieldError("requested_end", text)]


def way_back_errors(there_until: datetime, start: datetime) -> list[FieldError]:
    """Nobody is fetched back before the way there must have begun: `there_until` is its latest pickup."""
    if start >= there_until:
        return []
    text = "the patient is not there yet: start after the latest pickup of the way there"
    return [FieldError("requested_start", text)]


def visit_window_errors(start: datetime, expected_discharge_at: datetime) -> list[FieldError]:
    """Nobody is visited at home before the hospital lets them go."""
    if start >= expected_discharge_at:
        return []
    text = "the patient is still in hospital then: start after the expected discharge"
    return [FieldError("requested_start", text)]


def start_of_care_errors(
    window: RequestedWindow,
    expected_discharge_at: datetime,
    ordered_on: date | None,
    zone: ZoneInfo,
    *,
    left_at: datetime | None = None,
) -> list[FieldError]:
    """Within 48 hours of the return home and tied to it, or on the ordered day (42 CFR 484.55(a)(1)).

    Of a patient who has left at `left_at` the window is fixed, within 48 hours of that.
    """
    if ordered_on is not None:
        first, last = window.start.astimezone(zone).date(), window.end.astimezone(zone).date()
        if window.anchor is WindowAnchor.DISCHARGE:
            return [FieldError("anchor", "an ordered day does not move with the discharge: fix the window")]
        if first == last == ordered_on:
            return []
        text = f"the physician ordered {ordered_on}: choose a window on that day"
        return [FieldError("requested_start", text)]
    if window.anchor is not WindowAnchor.DISCHARGE and left_at is None:
        text = "a start of care moves with the discharge, unless the physician ordered a day: write that day"
        return [FieldError("anchor", text)]
    if window.end > (left_at or expected_discharge_at) + timedelta(hours=START_OF_CARE_HOURS):
        text = (
            f"care starts within {START_OF_CARE_HOURS} hours of the return home: choose an earlier window, "
            "or write the day that the physician ordered"
        )
        return [FieldError("requested_end", text)]
    return []


def discipline_errors(
    discipline: Discipline, wanted: Discipline | None, purpose: VisitPurpose
) -> list[FieldError]:
    """The one that the task asks for, and for a start of care one that may begin it."""
    if wanted is not None and discipline is not wanted:
        text = f"the task asks for {DISCIPLINES[wanted].name.lower()}: book that, or choose another task"
        return [FieldError("discipline", text)]
    if purpose is VisitPurpose.START_OF_CARE and not DISCIPLINES[discipline].may_start_care:
        text = "care is started by a nurse or a therapist: choose one of them, or book a further visit"
        return [FieldError("discipline", text)]
    return []


def visit_seconds(discipline: Discipline, purpose: VisitPurpose) -> int:
    """With the patient; the assessment of a start of care takes longer."""
    if purpose is VisitPurpose.START_OF_CARE:
        return START_OF_CARE_MINUTES * 60
    return DISCIPLINES[discipline].visit_minutes * 60


def usual_visit_offsets(expected_discharge_at: datetime, zone: ZoneInfo) -> tuple[int, int]:
    """Minutes after the discharge of the usual first visit: nine to five of the day after, local time."""
    day = expected_discharge_at.astimezone(zone).date() + timedelta(days=1)
    minute = timedelta(minutes=1)
    start, end = (datetime.combine(day, time(hour), zone) for hour in (9, 17))
    return (start - expected_discharge_at) // minute, (end - expected_discharge_at) // minute


def address_errors(address: Address, field: str) -> list[FieldError]:
    """Street and town are there, and nothing is too long; the postal code is looked up apart."""
    texts = {"address_line": (address.address_line, 200), "city": (address.city, 100)}
    errors = [
        FieldError(f"{field}.{name}", f"write it, at most {longest} characters")
        for name, (text, longest) in texts.items()
        if not 1 <= len(text.strip()) <= longest
    ]
    if len(address.state.strip()) != 2 or not address.state.isalpha():
        errors.append(FieldError(f"{field}.state", "write the two letters of the state, like OR"))
    if len(address.name) > 120:
        errors.append(FieldError(f"{field}.name", "write at most 120 characters"))
    return errors


def item_errors(items: tuple[ItemOrder, ...], needs: Needs) -> list[FieldError]:
    """Known codes, sensible quantities, the right modifier, and strong enough for the patient."""
    if not items:
        return [FieldError("items", "choose at least one item")]
    if len(items) > MOST_ITEMS:
        return [FieldError("items", f"order at most {MOST_ITEMS} kinds of items at once")]
    return [error for position, item in enumerate(items) for error in _one_item_errors(position, item, needs)]


def _one_item_errors(position: int, item: ItemOrder, needs: Needs) -> list[FieldError]:
    field, found = f"items.{position}", CATALOG.get(item.hcpcs_code)
    if found is None:
        return [FieldError(f"{field}.hcpcs_code", "choose one of the listed items, such as E1390")]
    errors = []
    if not 1 <= item.quantity <= 99:
        errors.append(FieldError(f"{field}.quantity", "write a number from 1 to 99"))
    if item.modifier not in {None, found.modifier}:
        errors.append(FieldError(f"{field}.modifier", f"{found.code} is ordered as {found.modifier}"))
    if found.max_weight_kg and needs.weight_kg and needs.weight_kg > found.max_weight_kg:
        errors.append(
            FieldError(
                f"{field}.hcpcs_code",
                f"{found.name} holds {found.max_weight_kg} kg and the patient weighs {needs.weight_kg} kg: "
                "choose the heavy-duty one",
                "unsuitable",
            )
        )
    return errors


def receiver_errors(
    items: list[Equipment],
    *,
    receiver_named: bool,
    window: tuple[datetime, datetime],
    receiver_window: tuple[datetime, datetime] | None,
) -> list[FieldError]:
    """Somebody takes in what must be taken in, and is there while the van can come."""
    needing = [item.name for item in items if item.needs_receiver]
    if not needing:
        return []
    if not receiver_named:
        return [
            FieldError(
                "receiver_name",
                f"{needing[0]} must be handed to somebody: name who is at the home, with a phone number",
                "missing",
            )
        ]
    if receiver_window is None:
        return []
    overlap = min(window[1], receiver_window[1]) - max(window[0], receiver_window[0])
    if overlap < timedelta(0):
        return [
            FieldError(
                "requested_start",
                "nobody is at the home then: choose a window in which the receiver is there, or name another",
            )
        ]
    return []


def cancellation_state(
    service_start: datetime, now: datetime, zone: ZoneInfo, status: ServiceStatus | None
) -> BookingState:
    """How late a cancellation is, by the facility's local time and by where the vehicle is."""
    if status in AT_THE_DOOR:
        return BookingState.CANCELLED_AT_DOOR
    day, moment = service_start.astimezone(zone).date(), now.astimezone(zone)
    if moment.date() >= day:
        return BookingState.CANCELLED_SAME_DAY
    if moment.date() == day - timedelta(days=1) and moment.time() >= LATE_CANCEL_FROM:
        return BookingState.CANCELLED_LATE
    return BookingState.CANCELLED_ADVANCE


def suggested_level(needs: Needs) -> LevelOfService:
    """The least level of service that gives what the patient needs."""
    return next(level for level in LevelOfService if not level_errors(needs, level))
