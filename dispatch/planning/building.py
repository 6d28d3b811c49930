"""Facts of a day become the optimizer's problem, and its answer comes back as assignments: pure functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from dispatch.optimizer import (
    Anchor,
    Blocked,
    Break,
    Credential,
    Depot,
    Link,
    Pin,
    Problem,
    Promise,
    Rate,
    Request,
    RequestKind,
    Route,
    ServicePoint,
    Shift,
    Solution,
    Told,
    TravelMatrix,
    Vehicle,
)
from dispatch.planning.air import travel_between
from dispatch.planning.facts import AwardedWork, DayFacts, Mode, Order, VehicleDay
from marketplace.foundation.geography import Position

CHANGE_CENTS = 1_500
"""What sending another vehicle than people were told of costs in the objective: about half an hour's work."""
LATE_CENTS_PER_MINUTE = 200
"""A minute behind the middle of the promised window: the plan should sit well inside its promises."""
LEFT_OUT_CENTS = 1_000_000
"""Leaving accepted work out: never cheaper than any detour a city has."""
LOSING_PLACE_CENTS = 500_000
"""What it costs more to leave out who has a place already: nobody loses it for a newcomer, nor for cents."""
HORIZON = timedelta(hours=40)

Distances = Callable[[Sequence[Position]], tuple[list[list[int]], list[list[int]]]]
"""All seconds and all metres on the road between places, in their order."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Work that cannot be planned yet, because of what has to be in the home before."""

    work: AwardedWork
    reason: str


@dataclass(frozen=True, slots=True)
class PlannedWork:
    """One booking's place in the plan: vehicle, order, and its times."""

    work: AwardedWork
    vehicle_day: VehicleDay
    sequence: int
    leaves_at: datetime
    starts_at: datetime
    ends_at: datetime


def split_waiting(facts: DayFacts) -> tuple[list[AwardedWork], list[Waiting]]:
    """Separate work whose hard predecessor nobody has accepted: the patient is held, with the reason.

    Of a trip also the leg that begins too late for its promise, and the legs behind a leg that waits.
    """
    stuck = {order.after: order for order in facts.orders if order.hard and not order.coming}
    late = {work.booking_id for work in facts.works if _begins_too_late(work)}
    behind = _behind(facts, {*stuck, *late})
    ready = [work for work in facts.works if work.booking_id not in {*stuck, *late, *behind}]
    waiting = []
    for work in facts.works:
        if work.booking_id in stuck:
            waiting.append(Waiting(work, _LEG if stuck[work.booking_id].at_pickup else _EQUIPMENT))
        elif work.booking_id in late:
            waiting.append(Waiting(work, _LATE))
        elif work.booking_id in behind:
            waiting.append(Waiting(work, _BEHIND))
    return ready, waiting


_EQUIPMENT = "The equipment that must be in the home first has no vendor yet, or did not get there."
_LEG = "The leg of the trip before it has no vendor yet, or did not take place."
_LATE = "The leg of the trip before it ends after this promised window: another time is asked for."


_BEHIND = "The leg of the trip before it waits itself, for a vendor or for another time."


def _behind(facts: DayFacts, waiting: set[UUID]) -> set[UUID]:
    """The later legs of trips whose leg before has no place in the plan."""
    after = {order.before: order.after for order in facts.orders if order.at_pickup and order.hard}
    found: set[UUID] = set()
    for leg in waiting:
        while (leg := after.get(leg, leg)) not in {*waiting, *found}:
            found.add(leg)
    return found


def _begins_too_late(work: AwardedWork) -> bool:
    return work.start_not_before is not None and work.start_not_before > work.latest


def build_problem(facts: DayFacts, works: Sequence[AwardedWork], distances: Distances) -> Problem:
    """The optimizer's problem for this day; times become seconds since its local midnight."""
    places = _Places()
    vehicles = tuple(_vehicle(day, facts, places) for day in facts.vehicle_days)
    known = {day.id for day in facts.vehicle_days}
    requests = tuple(_request(work, facts, places, known) for work in works)
    depots = {day.depot_id: places.number(day.home, day.mode) for day in facts.vehicle_days}
    planned = {work.booking_id for work in works}
    if not places.places:  # the last work of the day was given back: its plan is the empty one
        places.number(Position(0.0, 0.0))
    seconds, metres = travel_between(places.places, places.modes, distances)
    return Problem(
        requests=requests,
        vehicles=vehicles,
        travel=TravelMatrix.of(seconds, metres),
        depots=tuple(
            Depot(id=depot, location=location, stock=facts.stock.get(depot, {}))
            for depot, location in depots.items()
        ),
        links=tuple(
            _link(order) for order in facts.orders if order.before in planned and order.after in planned
        ),
        horizon_seconds=int(HORIZON.total_seconds()),
        frozen_until=max(0, _seconds(facts.frozen_until, facts)),
    )


def planned_works(facts: DayFacts, works: Sequence[AwardedWork], solution: Solution) -> list[PlannedWork]:
    """The solution in the words of the house, one entry per served booking."""
    by_id = {str(work.booking_id): work for work in works}
    days = {day.id: day for day in facts.vehicle_days}
    return [
        _planned(by_id[request], days[route.vehicle], sequence, route, facts)
        for route in solution.routes
        for sequence, request in enumerate(route.requests)
    ]


def _planned(work: AwardedWork, day: VehicleDay, sequence: int, route: Route, facts: DayFacts) -> PlannedWork:
    own = [stop for stop in route.stops if stop.request == str(work.booking_id)]
    lasting = work.last_seconds if work.destination is not None else work.first_seconds
    return PlannedWork(
        work=work,
        vehicle_day=day,
        sequence=sequence,
        leaves_at=facts.day_start + timedelta(seconds=route.departure),
        starts_at=facts.day_start + timedelta(seconds=own[0].start),
        ends_at=facts.day_start + timedelta(seconds=own[-1].start + lasting),
    )


