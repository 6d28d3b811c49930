"""Rides, equipment and visits planned together: never worse than rides first, better where it matters."""

import pytest

from dispatch.benchmarks.rides_first import rides_first
from dispatch.benchmarks.sample_day import sample_day
from dispatch.optimizer import (
    Anchor,
    Depot,
    Link,
    Problem,
    Rate,
    Request,
    RequestKind,
    ServicePoint,
    Shift,
    Stop,
    Vehicle,
    check,
    solve,
)
from tests.unit.optimizer.worked_day import at, line_of_places, ride, van

LIMIT = Stop(iterations=3000)


def planted(homes: tuple[int, ...], *, lateness: int = 1) -> Problem:
    """One truck that cannot be at the homes before vans that leave the hospital as soon as they may.

    A van that waits can: pick-up within 90 minutes, a little dearer for every minute of waiting.
    """
    rides, deliveries, links = [], [], []
    for number, home in enumerate(homes):
        pickup = ServicePoint(1, at(9), at(10, 30), 300, due=at(9, 5), late_cents_per_minute=lateness)
        dropoff = ServicePoint(home, at(9), at(16), 300)
        rides.append(ride(f"ride-{number}", home, 0, 0, points=(pickup, dropoff), vendors=None))
        deliveries.append(
            Request(
                id=f"oxygen-{number}",
                kind=RequestKind.DELIVERY,
                points=(ServicePoint(home, at(8), at(16), 600),),
                load=(0, 0, 0, 10),
                equipment={"oxygen": 1},
            )
        )
        links.append(
            Link(
                id=f"ahead-{number}",
                before=f"oxygen-{number}",
                after=f"ride-{number}",
                after_anchor=Anchor.ARRIVAL,
            )
        )
    truck = Vehicle(
        id="truck", vendor="supplies", start_location=0, end_location=0, depot="store",
        shift=Shift(at(9), at(17)), configurations=((0, 0, 0, 100),), rate=Rate(1000, 50, 2000, 0),
    )  # fmt: skip
    return Problem(
        requests=(*rides, *deliveries),
        vehicles=(*(van(f"van-{number}", "north") for number in range(len(homes))), truck),
        travel=line_of_places(),
        depots=(Depot(id="store", location=0, stock={"oxygen": len(homes)}),),
        links=tuple(links),
    )


@pytest.mark.parametrize("homes", [(8,), (6, 8), (5, 9), (7, 7, 8)])
@pytest.mark.parametrize("lateness", [1, 20])
def test_where_equipment_needs_the_van_to_wait_only_the_joint_plan_serves_all(
    homes: tuple[int, ...], lateness: int
) -> None:
    problem = planted(homes, lateness=lateness)
    by_hand = rides_first(problem, LIMIT, threads=1)
    together = solve(problem, LIMIT, threads=1)
    assert check(problem, together).ok
    assert check(problem, by_hand).ok
    assert together.unserved == ()
    assert by_hand.unserved
    assert together.cost.total < by_hand.cost.total


def test_joint_plans_of_short_days_are_as_good_as_rides_first_and_none_is_far_behind() -> None:
    """Days with too few vans, where both ways end in different local optima; the same effort for both."""
    days = [sample_day(24, 10, 5, vans=vans, seed=seed) for vans in (3, 5) for seed in (1, 2, 3)]
    ours, theirs = [], []
    for problem in days:
        for seed in (0, 1, 2):
            plan = solve(problem, Stop(iterations=6000), seed, threads=1)
            assert check(problem, plan).ok
            ours.append(plan.cost.total)
            theirs.append(rides_first(problem, LIMIT, seed, threads=1).cost.total)
    assert sum(ours) <= sum(theirs)
    assert max(one / other for one, other in zip(ours, theirs, strict=True)) <= 1.04


def test_every_request_left_out_of_a_short_day_has_a_reason_and_every_hard_link_is_kept() -> None:
    problem = sample_day(60, 30, 10, vans=4, seed=5)
    plan = solve(problem, LIMIT, threads=1)
    assert check(problem, plan).ok
    assert plan.served
    assert all(left.reason for left in plan.unserved)
