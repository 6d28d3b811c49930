"""Plain checks of benchmark plans, written from the papers' rules and sharing no code with the engine.

Every function takes the file's own table and routes as lists of node numbers with starts of service, and
returns what is wrong as sentences; an empty list means that the plan keeps every rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot
from pathlib import Path

TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Visit:
    """One line of a benchmark file."""

    x: float
    y: float
    load: float
    earliest: float
    latest: float
    service: float
    mate: int
    """The delivery of a pickup, minus the pickup of a delivery, 0 for the depot."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a plan of one file must keep."""

    visits: list[Visit]
    vehicles: int
    capacity: float
    duration: float = float("inf")
    ride: float = float("inf")

    def distance(self, a: int, b: int) -> float:
        """Unrounded Euclidean distance."""
        return hypot(self.visits[a].x - self.visits[b].x, self.visits[a].y - self.visits[b].y)

    def length(self, routes: Sequence[Sequence[int]]) -> float:
        """Total distance of routes that begin and end at the depot."""
        paths = [[0, *route, 0] for route in routes if route]
        return sum(self.distance(a, b) for path in paths for a, b in pairwise(path))


def lilim_rules(path: Path) -> Rules:
    """The rules of a Li & Lim file."""
    header, *lines = [
        [float(word) for word in line.split()] for line in path.read_text().splitlines() if line.strip()
    ]
    visits = [
        Visit(x, y, load, earliest, latest, service, int(delivery) if pickup == 0 else -int(pickup))
        for _, x, y, load, earliest, latest, service, pickup, delivery in lines
    ]
    return Rules(visits, int(header[0]), header[1])


def darp_rules(path: Path) -> Rules:
    """The rules of a Cordeau dial-a-ride file."""
    header, *lines = [
        [float(word) for word in line.split()] for line in path.read_text().splitlines() if line.strip()
    ]
    lines = lines[: len(lines) - (len(lines) + 1) % 2]
    n = len(lines) // 2
    visits = [
        Visit(x, y, load, earliest, latest, service, 0 if i == 0 else i + n if i <= n else n - i)
        for i, (_, x, y, service, load, earliest, latest) in enumerate(lines)
    ]
    return Rules(visits, int(header[0]), header[3], header[2], header[4])


def faults(
    rules: Rules,
    routes: Sequence[Sequence[int]],
    starts: Sequence[Sequence[float]],
    unserved: Sequence[int] = (),
) -> list[str]:
    """Everything that is wrong with a plan; ``unserved`` are pickups that it says it leaves out."""
    found = _served_once(rules, routes, unserved)
    if len([route for route in routes if route]) > rules.vehicles:
        found.append(f"more than {rules.vehicles} vehicles are used")
    for route, times in zip(routes, starts, strict=True):
        if len(route) != len(times):
            found.append("a route has not one start for each stop")
            continue
        found += _pairing(rules, route) + _loads(rules, route) + _times(rules, route, times)
    return found


def _served_once(rules: Rules, routes: Sequence[Sequence[int]], unserved: Sequence[int]) -> list[str]:
    """Every node exactly once, except pickups said to be left out and their deliveries."""
    left_out = {node for pickup in unserved for node in (pickup, rules.visits[pickup].mate)}
    wanted = sorted(set(range(1, len(rules.visits))) - left_out)
    seen = sorted(node for route in routes for node in route)
    return [] if seen == wanted else ["the nodes served are not each node exactly once"]


def _pairing(rules: Rules, route: Sequence[int]) -> list[str]:
    """A pickup comes before its delivery in the same route."""
    at = {node: position for position, node in enumerate(route)}
    found = []
    for node in route:
        mate = rules.visits[node].mate
        if abs(mate) not in at:
            found.append(f"node {node} is in another route than {abs(mate)}")
        elif mate > 0 and at[mate] < at[node]:
            found.append(f"delivery {mate} comes before its pickup {node}")
    return found


def _loads(rules: Rules, route: Sequence[int]) -> list[str]:
    """The load never exceeds the capacity."""
    load, found = 0.0, []
    for node in route:
        load += rules.visits[node].load
        if load > rules.capacity + TOLERANCE:
            found.append(f"the load after node {node} is {load:g} of {rules.capacity:g}")
    return found


def _times(rules: Rules, route: Sequence[int], times: Sequence[float]) -> list[str]:
    """Windows, travel, ride limits and the route's duration."""
    found: list[str] = []
    depot = rules.visits[0]
    if not route:
        return found
    leave = times[0] - rules.distance(0, route[0])
    back = times[-1] + rules.visits[route[-1]].service + rules.distance(route[-1], 0)
    if leave < depot.earliest - TOLERANCE or back > depot.latest + TOLERANCE:
        found.append("a route is on the way outside the depot's hours")
    if back - leave > rules.duration + TOLERANCE:
        found.append(f"a route takes {back - leave:.6f} of {rules.duration:g}")
    start = dict(zip(route, times, strict=True))
    for before, node in pairwise(route):
        ready = start[before] + rules.visits[before].service + rules.distance(before, node)
        if start[node] < ready - TOLERANCE:
            found.append(f"node {node} starts before the vehicle can be there")
    for node in route:
        visit = rules.visits[node]
        if not visit.earliest - TOLERANCE <= start[node] <= visit.latest + TOLERANCE:
            found.append(f"node {node} starts outside its window")
        if visit.mate > 0 and visit.mate in start:
            ride = start[visit.mate] - start[node] - visit.service
            if ride > rules.ride + TOLERANCE:
                found.append(f"the ride from node {node} takes {ride:.6f} of {rules.ride:g}")
    return found
