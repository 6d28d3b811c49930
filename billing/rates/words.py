"""The billing codes the product knows (HCPCS level II, wording ours) and the ways payers count."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CodeKind(StrEnum):
    """What a billing code stands for on a claim."""

    RIDE = "ride"
    """One loaded trip: the base charge."""
    MILEAGE = "mileage"
    """Loaded miles; never without a base trip."""
    RIDE_EXTRA = "ride_extra"
    """Waiting, attendants, tolls, oxygen on the way."""
    EQUIPMENT = "equipment"
    DELIVERY = "delivery"
    """Bringing equipment, setting it up, showing its use."""
    VISIT = "visit"


class RentalRule(StrEnum):
    """How a piece of equipment is paid."""

    NEVER = "never"
    """Bought."""
    CAPPED = "capped"
    """Rented for at most 13 months, then the patient's (42 CFR 414.229)."""
    OXYGEN = "oxygen"
    """Rented for at most 36 paid months, then served on without rent (42 CFR 414.226(f))."""
    EITHER = "either"
    """Bought or rented, as the order says."""


class MileageRounding(StrEnum):
    """How a payer wants loaded miles counted."""

    MEDICARE = "medicare"
    """Below 100 up to the next tenth, from 100 up to the next whole mile (CMS CR 7065, 2011-01-01)."""
    WHOLE_UP = "whole_up"
    """Up to the next whole mile."""
    WHOLE_NEAREST = "whole_nearest"
    """To the nearest whole mile, half a mile up, at least one."""
    HUNDREDTHS = "hundredths"
    """As measured, to a hundredth."""


AIR_PLACE = "42"
"""Place of service: an ambulance in the air or on water."""


@dataclass(frozen=True, slots=True)
class BillingCode:
    """One HCPCS code: what it is, where it may be performed, and whether equipment is bought or rented.

    `places` are the places of service that fit: 41 land ambulance, 42 air or water, 12 home, 99 other.
    """

    code: str
    text: str
    kind: CodeKind
    places: frozenset[str]
    unit: str = "trip"
    rental: RentalRule = RentalRule.NEVER
    ambulance: bool = False
    miles_code: str | None = None
    """For a ride: the code of its mileage line."""


_LAND, _VAN, _HOME = frozenset({"41"}), frozenset({"41", "99"}), frozenset({"12"})
_AIR, _ANYWHERE = frozenset({AIR_PLACE}), frozenset({"41", AIR_PLACE, "99"})


def _ride(code: str, text: str, miles_code: str | None, *, ambulance: bool = False) -> BillingCode:
    places = _LAND if ambulance else _VAN
    return BillingCode(code, text, CodeKind.RIDE, places, ambulance=ambulance, miles_code=miles_code)


def _miles(code: str, text: str, *, ambulance: bool = False) -> BillingCode:
    places = _LAND if ambulance else _VAN
    return BillingCode(code, text, CodeKind.MILEAGE, places, unit="mile", ambulance=ambulance)


def _flight(code: str, text: str, miles_code: str) -> BillingCode:
    return BillingCode(code, text, CodeKind.RIDE, _AIR, ambulance=True, miles_code=miles_code)


def _air_miles(code: str, text: str) -> BillingCode:
    return BillingCode(code, text, CodeKind.MILEAGE, _AIR, unit="mile", ambulance=True)


def _extra(code: str, text: str, unit: str, places: frozenset[str] = _VAN) -> BillingCode:
    return BillingCode(code, text, CodeKind.RIDE_EXTRA, places, unit=unit)


def _item(code: str, text: str, rental: RentalRule) -> BillingCode:
    unit = "each" if rental in (RentalRule.NEVER, RentalRule.EITHER) else "month"
    return BillingCode(code, text, CodeKind.EQUIPMENT, _HOME, unit=unit, rental=rental)


def _visit(code: str, text: str, unit: str = "quarter hour") -> BillingCode:
    return BillingCode(code, text, CodeKind.VISIT, _HOME, unit=unit)


