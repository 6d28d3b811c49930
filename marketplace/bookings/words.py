"""The words of bookings: levels of service, states and the moves between them, reasons, parties."""

from __future__ import annotations

from enum import StrEnum

from marketplace.foundation.transitions import StateTable


class BookingKind(StrEnum):
    """What is booked."""

    RIDE = "ride"
    EQUIPMENT = "equipment"
    HOME_HEALTH = "home_health"


class LevelOfService(StrEnum):
    """How a patient is carried: on the ground from least to most care, then by air."""

    AMBULATORY = "ambulatory"
    AMBULATORY_ASSIST = "ambulatory_assist"
    """Walks, with a hand from door to door."""
    WHEELCHAIR = "wheelchair"
    WHEELCHAIR_BARIATRIC = "wheelchair_bariatric"
    """Wide lift and heavy securement: chairs or riders beyond a standard lift."""
    STRETCHER = "stretcher"
    """Lies, needs no medical care on the way."""
    BLS = "bls"
    """Ambulance with basic life support."""
    ALS = "als"
    """Ambulance with advanced life support."""
    SCT = "sct"
    """Specialty care transport."""
    AIR_FIXED = "air_fixed"
    """Ambulance aeroplane; a leg of a trip, never a ride of its own."""
    AIR_ROTOR = "air_rotor"
    """Ambulance helicopter; the same."""


AIR_LEVELS = frozenset({LevelOfService.AIR_FIXED, LevelOfService.AIR_ROTOR})


class VisitPurpose(StrEnum):
    """What a home-health visit is within its episode."""

    START_OF_CARE = "start_of_care"
    """The first one: within 48 hours of the return home, or on the ordered date (42 CFR 484.55(a)(1))."""
    FURTHER = "further"


class MissedReason(StrEnum):
    """Why a home-health visit did not take place."""

    PATIENT_NOT_HOME = "patient_not_home"
    PATIENT_DECLINED = "patient_declined"
    PATIENT_IN_HOSPITAL = "patient_in_hospital"
    WRONG_ADDRESS = "wrong_address"
    UNSAFE_HOME = "unsafe_home"
    CLINICIAN_UNAVAILABLE = "clinician_unavailable"
    WEATHER_OR_ROAD = "weather_or_road"
    OTHER = "other"


class PlaceKind(StrEnum):
    """Origin and destination letters of ambulance claims (CMS); X can only be a destination."""

    DIAGNOSTIC = "D"
    CUSTODIAL = "E"
    HOSPITAL_DIALYSIS = "G"
    HOSPITAL = "H"
    TRANSFER_POINT = "I"
    DIALYSIS = "J"
    SKILLED_NURSING = "N"
    PHYSICIAN = "P"
    RESIDENCE = "R"
    SCENE = "S"
    INTERMEDIATE_STOP = "X"


class PayerKind(StrEnum):
    """Who stands for the bill."""

    COVERAGE = "coverage"
    """The payer of one of the patient's coverages."""
    HEALTH_SYSTEM = "health_system"
    """The hospital itself, to get the patient home."""
    SELF_PAY = "self_pay"
    """The patient, through the health system's own account."""


class WindowAnchor(StrEnum):
    """What a requested window is tied to."""

    DISCHARGE = "discharge"
    """It moves with the expected discharge time."""
    FIXED = "fixed"


class LinkAnchor(StrEnum):
    """Which moment of the later booking waits for the finish of the earlier one."""

    ARRIVAL = "arrival"
    """Equipment is in the home before the patient arrives there."""
    PICKUP = "pickup"
    """The patient is handed over before the next leg of the trip takes them on."""


class WayBackWish(StrEnum):
    """How somebody who is taken to an appointment comes back."""

    NONE = "none"
    WILL_CALL = "will_call"
    """Fetched once somebody says "I am ready"."""
    AT_TIME = "at_time"


