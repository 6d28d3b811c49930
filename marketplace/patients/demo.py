"""The patients' part of the demo: one hospital's day of people who are to leave, and Mrs. Alvarez."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from marketplace.foundation.access import system_actor
from marketplace.foundation.work import WorkSession, unit_of_work
from marketplace.foundation.world import World
from marketplace.patients import authorizations, coverage, encounters
from marketplace.patients import service as patients
from marketplace.patients.demo_people import Person, draw_person
from marketplace.patients.words import Identity, MobilityAid, Needs, Receiver, ServiceLine

SIZES = {"S": 50, "M": 343}
_HOUR_WEIGHTS = {
    10: 3.4, 11: 5.6, 12: 8.4, 13: 10.0, 14: 10.8, 15: 11.4, 16: 11.2, 17: 10.2, 18: 8.6, 19: 6.5, 20: 4.5,
}  # fmt: skip
"""At which hour people leave on a weekday, from the hour after the demo begins."""
PLANS = (
    ("evergreen-health-plan", ("Evergreen Advantage", "Evergreen Community Medicaid")),
    ("cascade-advantage", ("Cascade Advantage Gold", "Cascade Advantage Dual")),
    ("rose-city-mutual", ("Rose City Choice PPO",)),
)
"""Payers by slug with their plans; the small demo knows the first only."""
ROSA = Person(
    Identity(
        given_name="Rosa", family_name="Alvarez", birth_date="1948-05-17", mrn="SB-104822",
        phone="503 555 0142", address_line="2316 SE Ash St", city="Portland", state="OR", postal_code="97214",
    ),
    Needs(stairs_count=3, weight_kg=71, oxygen_lpm=Decimal(2), mobility_aid=MobilityAid.WHEELCHAIR),
    Receiver("Elena Alvarez", "503 555 0177", "daughter", "Side door on 23rd, ramp"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody in the demo's hospital, as later parts find them in `things["guests"]`."""

    topic: str
    person: Person
    patient_id: UUID
    encounter_id: UUID
    leaves_at: datetime
    coverage_id: UUID | None
    ride_authorization_id: UUID | None
    equipment_authorization_id: UUID | None


def demo(world: World) -> None:
    """Mrs. Alvarez, who leaves at 15:00, and everybody else of the day; leaves `guests` in `things`."""
    health_system = world.things["organizations"]["st-brigid"]
    guests = []
    with unit_of_work(world.runtime, system_actor(health_system)) as session:
        guests.append(_guest(session, world, "alvarez", ROSA, world.at(15), insured=True, units=4))
        dice = world.random("patients:people")
        for number in range(SIZES.get(world.size, SIZES["S"]) - 1):
            person = draw_person(dice, number, world.day)
            hour = dice.choices(list(_HOUR_WEIGHTS), weights=list(_HOUR_WEIGHTS.values()))[0]
            leaves = world.at(hour, dice.choice((0, 15, 30, 30, 45)))
            insured, units = dice.random() < 0.7, dice.choice((0, 2, 2, 4))
            guests.append(
                _guest(session, world, f"guest-{number}", person, leaves, insured=insured, units=units)
            )
    world.things["guests"] = guests
    rosa = guests[0]
    world.planted |= {
        "alvarez_patient": str(rosa.patient_id),
        "alvarez_encounter": str(rosa.encounter_id),
        "alvarez_coverage": str(rosa.coverage_id),
        "alvarez_ride_authorization": str(rosa.ride_authorization_id),
        "alvarez_oxygen_authorization": str(rosa.equipment_authorization_id),
    }


def _guest(
    session: WorkSession,
    world: World,
    topic: str,
    person: Person,
    leaves_at: datetime,
    *,
    insured: bool,
    units: int,
) -> Guest:
    dice = world.random(f"patients:{topic}")
    facility_id, unit = _bed(world, topic)
    patient = patients.create_patient(
        session,
        person.identity,
        person.needs,
        receiver=person.receiver,
        patient_id=world.id(f"patient:{topic}"),
    )
    stay = encounters.admit(
        session,
        patient.id,
        facility_id,
        unit=unit,
        admitted_at=leaves_at - timedelta(days=dice.randrange(1, 9), hours=dice.randrange(3, 20)),
        expected_discharge_at=leaves_at,
        encounter_id=world.id(f"encounter:{topic}"),
    )
    coverage_id, ride, equipment = None, None, None
    if insured:
        coverage_id = _coverage(session, world, topic, patient.id)
        if units:
            ride = _authorization(session, world, topic, coverage_id, ServiceLine.RIDE, units)
            equipment = _authorization(session, world, topic, coverage_id, ServiceLine.EQUIPMENT, units)
    return Guest(topic, person, patient.id, stay.id, leaves_at, coverage_id, ride, equipment)


def _bed(world: World, topic: str) -> tuple[UUID, str]:
    """The hospital and unit somebody lies in, by size; Mrs. Alvarez on 4 West of the first."""
    hospitals = world.things["hospitals"]
    if topic == "alvarez":
        return hospitals[0][0], hospitals[0][1][0]
    dice = world.random(f"bed:{topic}")
    facility_id, units, _ = dice.choices(hospitals, weights=[beds for _, _, beds in hospitals])[0]
    return facility_id, dice.choice(units)


def _coverage(session: WorkSession, world: World, topic: str, patient_id: UUID) -> UUID:
    dice = world.random(f"coverage:{topic}")
    payer_slug, plans = PLANS[0] if world.size == "S" else dice.choices(PLANS, weights=(60, 28, 12))[0]
    if topic == "alvarez":
        payer_slug, plans = PLANS[0]
    row = coverage.add_coverage(
        session,
        patient_id,
        world.things["organizations"][payer_slug],
        plan_name=dice.choice(plans),
        member_id=f"EV-{dice.randrange(10_000_000, 99_999_999)}",
        effective_from=world.day.replace(month=1, day=1),
        coverage_id=world.id(f"coverage:{topic}"),
    )
    return row.id


def _authorization(
    session: WorkSession, world: World, topic: str, coverage_id: UUID, line: ServiceLine, units: int
) -> UUID:
    letters = "R" if line is ServiceLine.RIDE else "E"
    row = authorizations.add_authorization(
        session,
        coverage_id,
        number=f"PA-{letters}-{world.random(f'authorization:{letters}:{topic}').randrange(10**7, 10**8)}",
        service_line=line,
        units_approved=units,
        valid_from=world.day - timedelta(days=3),
        valid_to=world.day + timedelta(days=60),
        authorization_id=world.id(f"authorization:{letters}:{topic}"),
    )
    return row.id