_ALL = (
    _ride("A0100", "Taxi ride", "S0215"),
    _ride("A0110", "Bus ride", "S0215"),
    _ride("A0120", "Mini-bus or other non-emergency ride", "S0215"),
    _ride("A0130", "Wheelchair van ride", "S0209"),
    _ride("T2003", "Non-emergency trip, per encounter", "S0215"),
    _ride("T2005", "Stretcher van ride, no medical care", "T2049"),
    _ride("A0426", "Ambulance, advanced life support, non-emergency", "A0425", ambulance=True),
    _ride("A0428", "Ambulance, basic life support, non-emergency", "A0425", ambulance=True),
    _ride("A0433", "Ambulance, advanced life support, level 2", "A0425", ambulance=True),
    _ride("A0434", "Ambulance, specialty care transport", "A0425", ambulance=True),
    _flight("A0430", "Air ambulance, aeroplane, one way", "A0435"),
    _flight("A0431", "Air ambulance, helicopter, one way", "A0436"),
    _air_miles("A0435", "Air mileage, aeroplane"),
    _air_miles("A0436", "Air mileage, helicopter"),
    _miles("A0425", "Ambulance ground mileage", ambulance=True),
    _miles("S0209", "Wheelchair van mileage"),
    _miles("S0215", "Non-emergency transport mileage"),
    _miles("T2049", "Stretcher van mileage"),
    _extra("A0170", "Parking fees and tolls", "each"),
    _extra("A0420", "Waiting time of an ambulance", "half hour", _ANYWHERE),
    _extra("A0422", "Oxygen on the way", "trip", _ANYWHERE),
    _extra("A0424", "Extra attendant of an ambulance", "trip", _ANYWHERE),
    _extra("T2001", "Attendant or escort on a non-emergency ride", "trip"),
    _extra("T2007", "Waiting time of a non-emergency vehicle", "half hour"),
    BillingCode("A9901", "Delivery, set-up and instruction of equipment", CodeKind.DELIVERY, _HOME),
    _item("E1390", "Oxygen concentrator, single delivery port", RentalRule.OXYGEN),
    _item("E1392", "Portable oxygen concentrator", RentalRule.OXYGEN),
    _item("E0431", "Portable gaseous oxygen system", RentalRule.OXYGEN),
    _item("E0260", "Hospital bed, semi-electric, with rails and mattress", RentalRule.CAPPED),
    _item("E0250", "Hospital bed, fixed height, with rails and mattress", RentalRule.CAPPED),
    _item("K0001", "Standard wheelchair", RentalRule.CAPPED),
    _item("K0003", "Lightweight wheelchair", RentalRule.CAPPED),
    _item("E0570", "Nebulizer with compressor", RentalRule.CAPPED),
    _item("E0601", "Continuous positive airway pressure device", RentalRule.CAPPED),
    _item("E0630", "Patient lift", RentalRule.CAPPED),
    _item("E0100", "Cane", RentalRule.EITHER),
    _item("E0105", "Cane, quad or three-prong", RentalRule.EITHER),
    _item("E0114", "Crutches, pair", RentalRule.EITHER),
    _item("E0135", "Folding walker", RentalRule.EITHER),
    _item("E0143", "Folding walker, wheeled", RentalRule.EITHER),
    _item("E0163", "Commode chair", RentalRule.EITHER),
    _item("E0240", "Bath or shower chair", RentalRule.NEVER),
    _item("E0244", "Raised toilet seat", RentalRule.NEVER),
    _visit("G0151", "Physical therapist in the home"),
    _visit("G0152", "Occupational therapist in the home"),
    _visit("G0153", "Speech-language pathologist in the home"),
    _visit("G0155", "Clinical social worker in the home"),
    _visit("G0156", "Home health aide in the home"),
    _visit("G0299", "Registered nurse in the home"),
    _visit("G0300", "Licensed practical nurse in the home"),
    _visit("T1030", "Registered nurse in the home, per visit", "visit"),
    _visit("S9131", "Physical therapy in the home, per visit", "visit"),
    _visit("S9129", "Occupational therapy in the home, per visit", "visit"),
    _visit("S9128", "Speech therapy in the home, per visit", "visit"),
    _visit("S9127", "Social work visit in the home", "visit"),
    _visit("T1021", "Home health aide, per visit", "visit"),
)

BILLING_CODES: dict[str, BillingCode] = {code.code: code for code in _ALL}
"""Every code the product can put on a claim."""

ORIGIN_DESTINATION_LETTERS = frozenset("DEGHIJNPRSX")
"""First and second letter of an ambulance's origin-destination modifier; X only as a destination."""