class BookingState(StrEnum):
    """Where a booking stands between the wish and the end of it."""

    DRAFT = "draft"
    REQUESTED = "requested"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    """A vehicle and a time are planned."""
    UNDER_WAY = "under_way"
    COMPLETED = "completed"
    ON_HOLD = "on_hold"
    UNMET = "unmet"
    """Nobody would do it in time; it can be requested again."""
    CANCELLED_ADVANCE = "cancelled_advance"
    CANCELLED_LATE = "cancelled_late"
    CANCELLED_SAME_DAY = "cancelled_same_day"
    CANCELLED_AT_DOOR = "cancelled_at_door"
    RIDER_NO_SHOW = "rider_no_show"
    VENDOR_NO_SHOW = "vendor_no_show"
    TURNED_DOWN = "turned_down"
    """Refused at the door, or nobody was there to take the delivery."""


class ServiceStatus(StrEnum):
    """How far the service itself has come, told by the crew."""

    EN_ROUTE_PICKUP = "en_route_pickup"
    ARRIVED_PICKUP = "arrived_pickup"
    ON_BOARD = "on_board"
    ARRIVED_DROPOFF = "arrived_dropoff"
    PICKED = "picked"
    LOADED = "loaded"
    EN_ROUTE = "en_route"
    ARRIVED = "arrived"
    SET_UP = "set_up"
    ACCEPTED_BY_RECEIVER = "accepted_by_receiver"
    COMPLETED = "completed"
    REFUSED = "refused"
    NOBODY_HOME = "nobody_home"
    WRONG_ITEM = "wrong_item"
    RIDER_NO_SHOW = "rider_no_show"
    STARTED = "started"
    """A visit has begun: the clinician is with the patient."""
    ENDED = "ended"
    MISSED = "missed"
    """A visit did not take place; a `MissedReason` says why."""


class CancelReason(StrEnum):
    """Why a booking was called off by the health system."""

    DISCHARGE_CANCELLED = "discharge_cancelled"
    CONDITION_CHANGED = "condition_changed"
    PATIENT_DECLINED = "patient_declined"
    FAMILY_TAKES_PATIENT = "family_takes_patient"
    NOT_NEEDED = "not_needed"
    DUPLICATE = "duplicate"
    WRONG_DETAILS = "wrong_details"
    PAYER_REFUSED = "payer_refused"
    STANDING_ORDER = "standing_order"
    """The standing order that made it was changed, suspended or ended."""
    OTHER = "other"


class PartyRole(StrEnum):
    """What an organization is to a booking."""

    REQUESTER = "requester"
    PAYER = "payer"
    CANDIDATE = "candidate"
    """Was offered the work and sees no identity."""
    VENDOR = "vendor"
    """Holds the award."""


class PartyStatus(StrEnum):
    """Whether an organization still has to do with a booking; only the first three see it."""

    OPEN = "open"
    """A candidate that may still accept."""
    ACTIVE = "active"
    CLOSED = "closed"
    """The booking has ended; what was seen stays visible."""
    LOST = "lost"
    """Another vendor was awarded the work."""
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    """The work was called off, or the offer taken back."""
    RELEASED = "released"
    """Gave the award back, or had it taken."""


