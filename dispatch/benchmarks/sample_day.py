"""Made-up days of rides home, equipment and first visits, repeatable from a seed; sizes are free.

Hospitals and homes lie in a 30 x 30 km square, distances are along streets (Manhattan) at 11 m/s. Shares
and windows follow the field: four in ten riders need a lift, the van may come within an hour of the
confirmed time, equipment is at home before the patient, the nurse comes within four hours after.
"""

from dataclasses import dataclass, field
from random import Random

import numpy as np

from dispatch.optimizer import (
    Anchor,
    Break,
    Credential,
    Depot,
    Link,
    Problem,
    Rate,
    Request,
    RequestKind,
    ServicePoint,
    Shift,
    TravelMatrix,
    Vehicle,
    Vendor,
)

HOUR = 3600
SIDE_METRES, METRES_PER_SECOND = 30_000, 11
HOSPITALS = 4


@dataclass(slots=True)
class _Map:
    """Places as they are needed, numbered in the order of their making."""

    chance: Random
    places: list[tuple[float, float]] = field(default_factory=list)

    def add(self) -> int:
        self.places.append((self.chance.uniform(0, SIDE_METRES), self.chance.uniform(0, SIDE_METRES)))
        return len(self.places) - 1

    def travel(self) -> TravelMatrix:
        points = np.array(self.places)
        metres = np.abs(points[:, None] - points[None]).sum(-1)
        return TravelMatrix.of(np.round(metres / METRES_PER_SECOND), np.round(metres))


def sample_day(
    rides: int, deliveries: int = 0, visits: int = 0, vans: int | None = None, seed: int = 0
) -> Problem:
    """A day with this many rides; the first ones also have a delivery before and a visit after.

    `vans` defaults to one for eight rides. There is a truck and a nurse for every fifteen of their stops.
    """
    chance = Random(seed)  # noqa: S311 - a repeatable day, nothing secret
    places = _Map(chance)
    hospitals = [places.add() for _ in range(HOSPITALS)]
    garage, store, office = places.add(), places.add(), places.add()
    fleet = [_van(chance, number, garage) for number in range(vans or -(-rides // 8))]
    fleet += [_truck(number, store) for number in range(-(-deliveries // 15))]
    fleet += [_nurse(number, office) for number in range(-(-visits // 6))]
    requests: list[Request] = []
    links: list[Link] = []
    for number in range(rides):
        home = places.add()
        requests.append(_ride(chance, number, chance.choice(hospitals), home))
        if number < deliveries:
            requests.append(_delivery(number, home))
            links.append(_ahead(number))
        if number < visits:
            requests.append(_visit(number, home))
            links.append(_afterwards(number))
    return Problem(
        name=f"sample day {rides}/{deliveries}/{visits}, seed {seed}",
        requests=tuple(requests),
        vehicles=tuple(fleet),
        travel=places.travel(),
        vendors=(
            Vendor(id="north", base_cents=1500),
            Vendor(id="south", base_cents=1700),
            Vendor(id="supplies", base_cents=900),
            Vendor(id="care", base_cents=5000),
        ),
        depots=(Depot(id="store", location=store, stock={"bed": deliveries, "oxygen": deliveries}),),
        links=tuple(links),
    )


def _van(chance: Random, number: int, garage: int) -> Vehicle:
    begin = chance.choice((6, 7, 8, 10)) * HOUR
    lift = number % 2 == 0
    return Vehicle(
        id=f"van-{number}",
        vendor="south" if number % 3 == 0 else "north",
        start_location=garage,
        end_location=garage,
        shift=Shift(begin, begin + 10 * HOUR, HOUR, 3000),
        configurations=((4, 0, 0, 0), (2, 1, 0, 0)) if lift else ((4, 0, 0, 0),),
        rate=Rate(2000, 60, 2400, 600),
        breaks=(Break(begin + 4 * HOUR, begin + 6 * HOUR, 1800),),
        skills=frozenset({"lift"} if lift else ()),
        credentials=(Credential("first_aid", 0, 24 * HOUR if number % 5 else begin + 6 * HOUR),),
    )


def _truck(number: int, store: int) -> Vehicle:
    return Vehicle(
        id=f"truck-{number}",
        vendor="supplies",
        start_location=store,
        end_location=store,
        depot="store",
        shift=Shift(7 * HOUR, 18 * HOUR),
        configurations=((0, 0, 0, 2000),),
        rate=Rate(3000, 70, 2800),
        breaks=(Break(11 * HOUR, 13 * HOUR, 1800),),
    )


def _nurse(number: int, office: int) -> Vehicle:
    return Vehicle(
        id=f"nurse-{number}",
        vendor="care",
        start_location=office,
        end_location=None,
        shift=Shift(8 * HOUR, 18 * HOUR),
        configurations=((0, 0, 0, 0),),
        rate=Rate(0, 50, 4000),
        skills=frozenset({"nurse"}),
    )


def _ride(chance: Random, number: int, hospital: int, home: int) -> Request:
    ready = chance.randint(9 * HOUR, 16 * HOUR)
    wheelchair = chance.random() < 0.4
    pickup = ServicePoint(hospital, ready, ready + HOUR, 300, due=ready + 1800, late_cents_per_minute=50)
    return Request(
        id=f"ride-{number}",
        kind=RequestKind.RIDE,
        points=(pickup, ServicePoint(home, ready, ready + 9000, 400)),
        load=(0, 1, 0, 0) if wheelchair else (1, 0, 0, 0),
        max_detour_seconds=1800,
        skills=frozenset({"lift"} if wheelchair else ()),
        credentials=frozenset({"first_aid"}),
        vendors=("north", "south"),
        unserved_cents=20_000,
        episode=f"patient-{number}",
    )


def _delivery(number: int, home: int) -> Request:
    return Request(
        id=f"delivery-{number}",
        kind=RequestKind.DELIVERY,
        points=(ServicePoint(home, 8 * HOUR, 17 * HOUR, 1200),),
        load=(0, 0, 0, 150),
        equipment={"oxygen" if number % 2 else "bed": 1},
        vendors=("supplies",),
        unserved_cents=15_000,
        episode=f"patient-{number}",
    )


def _visit(number: int, home: int) -> Request:
    return Request(
        id=f"visit-{number}",
        kind=RequestKind.VISIT,
        points=(ServicePoint(home, 9 * HOUR, 18 * HOUR, 2400),),
        skills=frozenset({"nurse"}),
        vendors=("care",),
        unserved_cents=15_000,
        episode=f"patient-{number}",
    )


def _ahead(number: int) -> Link:
    """Oxygen is there before the patient; a bed only had better be."""
    return Link(
        id=f"ahead-{number}",
        before=f"delivery-{number}",
        after=f"ride-{number}",
        after_anchor=Anchor.ARRIVAL,
        hard=number % 2 == 1,
        break_cents=3000,
        cents_per_minute=20,
    )


def _afterwards(number: int) -> Link:
    return Link(
        id=f"afterwards-{number}",
        before=f"ride-{number}",
        after=f"visit-{number}",
        min_lag_seconds=900,
        max_lag_seconds=4 * HOUR,
    )
