"""Mankowska, Meisel and Bierwirth's home-health instances (2014) as JSON, read and solved.

Keys: ``patients`` (``id``, ``time_window`` of two numbers, ``required_caregivers``: one or two of ``service``
and ``duration``, and for two ``synchronization``: ``type`` simultaneous, or sequential with ``distance``, the
smallest and largest time between the starts), ``caregivers`` (``id``, ``abilities``), ``distances`` (a square
matrix, the office first, then the patients in order). The two services of a patient need two caregivers.
Objective: (distance + greatest lateness + total lateness) / 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dispatch.optimizer.caregivers.search import Found, search
from dispatch.optimizer.caregivers.visits import ALONE, FIRST, SECOND, TOGETHER, Visits
from dispatch.optimizer.engine.instance import Floats
from dispatch.optimizer.errors import ProblemError
from dispatch.optimizer.formats.json_keys import entries, loaded, number, numbers, text
from dispatch.optimizer.formats.mankowska_rules import faults, objective, rules_of
from dispatch.optimizer.stop import Stop

MOST_PATIENTS, MOST_CAREGIVERS = 2_000, 1_000
LARGEST_NUMBER = 1e9


@dataclass(frozen=True, slots=True)
class Demand:
    """One service at one patient."""

    patient: str
    service: str
    place: int
    early: float
    late: float
    stay: float
    role: int = ALONE
    least: float = 0.0
    most: float = 0.0


@dataclass(frozen=True, slots=True)
class HomeHealth:
    """A file: its services in order (a pair's side by side), caregivers and distances."""

    demands: list[Demand]
    caregivers: list[str]
    abilities: list[frozenset[str]]
    distance: Floats


def read(content: Any) -> HomeHealth:
    """The instance of a JSON object; raises :class:`ProblemError` naming the key that is wrong."""
    if not isinstance(content, dict):
        raise ProblemError("json", "must be one object")
    patients = entries(content, "patients", MOST_PATIENTS)
    caregivers = entries(content, "caregivers", MOST_CAREGIVERS)
    demands = [
        demand
        for place, patient in enumerate(patients, start=1)
        for demand in _demands(patient, f"patients[{place - 1}]", place)
    ]
    _all_different([text(patient, "id", f"patients[{i}]") for i, patient in enumerate(patients)], "patients")
    names = [text(one, "id", f"caregivers[{i}]") for i, one in enumerate(caregivers)]
    _all_different(names, "caregivers")
    abilities = [_abilities(one, f"caregivers[{i}]") for i, one in enumerate(caregivers)]
    return HomeHealth(demands, names, abilities, _distances(content, len(patients) + 1))


def _all_different(names: list[str], key: str) -> None:
    """Identifiers must name one thing only."""
    seen: set[str] = set()
    for position, name in enumerate(names):
        if name in seen:
            raise ProblemError(f"{key}[{position}].id", f"{name!r} is there twice")
        seen.add(name)


def _abilities(caregiver: dict[str, Any], key: str) -> frozenset[str]:
    """Names of the services that a caregiver can do."""
    found = caregiver.get("abilities")
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise ProblemError(f"{key}.abilities", "must be a list of names of services")
    return frozenset(found)


def _demands(patient: Any, key: str, place: int) -> list[Demand]:
    """The one or two services of a patient."""
    name = text(patient, "id", key)
    early, late = numbers(patient.get("time_window"), f"{key}.time_window", 2)
    if not 0 <= early <= late:
        raise ProblemError(
            f"{key}.time_window", f"must begin at 0 or later and not end before, is {early}, {late}"
        )
    needs = entries(patient, "required_caregivers", 2, key)
    if len({text(need, "service", key) for need in needs}) < len(needs):
        raise ProblemError(f"{key}.required_caregivers", "must name two different services")
    role, least, most = _synchronization(patient, key) if len(needs) == 2 else (ALONE, 0.0, 0.0)
    roles = [role] if len(needs) == 1 else [role, SECOND if role == FIRST else role]
    return [
        Demand(
            name,
            text(need, "service", f"{key}.required_caregivers[{i}]"),
            place, early, late,
            number(need.get("duration"), f"{key}.required_caregivers[{i}].duration", 0.0, LARGEST_NUMBER),
            part, least, most,
        )
        for i, (need, part) in enumerate(zip(needs, roles, strict=True))
    ]  # fmt: skip


def _synchronization(patient: dict[str, Any], key: str) -> tuple[int, float, float]:
    """Role of the first of two services, smallest and largest time between their starts."""
    rule = patient.get("synchronization")
    if not isinstance(rule, dict):
        raise ProblemError(f"{key}.synchronization", "is missing; two services need it")
    if rule.get("type") == "simultaneous":
        return TOGETHER, 0.0, 0.0
    if rule.get("type") != "sequential":
        raise ProblemError(f"{key}.synchronization.type", "must be simultaneous or sequential")
    least, most = numbers(rule.get("distance"), f"{key}.synchronization.distance", 2)
    if not 0 <= least <= most:
        raise ProblemError(f"{key}.synchronization.distance", "must be 0 <= smallest <= largest")
    return FIRST, least, most


def _distances(content: dict[str, Any], places: int) -> Floats:
    """The matrix: square, finite, none negative."""
    rows = content.get("distances")
    if not isinstance(rows, list) or len(rows) != places:
        raise ProblemError("distances", f"must be {places} rows: the office and every patient")
    matrix = np.array([numbers(row, f"distances[{i}]", places) for i, row in enumerate(rows)])
    if (matrix < 0).any():
        raise ProblemError(f"distances[{int(np.argwhere(matrix < 0)[0, 0])}]", "holds a negative distance")
    return matrix


def compiled(problem: HomeHealth, demands: list[Demand]) -> Visits:
    """The arrays of the demands that can be served."""
    able = np.array(
        [[demand.service in known for known in problem.abilities] for demand in demands], dtype=np.bool_
    ).reshape(len(demands), len(problem.caregivers))
    mate = np.full(len(demands), -1, dtype=np.int32)
    for i, one in enumerate(demands[1:], start=1):
        if demands[i - 1].patient == one.patient:
            mate[i - 1], mate[i] = i, i - 1
    choice = np.argsort(~able, axis=1, kind="stable").astype(np.int32)
    return Visits(
        distance=problem.distance,
        place=np.array([one.place for one in demands], dtype=np.int32),
        early=np.array([one.early for one in demands], dtype=np.float64),
        late=np.array([one.late for one in demands], dtype=np.float64),
        stay=np.array([one.stay for one in demands], dtype=np.float64),
        role=np.array([one.role for one in demands], dtype=np.int32),
        mate=mate,
        least=np.array([one.least for one in demands], dtype=np.float64),
        most=np.array([one.most for one in demands], dtype=np.float64),
        able=able,
        choice=choice,
        choices=able.sum(axis=1).astype(np.int32),
    )


def left_out(problem: HomeHealth) -> dict[str, str]:
    """Patients whom nobody can serve, with the reason."""
    reasons: dict[str, str] = {}
    by_patient: dict[str, list[Demand]] = {}
    for demand in problem.demands:
        by_patient.setdefault(demand.patient, []).append(demand)
    for patient, demands in by_patient.items():
        able = [{i for i, known in enumerate(problem.abilities) if one.service in known} for one in demands]
        missing = [one.service for one, who in zip(demands, able, strict=True) if not who]
        if missing:
            reasons[patient] = f"no caregiver can do {missing[0]}"
        elif len(able) == 2 and len(able[0] | able[1]) < 2:
            reasons[patient] = (
                f"{demands[0].service} and {demands[1].service} need two caregivers; one can do them"
            )
    return reasons


def solve_file(
    path: Path, stop: Stop, seed: int = 0, threads: int = 1, *, check: bool = False
) -> dict[str, Any]:
    """Solve one file and speak of the plan in its own names; with ``check``, ``faults`` by the plain rules.

    Raises :class:`ProblemError` when the file cannot be read.
    """
    content = loaded(path)
    problem = read(content)
    reasons = left_out(problem)
    demands = [one for one in problem.demands if one.patient not in reasons]
    found = search(compiled(problem, demands), stop, seed, threads)
    document = _document(problem, demands, found, reasons)
    rules = rules_of(content)
    document["cost"] = objective(rules, document["routes"])
    if check:
        document["faults"] = faults(rules, document["routes"], document["unserved"])
    return document


def _document(
    problem: HomeHealth, demands: list[Demand], found: Found, reasons: dict[str, str]
) -> dict[str, Any]:
    """The plan as one JSON object."""
    routes = [
        {
            "vehicle": name,
            "stops": [[demands[visit].patient, demands[visit].service] for visit in round_],
            "starts": [found.starts[visit] for visit in round_],
        }
        for name, round_ in zip(problem.caregivers, found.rounds, strict=True)
        if round_
    ]
    return {
        "cost": 0.0,
        "vehicles": len(routes),
        "routes": routes,
        "unserved": [{"stop": patient, "reason": reason} for patient, reason in reasons.items()],
        "seconds": round(found.seconds, 3),
        "iterations": found.iterations,
    }