_CANCELLED = (
    BookingState.CANCELLED_ADVANCE,
    BookingState.CANCELLED_LATE,
    BookingState.CANCELLED_SAME_DAY,
    BookingState.CANCELLED_AT_DOOR,
)
_BEFORE_THE_DOOR = _CANCELLED[:3]
_S = BookingState
BOOKING_STATES = StateTable(
    "booking",
    {
        _S.DRAFT: [_S.REQUESTED, *_BEFORE_THE_DOOR],
        _S.REQUESTED: [_S.OFFERED, _S.ON_HOLD, _S.UNMET, *_BEFORE_THE_DOOR],
        _S.OFFERED: [_S.ACCEPTED, _S.REQUESTED, _S.ON_HOLD, _S.UNMET, *_BEFORE_THE_DOOR],
        _S.ACCEPTED: [
            _S.SCHEDULED, _S.UNDER_WAY, _S.REQUESTED, _S.ON_HOLD, _S.VENDOR_NO_SHOW, *_BEFORE_THE_DOOR
        ],
        _S.SCHEDULED: [
            _S.ACCEPTED, _S.UNDER_WAY, _S.REQUESTED, _S.ON_HOLD, _S.VENDOR_NO_SHOW, *_BEFORE_THE_DOOR
        ],
        _S.UNDER_WAY: [
            _S.COMPLETED, _S.REQUESTED, _S.RIDER_NO_SHOW, _S.VENDOR_NO_SHOW, _S.TURNED_DOWN, *_CANCELLED
        ],
        _S.ON_HOLD: [
            _S.REQUESTED, _S.OFFERED, _S.ACCEPTED, _S.SCHEDULED, _S.UNMET, *_BEFORE_THE_DOOR
        ],
        _S.UNMET: [_S.REQUESTED, *_BEFORE_THE_DOOR],
        _S.COMPLETED: [],
        _S.CANCELLED_ADVANCE: [],
        _S.CANCELLED_LATE: [],
        _S.CANCELLED_SAME_DAY: [],
        _S.CANCELLED_AT_DOOR: [],
        _S.RIDER_NO_SHOW: [],
        _S.VENDOR_NO_SHOW: [],
        _S.TURNED_DOWN: [],
    },
)  # fmt: skip
"""Every move a booking may make."""

FINAL = BOOKING_STATES.final
"""Nothing moves any more."""
CALLED_OFF = FINAL - {BookingState.COMPLETED}
"""Ended without the service: the care-plan task is open again."""
AWARDED = frozenset(
    {BookingState.ACCEPTED, BookingState.SCHEDULED, BookingState.UNDER_WAY, BookingState.COMPLETED}
)
"""States in which exactly one vendor holds the work (a held booking may or may not have one)."""
SEEING = (PartyStatus.OPEN, PartyStatus.ACTIVE, PartyStatus.CLOSED)
"""Party statuses that see the booking."""

_T = ServiceStatus
RIDE_STATUSES = (_T.EN_ROUTE_PICKUP, _T.ARRIVED_PICKUP, _T.ON_BOARD, _T.ARRIVED_DROPOFF, _T.COMPLETED)
"""A ride's course; `rider_no_show` and `refused` end it at the door."""
DELIVERY_STATUSES = (
    _T.PICKED,
    _T.LOADED,
    _T.EN_ROUTE,
    _T.ARRIVED,
    _T.SET_UP,
    _T.ACCEPTED_BY_RECEIVER,
    _T.COMPLETED,
)
"""A delivery's course; `refused`, `nobody_home` and `wrong_item` end it at the door."""
VISIT_STATUSES = (_T.EN_ROUTE, _T.ARRIVED, _T.STARTED, _T.ENDED, _T.COMPLETED)
"""A visit's course; `missed` and `refused` end it without care."""
BEFORE_LEAVING = frozenset({_T.PICKED, _T.LOADED})
"""The vehicle still stands in its depot: the work can be given to somebody else without harm."""
AT_THE_DOOR = frozenset({_T.ARRIVED_PICKUP, _T.ARRIVED, _T.SET_UP, _T.ACCEPTED_BY_RECEIVER})
STATUS_ENDS: dict[ServiceStatus, BookingState] = {
    _T.COMPLETED: BookingState.COMPLETED,
    _T.RIDER_NO_SHOW: BookingState.RIDER_NO_SHOW,
    _T.REFUSED: BookingState.TURNED_DOWN,
    _T.NOBODY_HOME: BookingState.TURNED_DOWN,
    _T.WRONG_ITEM: BookingState.VENDOR_NO_SHOW,
    _T.MISSED: BookingState.TURNED_DOWN,
}
"""What each closing report of the crew makes of the booking."""
AGENCY_MISSED = frozenset({MissedReason.CLINICIAN_UNAVAILABLE, MissedReason.WEATHER_OR_ROAD})
"""Reasons on the agency's side: a missed visit of these is a no-show of the vendor."""

