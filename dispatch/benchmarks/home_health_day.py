"""Made-up home-health days in the file format of Mankowska, Meisel and Bierwirth, repeatable from a seed.

Their recipe: a square of 100 by 100, windows of two hours in a day of ten, one caregiver for five patients
(three at least) with up to three of the first or of the last three services, three patients in ten need two
services, half of those at once.
"""

from __future__ import annotations

from math import dist
from random import Random
from typing import Any

SIDE, DAY, WINDOW, STAY = 100, 600, 120, 14
SERVICES = ("s1", "s2", "s3", "s4", "s5", "s6")


def home_health_day(patients: int, seed: int = 0) -> dict[str, Any]:
    """The content of one file; every service has a caregiver who can do it."""
    chance = Random(seed)  # noqa: S311 - a repeatable day
    points = [(chance.randint(0, SIDE), chance.randint(0, SIDE)) for _ in range(patients + 1)]
    pairs = round(0.3 * patients)
    return {
        "patients": [
            _patient(chance, number, points[number], pair=number > patients - pairs)
            for number in range(1, patients + 1)
        ],
        "services": [{"id": name, "default_duration": STAY} for name in SERVICES],
        "caregivers": _caregivers(chance, max(3, patients // 5)),
        "central_offices": [{"id": "d", "location": list(points[0])}],
        "distances": [[round(dist(a, b), 3) for b in points] for a in points],
    }


def _patient(chance: Random, number: int, point: tuple[int, int], *, pair: bool) -> dict[str, Any]:
    """One patient; the second service of a pair is always one of the last three."""
    begin = chance.randint(0, DAY - WINDOW)
    services = [chance.choice(SERVICES)]
    if pair:
        services = [chance.choice(SERVICES[:3]), chance.choice(SERVICES[3:])]
    patient: dict[str, Any] = {
        "id": f"p{number}",
        "location": list(point),
        "time_window": [begin, begin + WINDOW],
        "required_caregivers": [{"service": service, "duration": STAY} for service in services],
    }
    if pair and chance.random() < 0.5:
        patient["synchronization"] = {"type": "simultaneous"}
    elif pair:
        least = chance.randint(0, 60)
        patient["synchronization"] = {"type": "sequential", "distance": [least, 2 * least]}
    return patient


def _caregivers(chance: Random, count: int) -> list[dict[str, Any]]:
    """Half of them for the first three services, half for the others; the first two can do all of theirs."""
    found = []
    for number in range(count):
        own = SERVICES[:3] if number % 2 == 0 else SERVICES[3:]
        known = sorted(own if number < 2 else chance.sample(own, chance.randint(1, 3)))
        found.append({"id": f"c{number + 1}", "abilities": known})
    return found
