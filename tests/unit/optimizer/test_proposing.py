"""A proposal over all vendors keeps caps, aims at shares and says what they cost."""

from dataclasses import replace

from dispatch.benchmarks.sample_day import sample_day
from dispatch.optimizer import Problem, Stop, check
from dispatch.optimizer.proposing import propose


def shared(seed: int, **limits: dict[str, int]) -> Problem:
    """A sample day in which some vendors have contract limits."""
    problem = sample_day(20, 4, 2, vans=6, seed=seed)
    vendors = tuple(replace(v, **limits.get(v.id, {})) for v in problem.vendors)  # type: ignore[arg-type]
    return replace(problem, vendors=vendors)


def test_a_proposal_without_limits_is_a_checked_plan_with_an_award_for_every_served_request() -> None:
    problem = shared(1)
    proposal = propose(problem, Stop(iterations=10), engine="insertion")
    assert check(problem, proposal.plan).findings == ()
    assert set(proposal.awards) == proposal.plan.served
    vendors = {vehicle.id: vehicle.vendor for vehicle in problem.vehicles}
    for route in proposal.plan.routes:
        assert {proposal.awards[name] for name in route.requests} == {vendors[route.vehicle]}


def test_a_least_share_is_met_and_its_price_is_told() -> None:
    problem = shared(2, south={"min_share_percent": 40})
    proposal = propose(problem, Stop(iterations=10), engine="insertion")
    assert check(problem, proposal.plan).findings == ()
    share = next(share for share in proposal.shares if share.vendor == "south")
    assert share.requests + share.shortfall >= 0.4 * len(problem.requests)
    assert proposal.price_of_shares >= 0
    assert sum(share.requests for share in proposal.shares) == len(proposal.plan.served)


def test_a_largest_share_is_never_exceeded() -> None:
    problem = shared(3, north={"max_share_percent": 20})
    proposal = propose(problem, Stop(iterations=10), engine="insertion")
    assert check(problem, proposal.plan).findings == ()
    share = next(share for share in proposal.shares if share.vendor == "north")
    assert share.percent <= 20
