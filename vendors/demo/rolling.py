"""The demo's vehicles, people, and their shifts on the played day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from marketplace.foundation.work import WorkSession
from marketplace.foundation.world import World
from marketplace.identity.models import User
from vendors.demo.cast import SHIFTS, Cast, VehicleModel
from vendors.fleet.models import CrewMember, Depot, Shift, ShiftCrew, Vehicle
from vendors.fleet.words import CrewKind, Skill, VehicleKind

_LENGTH = timedelta(hours=10)
_BREAK_MINUTES = 30
_KINDS = {"ride": CrewKind.DRIVER, "equipment": CrewKind.TECHNICIAN, "home_health": CrewKind.CLINICIAN}


@dataclass
class Rolling:
    """What a vendor has on the road; `teams` are the crews of the vehicles, in the vehicles' order."""

    vehicles: list[Vehicle] = field(default_factory=list)
    crew: list[CrewMember] = field(default_factory=list)
    teams: list[list[CrewMember]] = field(default_factory=list)


def put_on_the_road(
    session: WorkSession, world: World, cast: Cast, depot: Depot, people: Sequence[User]
) -> Rolling:
    """Vehicles with plates, crew members with their sign-ins, a shift for every crewed vehicle."""
    dice = world.random(f"fleet:{cast.slug}")
    rolling = Rolling()
    for number, model in enumerate(cast.fleet, start=1):
        rolling.vehicles.append(
            Vehicle(
                id=world.id(f"vehicle:{cast.slug}:{number}"),
                vendor_organization_id=depot.vendor_organization_id,
                name=f"{model.name} {number}",
                plate=_plate(dice, model),
                kind=model.kind,
                configurations=[way.to_json() for way in model.configurations],
                levels=list(model.levels),
                features=list(model.features),
                lift_capacity_kg=model.lift_capacity_kg,
                depot_id=depot.id,
            )
        )
    crew = enumerate(_by_shown_first(world, cast, people))
    rolling.crew = [_member(world, cast, person, dice, number) for number, person in crew]
    session.add_all([*rolling.vehicles, *rolling.crew])
    session.flush()
    _roster(session, world, cast, rolling, dice)
    return rolling


def _plate(dice: Random, model: VehicleModel) -> str:
    """A licence plate, or the registration of an aircraft."""
    number, letters = dice.randrange(100, 1000), "".join(dice.choices("BCDFGHJKLMNPRSTVWXZ", k=3))
    flies = model.kind in (VehicleKind.AIRPLANE, VehicleKind.HELICOPTER)
    return f"N{number}{letters[:2]}" if flies else f"{number} {letters}"


def _by_shown_first(world: World, cast: Cast, people: Sequence[User]) -> list[User]:
    """The crew, the one with a sign-in on the demo page first: the first vehicle is theirs."""
    order = world.things["users"][cast.slug][str(_KINDS[cast.line])]
    by_id = {person.id: person for person in people}
    return [by_id[user_id] for user_id in order]


def _member(world: World, cast: Cast, person: User, dice: Random, number: int) -> CrewMember:
    skills = [str(skill) for skill in cast.skills]
    if cast.line == "home_health" or cast.one_skill_each:
        skills = skills[number : number + 1]
    if dice.random() < 0.25:
        skills.append(str(Skill.SPANISH))
    return CrewMember(
        id=world.id(f"crew:{person.email}"),
        vendor_organization_id=person.organization_id,
        user_id=person.id,
        name=person.name,
        kind=_KINDS[cast.line],
        skills=skills,
        phone=f"+1 503 555 {dice.randrange(100, 200):04d}",
    )


def _roster(session: WorkSession, world: World, cast: Cast, rolling: Rolling, dice: Random) -> None:
    waiting = list(rolling.crew)
    for number, (vehicle, model) in enumerate(zip(rolling.vehicles, cast.fleet, strict=True)):
        team, waiting = waiting[: model.crew], waiting[model.crew :]
        if len(team) < model.crew:
            rolling.teams.append([])
            continue
        rolling.teams.append(team)
        start = world.at(8) if number == 0 or cast.line == "home_health" else _start(world, dice)
        session.add(_shift(vehicle, team, start))
        if cast.line == "home_health":  # first visits are often of the day after
            session.add_all(_shift(vehicle, team, world.at(8) + timedelta(days=days)) for days in (1, 2))
    session.flush()


def _start(world: World, dice: Random) -> datetime:
    hour, minute, _ = dice.choices(SHIFTS, weights=[weight for _, _, weight in SHIFTS])[0]
    return world.at(hour, minute)


def _shift(vehicle: Vehicle, team: Sequence[CrewMember], starts_at: datetime) -> Shift:
    ends_at = starts_at + _LENGTH
    shift = Shift(
        vendor_organization_id=vehicle.vendor_organization_id,
        vehicle_id=vehicle.id,
        starts_at=starts_at,
        ends_at=ends_at,
        break_minutes=_BREAK_MINUTES,
        break_earliest_at=starts_at + timedelta(hours=3, minutes=30),
        break_latest_at=starts_at + timedelta(hours=6),
    )
    shift.crew = [
        ShiftCrew(
            crew_member_id=member.id,
            vendor_organization_id=member.vendor_organization_id,
            position=position,
            starts_at=starts_at,
            ends_at=ends_at,
        )
        for position, member in enumerate(team)
    ]
    return shift
