"""Plain rules of home-health plans, written from the paper and sharing no code with the search.

They take the file's own JSON and the printed plan, re-derive distance and lateness, and say what is broken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

TOLERANCE = 1e-6
PlanRoute = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rules:
    """The file as it was read, by name."""

    patients: dict[str, dict[str, Any]]
    place: dict[str, int]
    """Row of each patient in the matrix; the office is row 0."""
    caregivers: dict[str, set[str]]
    distances: list[list[float]]

    def way(self, route: PlanRoute) -> list[float]:
        """Distances from the office through a route and back."""
        places = [0, *(self.place[patient] for patient, _ in route["stops"]), 0]
        return [self.distances[a][b] for a, b in pairwise(places)]


def rules_of(content: dict[str, Any]) -> Rules:
    """The rules of a file's content."""
    patients = {patient["id"]: patient for patient in content["patients"]}
    return Rules(
        patients,
        {patient["id"]: row for row, patient in enumerate(content["patients"], start=1)},
        {caregiver["id"]: set(caregiver["abilities"]) for caregiver in content["caregivers"]},
        content["distances"],
    )


def objective(rules: Rules, routes: Sequence[PlanRoute]) -> float:
    """(Distance + greatest lateness + total lateness) / 3 of a printed plan."""
    distance = sum(sum(rules.way(route)) for route in routes)
    lateness: list[float] = [
        max(0.0, start - rules.patients[patient]["time_window"][1])
        for route in routes
        for (patient, _), start in zip(route["stops"], route["starts"], strict=True)
    ]
    return (distance + max(lateness, default=0.0) + sum(lateness)) / 3.0


def faults(rules: Rules, routes: Sequence[PlanRoute], unserved: Sequence[Mapping[str, Any]]) -> list[str]:
    """Everything that is wrong with a plan; empty when it keeps every rule."""
    found = _served_once(rules, routes, {item["stop"] for item in unserved})
    if len({route["vehicle"] for route in routes}) < len(routes):
        found.append("a caregiver has two rounds")
    if found:
        return found
    for route in routes:
        found += _skills(rules, route) + _times(rules, route)
    return found + _pairs(rules, routes)


def _served_once(rules: Rules, routes: Sequence[PlanRoute], out: set[str]) -> list[str]:
    """Every service of every patient once, but for the patients said to be left out."""
    wanted = sorted(
        (name, need["service"])
        for name, patient in rules.patients.items()
        if name not in out
        for need in patient["required_caregivers"]
    )
    planned = sorted((patient, service) for route in routes for patient, service in route["stops"])
    unknown = [route["vehicle"] for route in routes if route["vehicle"] not in rules.caregivers]
    found = [] if planned == wanted else ["the services planned are not each service exactly once"]
    return found + [f"there is no caregiver {name}" for name in unknown]


def _skills(rules: Rules, route: PlanRoute) -> list[str]:
    """Nobody does what he cannot do."""
    known = rules.caregivers[route["vehicle"]]
    return [
        f"{route['vehicle']} cannot do {service} at {patient}"
        for patient, service in route["stops"]
        if service not in known
    ]


def _duration(rules: Rules, patient: str, service: str) -> float:
    needs = rules.patients[patient]["required_caregivers"]
    return next(float(need["duration"]) for need in needs if need["service"] == service)


def _times(rules: Rules, route: PlanRoute) -> list[str]:
    """Nobody is there before he can be, or starts before the window."""
    found, free = [], 0.0
    for (patient, service), start, way in zip(
        route["stops"], route["starts"], rules.way(route), strict=False
    ):
        if start < free + way - TOLERANCE:
            found.append(f"{service} at {patient} starts before {route['vehicle']} can be there")
        if start < rules.patients[patient]["time_window"][0] - TOLERANCE:
            found.append(f"{service} at {patient} starts before its window")
        free = start + _duration(rules, patient, service)
    return found


def _pairs(rules: Rules, routes: Sequence[PlanRoute]) -> list[str]:
    """Two services of a patient: two caregivers, at once or in the time asked for."""
    start = {
        (patient, service): (value, route["vehicle"])
        for route in routes
        for (patient, service), value in zip(route["stops"], route["starts"], strict=True)
    }
    found = []
    for name, patient in rules.patients.items():
        needs = [need["service"] for need in patient["required_caregivers"]]
        if len(needs) < 2 or (name, needs[0]) not in start:
            continue
        (first, who), (second, other) = start[name, needs[0]], start[name, needs[1]]
        rule = patient["synchronization"]
        least, most = (0.0, 0.0) if rule["type"] == "simultaneous" else rule["distance"]
        if who == other:
            found.append(f"both services of {name} are done by {who}")
        if not least - TOLERANCE <= second - first <= most + TOLERANCE:
            found.append(f"the services of {name} are {second - first:g} apart, not {least:g} to {most:g}")
    return found
