"""The load before anybody leaves a hospital: dialysis and clinic rides accepted the day before."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from marketplace.bookings.words import LevelOfService
from marketplace.demo.history.asking import Leg, ask_for_leg, write_errand
from marketplace.demo.history.past import Past
from marketplace.demo.history.people import past_patient
from marketplace.demo.history.promising import able_vendors, take, write_award
from marketplace.demo.history.stage import PastVendor
from vendors.network.models import CapacityUse
from vendors.network.words import ServiceLine

_LEGS_PER_VEHICLE = 6
_FIRST_NUMBER = 15_000


@dataclass(frozen=True, slots=True)
class _Clinic:
    name: str
    postal_code: str
    place_kind: str
    hours: tuple[tuple[int, int], ...]
    """When people are to be there, local."""
    stays_minutes: int


_DIALYSIS = ((7, 15), (7, 45), (11, 30), (12, 0), (15, 30))
_VISITS = ((8, 30), (9, 30), (10, 30), (11, 0), (13, 0), (13, 30), (14, 30), (15, 15))
_CLINICS = (
    _Clinic("Willamette Dialysis, 5314 N Interstate Ave, Portland, OR 97217", "97217", "J", _DIALYSIS, 255),
    _Clinic("Eastside Dialysis, 11450 NE Halsey St, Portland, OR 97220", "97220", "J", _DIALYSIS, 255),
    _Clinic("Beaverton Dialysis, 14985 SW Barrows Rd, Beaverton, OR 97007", "97007", "J", _DIALYSIS, 255),
    _Clinic("Marquam Specialty Clinic, 3303 SW Bond Ave, Portland, OR 97239", "97239", "P", _VISITS, 75),
    _Clinic("Gresham Family Clinic, 2150 NE Division St, Gresham, OR 97030", "97030", "P", _VISITS, 60),
)


def write_regulars(past: Past, people: int) -> int:
    """Both legs of that many people, promised by one vendor each; returns how many legs found one."""
    load: Counter[UUID] = Counter()
    for number in range(people):
        _person(past, number, load)
    for vendor_id, accepted in load.items():
        row = CapacityUse(
            vendor_organization_id=vendor_id,
            service_line=ServiceLine.RIDE,
            day=past.world.day,
            accepted=accepted,
        )
        past.rows.keep(row, past.world.at(0) - timedelta(hours=8))
    return load.total()


def _person(past: Past, number: int, load: Counter[UUID]) -> None:
    dice, world = past.dice, past.world
    hospital = dice.choices(past.stage.hospitals, weights=[one.beds for one in past.stage.hospitals])[0]
    left = world.at(15) - timedelta(days=dice.randrange(20, 70))
    patient = past_patient(past, _FIRST_NUMBER - 20_000 + number, hospital, "Medical", left)
    clinic = dice.choice(_CLINICS)
    there = world.at(*dice.choice(clinic.hours))
    back = there + timedelta(minutes=clinic.stays_minutes)
    what = "Dialysis" if clinic.place_kind == "J" else "Clinic visit"
    place = (clinic.name, clinic.postal_code, clinic.place_kind)
    minute = timedelta(minutes=1)
    legs = (
        Leg(f"{what}: there", True, *place, there - 70 * minute, there - 35 * minute),
        Leg(f"{what}: back", False, *place, back, back + 40 * minute),
    )
    asked_at = world.at(0) - timedelta(hours=dice.uniform(8, 14))
    vendor: PastVendor | None = None
    for leg in legs:
        errand = ask_for_leg(past, patient, leg, asked_at)
        if vendor is None:
            level = errand.booking.level_of_service or LevelOfService.AMBULATORY
            able = [
                one
                for one in able_vendors(past, errand)
                if load[one.organization_id] < _LEGS_PER_VEHICLE * _cars(one, level)
            ]
            if not able:
                return
            vendor = max(able, key=lambda one: (_cars(one, level) - load[one.organization_id] / 6, one.name))
        made = take(past, errand, vendor, asked_at + 5 * minute, asked_at + 12 * minute)
        write_award(past, made, [])
        write_errand(past, errand)
        load[vendor.organization_id] += 1


def _cars(vendor: PastVendor, level: LevelOfService) -> int:
    return sum(str(level) in one.levels for one in vendor.vehicles)
