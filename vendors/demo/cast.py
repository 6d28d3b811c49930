"""The demo's vendors as data: what they drive and supply, what they charge, where they go."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.careplans.disciplines import Discipline
from vendors.fleet.words import Configuration, Skill, VehicleKind
from vendors.network.words import RateUnit

PAYER = "evergreen-health-plan"
HOSPITAL = "st-brigid"


@dataclass(frozen=True, slots=True)
class VehicleModel:
    """A kind of vehicle in a fleet: how it can be loaded, what it may carry, how many people it needs."""

    name: str
    kind: VehicleKind
    levels: tuple[str, ...]
    configurations: tuple[Configuration, ...]
    crew: int = 1
    lift_capacity_kg: int | None = None
    features: tuple[str, ...] = ()


_WALKING = ("ambulatory", "ambulatory_assist")
SEDAN = VehicleModel("Sedan", VehicleKind.SEDAN, _WALKING, (Configuration("3 seats", ambulatory=3),))
MINIVAN = VehicleModel("Minivan", VehicleKind.MINIVAN, _WALKING, (Configuration("5 seats", ambulatory=5),))
WHEELCHAIR_VAN = VehicleModel(
    "Wheelchair van",
    VehicleKind.WHEELCHAIR_VAN,
    (*_WALKING, "wheelchair"),
    (
        Configuration("2 chairs, 2 seats", ambulatory=2, wheelchair=2),
        Configuration("1 chair, 5 seats", ambulatory=5, wheelchair=1),
    ),
    lift_capacity_kg=270,
    features=("lift", "oxygen_mount"),
)
WIDE_VAN = VehicleModel(
    "Wide-lift van",
    VehicleKind.WHEELCHAIR_VAN,
    (*_WALKING, "wheelchair", "wheelchair_bariatric"),
    (
        Configuration("1 wide chair, 2 seats", ambulatory=2, wheelchair=1),
        Configuration("2 chairs", wheelchair=2),
    ),
    lift_capacity_kg=450,
    features=("lift", "wide_lift", "oxygen_mount"),
)
STRETCHER_VAN = VehicleModel(
    "Stretcher van",
    VehicleKind.STRETCHER_VAN,
    ("wheelchair", "stretcher"),
    (
        Configuration("1 stretcher, 1 seat", ambulatory=1, stretcher=1),
        Configuration("1 chair, 2 seats", ambulatory=2, wheelchair=1),
    ),
    crew=2,
    lift_capacity_kg=320,
    features=("lift", "oxygen_mount", "stair_chair"),
)
AMBULANCE = VehicleModel(
    "Ambulance",
    VehicleKind.AMBULANCE,
    ("stretcher", "bls"),
    (Configuration("1 stretcher, 1 seat", ambulatory=1, stretcher=1),),
    crew=2,
    features=("oxygen", "stair_chair"),
)
TURBOPROP = VehicleModel(
    "Turboprop",
    VehicleKind.AIRPLANE,
    ("air_fixed",),
    (Configuration("1 stretcher, 2 seats", ambulatory=2, stretcher=1),),
    crew=2,
    features=("oxygen",),
)
HELICOPTER = VehicleModel(
    "Helicopter",
    VehicleKind.HELICOPTER,
    ("air_rotor",),
    (Configuration("1 stretcher, 1 seat", ambulatory=1, stretcher=1),),
    crew=2,
    features=("oxygen",),
)
CARGO_VAN = VehicleModel(
    "Cargo van",
    VehicleKind.CARGO_VAN,
    (),
    (Configuration("cargo", cargo_liters=4_500),),
    features=("hand_truck",),
)
BED_VAN = VehicleModel(
    "Bed van",
    VehicleKind.CARGO_VAN,
    (),
    (Configuration("cargo", cargo_liters=9_000),),
    crew=2,
    features=("hand_truck", "tail_lift"),
)


CLINICIAN_CAR = VehicleModel(
    "Clinician's car",
    VehicleKind.SEDAN,
    (),
    (Configuration("bag and laptop", ambulatory=1),),
)


@dataclass(frozen=True, slots=True)
class Cast:
    """One vendor: `percent` is its price level against the list, `radius_km` how far it goes."""

    slug: str
    line: str
    levels: tuple[str, ...]
    fleet: tuple[VehicleModel, ...]
    skills: tuple[Skill, ...]
    percent: int
    radius_km: int
    tolerance_minutes: int
    depot_address: str
    equipment: tuple[str, ...] = ()
    per_day: int = 60
    region: str = "portland"
    """Whose day its vehicles are planned in."""
    one_skill_each: bool = False
    """`skills` are those of its people, one after the other."""


OXYGEN_ITEMS = ("E1390", "E0431", "E1392", "E0466", "E0470", "E0601", "E0570", "E0600")
HOME_ITEMS = (
    "E0100", "E0105", "E0143", "E0149", "E0163", "E0168", "E0240", "E0247", "E0185", "E0260", "E0303",
    "E0277", "E0630", "E2402", "E0781", "B9002", "K0001", "K0003", "K0007", "E0570",
)  # fmt: skip

CASTS = (
    Cast(
        "harbor-rides",
        "ride",
        ("ambulatory", "ambulatory_assist", "wheelchair", "stretcher"),
        (
            WHEELCHAIR_VAN,
            WHEELCHAIR_VAN,
            WHEELCHAIR_VAN,
            WHEELCHAIR_VAN,
            SEDAN,
            MINIVAN,
            SEDAN,
            STRETCHER_VAN,
        ),
        (Skill.WHEELCHAIR_SECUREMENT, Skill.STAIRS),
        percent=100,
        radius_km=45,
        tolerance_minutes=20,
        depot_address="7410 N Chicago Ave",
    ),
    Cast(
        "bayview-medical-transport",
        "ride",
        ("ambulatory", "ambulatory_assist", "wheelchair", "wheelchair_bariatric", "stretcher", "bls"),
        (WHEELCHAIR_VAN, WHEELCHAIR_VAN, WIDE_VAN, AMBULANCE, MINIVAN, STRETCHER_VAN),
        (Skill.WHEELCHAIR_SECUREMENT, Skill.STRETCHER, Skill.BLS),
        percent=108,
        radius_km=40,
        tolerance_minutes=15,
        depot_address="12250 NE Glisan St",
    ),
    Cast(
        "clearair-oxygen",
        "equipment",
        (),
        (CARGO_VAN, CARGO_VAN, CARGO_VAN),
        (Skill.OXYGEN_SETUP, Skill.RESPIRATORY),
        percent=100,
        radius_km=55,
        tolerance_minutes=30,
        depot_address="4033 SE Raymond St",
        equipment=OXYGEN_ITEMS,
        per_day=40,
    ),
    Cast(
        "homewell-medical-supply",
        "equipment",
        (),
        (CARGO_VAN, CARGO_VAN, BED_VAN),
        (Skill.BED_SETUP,),
        percent=96,
        radius_km=50,
        tolerance_minutes=30,
        depot_address="10700 SW Allen Blvd",
        equipment=HOME_ITEMS,
        per_day=40,
    ),
)

AIR_CASTS = (
    Cast(
        "cascade-wings",
        "ride",
        ("air_fixed", "air_rotor"),
        (TURBOPROP, HELICOPTER),
        (Skill.PILOT, Skill.FLIGHT_NURSE, Skill.PILOT, Skill.FLIGHT_NURSE),
        percent=100,
        radius_km=700,
        tolerance_minutes=30,
        depot_address="920 NW Perimeter Way",
        per_day=6,
        one_skill_each=True,
    ),
    Cast(
        "high-desert-ambulance",
        "ride",
        ("stretcher", "bls"),
        (AMBULANCE, AMBULANCE),
        (Skill.STRETCHER, Skill.BLS),
        percent=102,
        radius_km=60,
        tolerance_minutes=20,
        depot_address="1130 SW Highland Ave",
        per_day=12,
    ),
)
"""Who flies patients from the metro, and who meets them behind the mountains."""

HOME_HEALTH_CASTS = (
    Cast(
        "rose-city-home-health",
        "home_health",
        (),
        (CLINICIAN_CAR,) * 8,
        (Skill.SKILLED_NURSING, Skill.PHYSICAL_THERAPY, Skill.SKILLED_NURSING, Skill.OCCUPATIONAL_THERAPY,
         Skill.AIDE, Skill.SPEECH_THERAPY, Skill.SOCIAL_WORK, Skill.PHYSICAL_THERAPY),
        percent=100,
        radius_km=45,
        tolerance_minutes=60,
        depot_address="1405 NE Broadway",
    ),
    Cast(
        "columbia-visiting-nurses",
        "home_health",
        (),
        (CLINICIAN_CAR,) * 5,
        (Skill.SKILLED_NURSING, Skill.SKILLED_NURSING, Skill.PHYSICAL_THERAPY, Skill.OCCUPATIONAL_THERAPY,
         Skill.AIDE),
        percent=97,
        radius_km=35,
        tolerance_minutes=60,
        depot_address="9320 SE Foster Rd",
    ),
)  # fmt: skip
"""Of an agency `skills` are the disciplines of its clinicians, one after the other."""

VISIT_CENTS = {
    Discipline.SKILLED_NURSING: 165_00,
    Discipline.PHYSICAL_THERAPY: 148_00,
    Discipline.OCCUPATIONAL_THERAPY: 150_00,
    Discipline.SPEECH_THERAPY: 156_00,
    Discipline.SOCIAL_WORK: 171_00,
    Discipline.AIDE: 62_00,
}
"""Cents per visit."""

RIDE_LIST = (
    ("T2003", "Ambulatory trip", RateUnit.TRIP, 24_00, None),
    ("S0215", "Ambulatory mile", RateUnit.MILE, 2_10, None),
    ("A0130", "Wheelchair van trip", RateUnit.TRIP, 42_00, None),
    ("A0130", "Wheelchair van trip, wide lift", RateUnit.TRIP, 68_00, "wheelchair_bariatric"),
    ("S0209", "Wheelchair van mile", RateUnit.MILE, 2_85, None),
    ("T2005", "Stretcher van trip", RateUnit.TRIP, 118_00, None),
    ("T2049", "Stretcher van mile", RateUnit.MILE, 5_40, None),
    ("A0428", "BLS ambulance, non-emergency", RateUnit.TRIP, 246_00, None),
    ("A0426", "ALS ambulance, non-emergency", RateUnit.TRIP, 318_00, None),
    ("A0425", "Ambulance mile", RateUnit.MILE, 9_15, None),
    ("T2007", "Waiting, half hour", RateUnit.HALF_HOUR, 11_30, None),
    ("A0420", "Ambulance waiting, half hour", RateUnit.HALF_HOUR, 19_80, None),
    ("T2001", "Second person", RateUnit.TRIP, 18_00, None),
    ("A0424", "Extra ambulance attendant", RateUnit.TRIP, 31_00, None),
    ("A0422", "Oxygen on the way", RateUnit.TRIP, 10_00, None),
)
"""(code, description, unit, cents, level): the price level of 100 percent, near public Medicaid figures."""

AIR_LIST = (
    ("A0430", "Air ambulance, aeroplane", RateUnit.TRIP, 3_150_00, None),
    ("A0435", "Air mile, aeroplane", RateUnit.MILE, 11_40, None),
    ("A0431", "Air ambulance, helicopter", RateUnit.TRIP, 3_640_00, None),
    ("A0436", "Air mile, helicopter", RateUnit.MILE, 27_10, None),
    ("A0420", "Ambulance waiting, half hour", RateUnit.HALF_HOUR, 60_00, None),
    ("A0424", "Extra ambulance attendant", RateUnit.TRIP, 180_00, None),
    ("A0422", "Oxygen on the way", RateUnit.TRIP, 25_00, None),
)
"""The same for those who fly, near the fee schedule of Medicare."""

MONTHLY_CENTS = {
    "E1390": 142_00, "E0431": 31_50, "E1392": 168_00, "E0466": 985_00, "E0470": 212_00, "E0601": 64_00,
    "E0570": 17_20, "E0600": 47_00, "E0260": 121_00, "E0303": 262_00, "E0277": 348_00, "E0630": 96_00,
    "E2402": 1_350_00, "E0781": 232_00, "B9002": 98_00, "K0001": 46_50, "K0003": 69_00, "K0007": 158_00,
}  # fmt: skip
PURCHASE_CENTS = {
    "E0100": 19_00, "E0105": 42_00, "E0143": 97_50, "E0149": 186_00, "E0163": 88_00, "E0168": 149_00,
    "E0240": 54_00, "E0247": 92_00, "E0185": 245_00,
}  # fmt: skip
DELIVERY_CENTS = 25_00

SHIFTS = ((4, 30, 20), (6, 0, 30), (8, 0, 25), (10, 0, 15), (13, 0, 10))
"""(hour, minute, weight): ten-hour shifts as metro fleets start them."""