LEVEL_LABELS = {
    LevelOfService.AMBULATORY: "Ambulatory",
    LevelOfService.AMBULATORY_ASSIST: "Ambulatory with assistance",
    LevelOfService.WHEELCHAIR: "Wheelchair",
    LevelOfService.WHEELCHAIR_BARIATRIC: "Wheelchair, bariatric",
    LevelOfService.STRETCHER: "Stretcher",
    LevelOfService.BLS: "Ambulance, basic life support",
    LevelOfService.ALS: "Ambulance, advanced life support",
    LevelOfService.SCT: "Specialty care transport",
    LevelOfService.AIR_FIXED: "Air ambulance, aeroplane",
    LevelOfService.AIR_ROTOR: "Air ambulance, helicopter",
}
MISSED_LABELS = {
    MissedReason.PATIENT_NOT_HOME: "Nobody answered the door",
    MissedReason.PATIENT_DECLINED: "The patient declined the visit",
    MissedReason.PATIENT_IN_HOSPITAL: "The patient is in hospital",
    MissedReason.WRONG_ADDRESS: "The address was wrong",
    MissedReason.UNSAFE_HOME: "The home was not safe to enter",
    MissedReason.CLINICIAN_UNAVAILABLE: "The clinician could not come",
    MissedReason.WEATHER_OR_ROAD: "Weather or road",
    MissedReason.OTHER: "Another reason",
}
PURPOSE_LABELS = {
    VisitPurpose.START_OF_CARE: "Start of care",
    VisitPurpose.FURTHER: "Further visit",
}
WAY_BACK_LABELS = {
    WayBackWish.WILL_CALL: "When the patient calls",
    WayBackWish.AT_TIME: "At a time",
    WayBackWish.NONE: "Not needed",
}
CANCEL_LABELS = {
    CancelReason.DISCHARGE_CANCELLED: "The discharge is off",
    CancelReason.CONDITION_CHANGED: "The patient's condition changed",
    CancelReason.PATIENT_DECLINED: "The patient declined",
    CancelReason.FAMILY_TAKES_PATIENT: "Family takes the patient",
    CancelReason.NOT_NEEDED: "No longer needed",
    CancelReason.DUPLICATE: "Booked twice",
    CancelReason.WRONG_DETAILS: "Wrong details, will be booked again",
    CancelReason.PAYER_REFUSED: "The payer refused",
    CancelReason.STANDING_ORDER: "The standing order changed",
    CancelReason.OTHER: "Another reason",
}
APPOINTMENT_PLACES = (
    PlaceKind.PHYSICIAN,
    PlaceKind.DIALYSIS,
    PlaceKind.HOSPITAL_DIALYSIS,
    PlaceKind.DIAGNOSTIC,
    PlaceKind.HOSPITAL,
)
"""Where people are taken from their homes, the most usual first."""
PLACE_LABELS = {
    PlaceKind.DIAGNOSTIC: "Diagnostic or treatment site",
    PlaceKind.CUSTODIAL: "Assisted living",
    PlaceKind.HOSPITAL_DIALYSIS: "Hospital dialysis",
    PlaceKind.HOSPITAL: "Hospital",
    PlaceKind.TRANSFER_POINT: "Transfer point",
    PlaceKind.DIALYSIS: "Dialysis centre",
    PlaceKind.SKILLED_NURSING: "Skilled nursing facility",
    PlaceKind.PHYSICIAN: "Physician's office",
    PlaceKind.RESIDENCE: "Home",
    PlaceKind.SCENE: "Scene",
    PlaceKind.INTERMEDIATE_STOP: "Intermediate stop",
}
