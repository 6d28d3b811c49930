"""The vendors of the larger demo: nine ride companies, one ambulance service, five suppliers of a metro.

Fleets are what the companies offer to the marketplace, about 60 % of what they own.
"""

from __future__ import annotations

from dataclasses import replace

from vendors.demo.cast import (
    AIR_CASTS,
    AMBULANCE,
    BED_VAN,
    CARGO_VAN,
    CASTS,
    HOME_ITEMS,
    MINIVAN,
    OXYGEN_ITEMS,
    SEDAN,
    STRETCHER_VAN,
    WHEELCHAIR_VAN,
    WIDE_VAN,
    Cast,
    VehicleModel,
)
from vendors.fleet.words import Skill

ALS_AMBULANCE = replace(AMBULANCE, name="ALS ambulance", levels=("stretcher", "bls", "als"))
_VAN_SKILLS = (Skill.WHEELCHAIR_SECUREMENT, Skill.STAIRS)
_SITTING = ("ambulatory", "ambulatory_assist", "wheelchair")
WEST, EAST, NORTH = "portland-west", "portland-east", "portland-north"


def _rides(
    slug: str,
    region: str,
    fleet: tuple[VehicleModel, ...],
    address: str,
    *,
    levels: tuple[str, ...] = _SITTING,
    skills: tuple[Skill, ...] = _VAN_SKILLS,
    percent: int = 100,
    radius_km: int = 40,
    per_day: int = 60,
) -> Cast:
    return Cast(
        slug,
        "ride",
        levels,
        fleet,
        skills,
        percent=percent,
        radius_km=radius_km,
        tolerance_minutes=20,
        depot_address=address,
        per_day=per_day,
        region=region,
    )


def _supplies(slug: str, region: str, vans: int, beds: int, items: tuple[str, ...], address: str) -> Cast:
    oxygen = "E1390" in items
    return Cast(
        slug,
        "equipment",
        (),
        (CARGO_VAN,) * vans + (BED_VAN,) * beds,
        (Skill.OXYGEN_SETUP, Skill.RESPIRATORY) if oxygen else (Skill.BED_SETUP,),
        percent=102,
        radius_km=55,
        tolerance_minutes=30,
        depot_address=address,
        equipment=items,
        per_day=40,
        region=region,
    )


_FLEETS = {
    "harbor-rides": (*(WHEELCHAIR_VAN,) * 9, SEDAN, MINIVAN, SEDAN, MINIVAN, STRETCHER_VAN, STRETCHER_VAN),
    "bayview-medical-transport": (
        *(WHEELCHAIR_VAN,) * 7, WIDE_VAN, AMBULANCE, MINIVAN, SEDAN, STRETCHER_VAN, WIDE_VAN,
    ),
}  # fmt: skip
_REGIONS = {
    "harbor-rides": NORTH,
    "bayview-medical-transport": EAST,
    "clearair-oxygen": EAST,
    "homewell-medical-supply": WEST,
}
_NEWCOMERS = (
    _rides(
        "rose-quarter-mobility",
        NORTH,
        (WHEELCHAIR_VAN, WHEELCHAIR_VAN, WHEELCHAIR_VAN, MINIVAN, SEDAN, WHEELCHAIR_VAN),
        "1300 N Interstate Ave",
        percent=97,
    ),
    _rides(
        "cascade-wheelchair-transport",
        WEST,
        (WHEELCHAIR_VAN, WHEELCHAIR_VAN, WHEELCHAIR_VAN, WIDE_VAN, MINIVAN, SEDAN),
        "9320 SW Barbur Blvd",
        levels=(*_SITTING, "wheelchair_bariatric"),
        percent=104,
    ),
    _rides(
        "tualatin-valley-rides",
        WEST,
        (WHEELCHAIR_VAN, WHEELCHAIR_VAN, MINIVAN, SEDAN, WHEELCHAIR_VAN),
        "2850 SW Cedar Hills Blvd",
        percent=99,
        radius_km=32,
    ),
    _rides(
        "gresham-care-cab",
        EAST,
        (WHEELCHAIR_VAN, WHEELCHAIR_VAN, MINIVAN, SEDAN, WHEELCHAIR_VAN),
        "1900 NE Burnside Rd",
        percent=92,
        radius_km=34,
    ),
    _rides(
        "st-johns-mobility", NORTH, (WHEELCHAIR_VAN, MINIVAN), "8316 N Lombard St", percent=95, per_day=18
    ),
    _rides(
        "canby-stretcher-car",
        EAST,
        (STRETCHER_VAN,),
        "190 S Ivy St",
        levels=("stretcher",),
        skills=(Skill.STRETCHER, Skill.STAIRS),
        percent=110,
        radius_km=60,
        per_day=9,
    ),
    _rides(
        "willamette-sedan",
        WEST,
        (SEDAN,),
        "300 B Ave",
        levels=("ambulatory", "ambulatory_assist"),
        skills=(),
        percent=90,
        per_day=10,
    ),
    _rides(
        "willamette-ambulance",
        EAST,
        (*(AMBULANCE,) * 6, *(ALS_AMBULANCE,) * 3),
        "6330 SE 82nd Ave",
        levels=("stretcher", "bls", "als"),
        skills=(Skill.STRETCHER, Skill.BLS, Skill.STAIRS),
        percent=106,
        radius_km=60,
    ),
    _supplies("northgate-medical", EAST, 4, 1, HOME_ITEMS, "4920 NE 122nd Ave"),
    _supplies("columbia-home-supply", NORTH, 3, 1, HOME_ITEMS, "3700 N Columbia Blvd"),
    _supplies("oregon-home-oxygen", WEST, 4, 0, OXYGEN_ITEMS, "16100 SW 72nd Ave"),
)


def casts(size: str) -> tuple[Cast, ...]:
    """The vendors of a demo of this size."""
    return CASTS if size == "S" else (*(_grown(cast) for cast in CASTS), *_NEWCOMERS)


def air_casts(size: str) -> tuple[Cast, ...]:
    """Who flies patients out, and who meets them there, in the region whose ambulances bring them."""
    return AIR_CASTS if size == "S" else tuple(replace(cast, region=EAST) for cast in AIR_CASTS)


def _grown(cast: Cast) -> Cast:
    fleet = _FLEETS.get(cast.slug, cast.fleet)
    return replace(cast, fleet=fleet, region=_REGIONS.get(cast.slug, cast.region), per_day=cast.per_day * 2)