class _Places:
    """Numbers places as they come, each once for each way of travelling there."""

    def __init__(self) -> None:
        self.places: list[Position] = []
        self.modes: list[Mode] = []
        self._numbers: dict[tuple[Position, Mode], int] = {}

    def number(self, place: Position, mode: Mode = Mode.ROAD) -> int:
        if (place, mode) not in self._numbers:
            self._numbers[place, mode] = len(self.places)
            self.places.append(place)
            self.modes.append(mode)
        return self._numbers[place, mode]


def _request(work: AwardedWork, facts: DayFacts, places: _Places, known: set[str]) -> Request:
    return Request(
        id=str(work.booking_id),
        kind=_KINDS[work.kind],
        points=_points(work, facts, places),
        load=work.load,
        max_ride_seconds=work.max_ride_seconds if work.destination is not None else None,
        skills=work.skills,
        credentials=work.credentials,
        equipment=dict(work.equipment),
        vendors=(str(work.vendor_organization_id),),
        pin=_pin(work, known),
        told=_told(work, known),
        unserved_cents=LEFT_OUT_CENTS + (LOSING_PLACE_CENTS if work.standing is not None else 0),
        episode=str(work.booking_id),
    )


_KINDS = {
    "ride": RequestKind.RIDE,
    "equipment": RequestKind.DELIVERY,
    "home_health": RequestKind.VISIT,
}


def _points(work: AwardedWork, facts: DayFacts, places: _Places) -> tuple[ServicePoint, ...]:
    earliest, latest = max(0, _seconds(work.earliest, facts)), _seconds(work.latest, facts)
    not_before = max(0, _seconds(work.arrive_not_before, facts)) if work.arrive_not_before else 0
    if work.start_not_before is not None:
        earliest = max(earliest, _seconds(work.start_not_before, facts))
    end = int(HORIZON.total_seconds()) - 1
    finish = _seconds(work.finish_by, facts) if work.finish_by else None
    if work.destination is None:
        earliest = max(earliest, not_before)
        latest = latest if finish is None else min(latest, finish - work.first_seconds)
    elif finish is not None:
        end = min(end, finish - work.last_seconds)
    first = ServicePoint(
        location=places.number(work.origin, work.mode),
        earliest=min(earliest, latest),
        latest=latest,
        service_seconds=work.first_seconds,
        due=(min(earliest, latest) + latest) // 2,
        late_cents_per_minute=LATE_CENTS_PER_MINUTE,
        promised=Promise(min(earliest, latest), latest),
    )
    if work.destination is None:
        return (first,)
    goal = places.number(work.destination, work.mode)
    return (first, ServicePoint(goal, not_before, end, work.last_seconds))


def _pin(work: AwardedWork, known: set[str]) -> Pin | None:
    standing = work.standing
    if standing is None or not standing.fixed or standing.vehicle_day_id not in known:
        return None
    return Pin(standing.vehicle_day_id)


def _told(work: AwardedWork, known: set[str]) -> Told | None:
    if work.standing is None or work.standing.vehicle_day_id not in known:
        return None
    return Told(work.standing.vehicle_day_id, CHANGE_CENTS)


def _link(order: Order) -> Link:
    return Link(
        id=f"{order.before}>{order.after}",
        before=str(order.before),
        after=str(order.after),
        before_anchor=Anchor.END,
        after_anchor=Anchor.START if order.at_pickup else Anchor.ARRIVAL,
        min_lag_seconds=order.min_lag_seconds,
        max_lag_seconds=order.max_lag_seconds,
        hard=order.hard,
        break_cents=0 if order.hard else 5_000,
        cents_per_minute=0 if order.hard else 50,
    )


def _vehicle(day: VehicleDay, facts: DayFacts, places: _Places) -> Vehicle:
    return Vehicle(
        id=day.id,
        vendor=str(day.vendor_organization_id),
        start_location=places.number(day.start, day.mode),
        end_location=places.number(day.home, day.mode),
        shift=Shift(
            max(0, _seconds(day.starts_at, facts)),
            _seconds(day.ends_at, facts),
            overtime_seconds=int(day.overtime.total_seconds()),
            overtime_cents_per_hour=6_000,
        ),
        configurations=day.configurations,
        depot=day.depot_id,
        rate=Rate(0, day.cents_per_km, day.cents_per_hour, day.cents_per_hour // 4),
        breaks=tuple(
            Break(_seconds(early, facts), _seconds(late, facts), seconds)
            for early, late, seconds in day.breaks
            if early >= facts.day_start
        ),
        blocked=tuple(_blocked(day, facts)),
        skills=day.skills,
        credentials=tuple(
            Credential(name, _seconds(begin, facts), _seconds(end, facts))
            for name, begin, end in day.credentials
        ),
    )


def _blocked(day: VehicleDay, facts: DayFacts) -> Iterator[Blocked]:
    """Blocked time from when the vehicle could leave; what is over by then blocks nothing."""
    leaves = max(day.starts_at, facts.frozen_until)
    horizon = facts.day_start + HORIZON
    for begin, end in day.blocked:
        if end > leaves and begin < horizon:
            yield Blocked(_seconds(max(begin, leaves), facts), _seconds(min(end, horizon), facts))


def _seconds(moment: datetime, facts: DayFacts) -> int:
    return int((moment - facts.day_start).total_seconds())
