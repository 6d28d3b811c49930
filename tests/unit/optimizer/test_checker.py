"""The independent checker names the rule for every way in which a plan can be wrong."""

from dataclasses import replace

import pytest

from dispatch.optimizer import Problem, Rule, Solution, SolutionError, certify, check, verify
from tests.unit.optimizer.corruptions import CORRUPTIONS
from tests.unit.optimizer.worked_day import worked_plan, worked_problem


@pytest.fixture(scope="module")
def problem() -> Problem:
    return worked_problem()


@pytest.fixture(scope="module")
def plan(problem: Problem) -> Solution:
    return worked_plan(problem)


def test_the_worked_plan_keeps_every_rule(problem: Problem, plan: Solution) -> None:
    report = check(problem, plan)
    assert report.findings == ()
    assert report.rules == tuple(Rule)


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_a_spoilt_plan_is_caught_and_its_rule_is_named(kind: str, problem: Problem, plan: Solution) -> None:
    rule, corrupt = CORRUPTIONS[kind]
    spoilt = corrupt(problem, plan)
    assert spoilt != plan
    assert rule in check(problem, spoilt).broken()


def test_every_rule_has_a_corruption_and_there_are_at_least_fifty_kinds() -> None:
    assert {rule for rule, _ in CORRUPTIONS.values()} == set(Rule)
    assert len(CORRUPTIONS) >= 50


def test_no_spoilt_plan_gets_a_certificate(problem: Problem, plan: Solution) -> None:
    for _, corrupt in CORRUPTIONS.values():
        with pytest.raises(SolutionError):
            certify(problem, corrupt(problem, plan))


def test_a_certificate_speaks_of_one_plan_one_problem_and_one_key(problem: Problem, plan: Solution) -> None:
    certificate = certify(problem, plan, b"key of the service")
    other_plan = replace(plan, routes=plan.routes[1:])
    other_problem = replace(problem, frozen_until=problem.frozen_until - 60)
    assert certificate.rules == tuple(rule.value for rule in Rule)
    assert verify(certificate, problem, plan, b"key of the service")
    assert not verify(certificate, problem, plan, b"another key")
    assert not verify(certificate, problem, other_plan, b"key of the service")
    assert not verify(certificate, other_problem, plan, b"key of the service")
    assert not verify(replace(certificate, rules=("window",)), problem, plan, b"key of the service")


def test_a_finding_names_the_request_and_the_vehicle(problem: Problem, plan: Solution) -> None:
    _, corrupt = CORRUPTIONS["too long on board"]
    finding = next(f for f in check(problem, corrupt(problem, plan)).findings if f.rule is Rule.RIDE_LIMIT)
    assert (finding.request, finding.vehicle) == ("walk-1", "van-1")
    assert finding.message == "4200 s on board, the limit is 3600"


def test_a_vendor_below_its_least_share_is_noted_but_no_breach(problem: Problem, plan: Solution) -> None:
    hopeful = replace(
        problem,
        vendors=tuple(replace(v, min_share_percent=40) if v.id == "care" else v for v in problem.vendors),
    )
    report = check(hopeful, plan)
    assert report.ok
    assert report.notes == ("care has 3 of 16 requests, its least share is 40 %",)
