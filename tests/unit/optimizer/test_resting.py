"""Where a vehicle rests by the exact rules: compared with every division of its breaks over the gaps."""

from collections.abc import Iterator, Sequence
from itertools import combinations_with_replacement, pairwise
from random import Random

from dispatch.optimizer import Blocked, Break, CommittedStop, Problem, Request, RequestKind, Shift
from dispatch.optimizer.calls import Call, calls_of
from dispatch.optimizer.fleet import Vehicle
from dispatch.optimizer.passing import Fault, Pass
from dispatch.optimizer.resting import soonest_gaps
from dispatch.optimizer.timing import Timing, _Clockwork, time_route
from tests.unit.optimizer.worked_day import at, line_of_places, ride, single, van

DAYS = 400


def random_route(seed: int) -> tuple[Problem, Vehicle, list[Call]]:
    """Three stops and a ride in between them, one or two breaks and perhaps blocked time, all at random."""
    chance = Random(seed)
    requests: list[Request] = []
    for number in range(3):
        opens = at(8 + number, chance.randrange(60))
        place = chance.randrange(12)
        requests.append(
            single(f"v{number}", RequestKind.VISIT, place, opens, opens + chance.randrange(at(3)))
        )
    requests.append(ride("r", chance.randrange(2, 12), at(9), at(9) + chance.randrange(at(4))))
    breaks = tuple(
        Break(begin, begin + chance.randrange(at(2)), chance.randrange(600, 2400))
        for begin in sorted(at(8) + chance.randrange(at(4)) for _ in range(chance.randint(1, 2)))
    )
    begin = at(9) + chance.randrange(at(3))
    blocked = (Blocked(begin, begin + chance.randrange(300, 1800)),) if chance.random() < 0.3 else ()
    vehicle = van("van-1", "north", shift=Shift(at(7), at(15)), breaks=breaks, blocked=blocked)
    problem = Problem(requests=tuple(requests), vehicles=(vehicle,), travel=line_of_places())
    calls = calls_of(problem)
    first, last = calls["r"]
    sequence = [calls["v0"][0], first, calls["v1"][0], last, calls["v2"][0]]
    if chance.random() < 0.5:
        sequence = [calls["v0"][0], first, last, calls["v1"][0], calls["v2"][0]]
    return problem, vehicle, sequence


def divisions(course: _Clockwork) -> Iterator[dict[int, int]]:
    """Every way to divide the breaks, in their order, over the gaps; any number of the last is skipped."""
    gaps = range(course.fixed, len(course.calls) + 1)
    for owed in range(len(course.rests) + 1):
        for chosen in combinations_with_replacement(gaps, owed):
            yield dict(enumerate(chosen))


def end_with(course: _Clockwork, placed: dict[int, int]) -> int | None:
    """When the route ends with its breaks in these gaps, each as early as it can be; None when it cannot."""
    run = course._forward(list(course.lower), dict(placed), course._first_departure())
    if run is None or run.end > course.vehicle.shift.latest_end:
        return None
    return run.end


def chosen_gaps(course: _Clockwork) -> dict[int, int] | None:
    run = Pass(course, {}, course._first_departure())
    for position in range(course.fixed):
        run.step(position, course.lower[position])
    return soonest_gaps(course, course.lower, run)


def assert_apart(timing: Timing, calls: Sequence[Call], vehicle: Vehicle) -> None:
    """Service, breaks and blocked time never overlap."""
    served = [(start, start + call.service) for start, call in zip(timing.starts, calls, strict=True)]
    busy = sorted(served + [(rest.start, rest.start + rest.seconds) for rest in timing.breaks])
    assert all(end <= begin for (_, end), (begin, _) in pairwise(busy))
    for block in vehicle.blocked:
        assert all(end <= block.start or begin >= block.end for begin, end in served)


def test_no_division_of_breaks_over_gaps_ends_sooner() -> None:
    found = set()
    for seed in range(DAYS):
        problem, vehicle, calls = random_route(seed)
        course = _Clockwork(problem, vehicle, calls, {}, {})
        ends = [end for placed in divisions(course) if (end := end_with(course, placed)) is not None]
        placed = chosen_gaps(course)
        end = end_with(course, placed) if placed is not None else None
        assert end == min(ends, default=None), seed
        found.add((bool(ends), len(course.rests)))
    assert found == {(possible, rests) for possible in (False, True) for rests in (1, 2, 3)}


def test_a_route_that_some_division_makes_possible_is_timed_and_takes_no_longer() -> None:
    shorter = 0
    for seed in range(DAYS):
        problem, vehicle, calls = random_route(seed)
        course = _Clockwork(problem, vehicle, calls, {}, {})
        timing = time_route(problem, vehicle, calls)
        placed = chosen_gaps(course)
        soonest = course._schedule_with(list(course.lower), placed) if placed is not None else None
        assert isinstance(timing, Timing) or not isinstance(soonest, Timing), seed
        if not isinstance(timing, Timing):
            continue
        assert_apart(timing, calls, vehicle)
        first = course._schedule_with(list(course.lower), {})
        for other in (first, soonest):
            if isinstance(other, Timing):
                assert timing.end - timing.departure <= other.end - other.departure, seed
        shorter += isinstance(first, Fault) or timing.end - timing.departure < first.end - first.departure
    assert shorter > DAYS / 50


def test_what_has_begun_is_followed_by_the_rest_that_is_owed() -> None:
    problem, vehicle, calls = random_route(1)
    begun = CommittedStop("v0", 0, at(8, 30))
    vehicle = van(
        "van-1",
        "north",
        shift=Shift(at(7), at(17)),
        breaks=(Break(at(8, 40), at(9, 10), 1800),),
        committed=(begun,),
    )
    timing = time_route(problem, vehicle, calls)
    assert isinstance(timing, Timing)
    assert timing.starts[0] == at(8, 30)
    assert [rest.after for rest in timing.breaks] == [1]
