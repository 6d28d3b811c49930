"""Whom to ask first and why, how many at once, and how long they may take."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from vendors.network.rules import Price, PriceLine
from vendors.network.words import RateUnit
from vendors.offers.rules import Candidate
from vendors.performance.rules import TrackRecord, judge_arrival
from vendors.performance.words import Outcome
from vendors.sourcing.rules import Standing, answer_time, escalation_time, plan_wave, rank
from vendors.sourcing.words import SourcingMode

NOW = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WATERFALL, BROADCAST = SourcingMode.WATERFALL, SourcingMode.BROADCAST


def vendor(number: int, cents: int = 8000, meters: int = 8000) -> Candidate:
    """An eligible vendor with a price and a distance."""
    line = PriceLine("A0130", None, "Trip", RateUnit.TRIP, Decimal(1), cents, cents)
    return Candidate(UUID(int=number), f"Vendor {number}", meters, Price((line,)))


def order(candidates: list[Candidate], **standings: Standing) -> list[str]:
    """The names in ranked order."""
    known = {
        one.vendor_id: standings.get(one.name.replace(" ", ""), Standing(TrackRecord())) for one in candidates
    }
    return [one.candidate.name for one in rank(candidates, known)]


def test_equal_vendors_stand_in_the_order_of_price_then_name() -> None:
    assert order([vendor(2), vendor(1), vendor(3, 7900)]) == ["Vendor 3", "Vendor 1", "Vendor 2"]


def test_three_kept_promises_do_not_outrank_three_hundred() -> None:
    few, many = Standing(TrackRecord(3, 0)), Standing(TrackRecord(290, 10))
    assert order([vendor(1), vendor(2)], Vendor1=few, Vendor2=many) == ["Vendor 2", "Vendor 1"]


def test_a_bad_record_weighs_more_than_a_tenth_of_the_price() -> None:
    bad = Standing(TrackRecord(60, 40, 20))
    good = Standing(TrackRecord(98, 2))
    assert order([vendor(1, 7200), vendor(2, 8000)], Vendor1=bad, Vendor2=good) == ["Vendor 2", "Vendor 1"]


def test_nearness_free_capacity_and_an_unfilled_contract_speak_for_a_vendor() -> None:
    near, far = vendor(2, meters=1000), vendor(1, meters=39_000)
    assert order([far, near]) == ["Vendor 2", "Vendor 1"]
    full = Standing(TrackRecord(), free_share=0.1)
    assert order([vendor(1), vendor(2)], Vendor1=full) == ["Vendor 2", "Vendor 1"]
    behind = Standing(TrackRecord(), share_promised=40, share_given=10)
    assert order([vendor(1), vendor(2)], Vendor2=behind) == ["Vendor 2", "Vendor 1"]


def test_the_reasons_add_up_to_the_points() -> None:
    standing = Standing(TrackRecord(40, 2, 1), 0.5, 30, 15, declined_before=True)
    (one,) = rank([vendor(1)], {UUID(int=1): standing})
    assert one.points == pytest.approx(sum(reason.points for reason in one.reasons), abs=0.06)
    said = {reason.what: reason.says for reason in one.reasons}
    assert said["On time"] == "40 of 42 on time in 90 days, 1 turned back"
    assert said["Contract"] == "had 15 % of 30 % promised"
    assert said["Earlier answer"] == "declined this work before"


@pytest.mark.parametrize(("hours", "minutes"), [(1.9, 5), (2, 10), (5, 15), (13, 30), (48, 120), (100, 240)])
def test_the_nearer_the_work_the_shorter_the_question(hours: float, minutes: int) -> None:
    assert answer_time(NOW, NOW + hours * HOUR) == minutes * MINUTE


def test_one_at_a_time_while_there_is_time_for_everybody() -> None:
    plan = plan_wave(WATERFALL, NOW, (NOW + 6 * HOUR, NOW + 7 * HOUR), 5)
    assert plan is not None
    assert (plan.size, plan.respond_by) == (1, NOW + 15 * MINUTE)


def test_several_at_once_when_time_is_too_short_for_one_by_one() -> None:
    plan = plan_wave(WATERFALL, NOW, (NOW + HOUR, NOW + 2 * HOUR), 9)
    assert plan is not None
    assert (plan.size, plan.respond_by) == (3, NOW + 5 * MINUTE)
    assert plan.explanation == "3 at once: so that all 9 can be asked in time."


def test_everybody_at_once_in_a_broadcast_and_at_the_last_moment() -> None:
    soon = (NOW + 10 * MINUTE, NOW + 12 * MINUTE)
    for mode in (WATERFALL, BROADCAST):
        plan = plan_wave(mode, NOW, soon, 4)
        assert plan is not None
        assert plan.size == 4


def test_nobody_is_asked_after_the_window_or_when_nobody_is_left() -> None:
    assert plan_wave(WATERFALL, NOW, (NOW - HOUR, NOW), 4) is None
    assert plan_wave(WATERFALL, NOW, (NOW + HOUR, NOW + 2 * HOUR), 0) is None


@given(some.integers(1, 40), some.integers(0, 6000), some.sampled_from(SourcingMode))
def test_waves_asked_to_their_deadlines_reach_everybody_before_the_window_ends(
    vendors: int, minutes: int, mode: SourcingMode
) -> None:
    now, window = NOW, (NOW + minutes * MINUTE, NOW + (minutes + 30) * MINUTE)
    left = vendors
    while left:
        plan = plan_wave(mode, now, window, left)
        assert plan is not None
        assert now < plan.respond_by <= window[1]
        assert 1 <= plan.size <= left
        left, now = left - plan.size, plan.respond_by


def test_the_planner_is_told_an_hour_before_the_work_but_not_before_the_first_answer_is_due() -> None:
    assert escalation_time(NOW, NOW + 6 * HOUR) == NOW + 5 * HOUR
    assert escalation_time(NOW, NOW + 30 * MINUTE) == NOW + 5 * MINUTE


def test_a_quarter_of_an_hour_after_the_window_is_still_on_time() -> None:
    assert judge_arrival(NOW, NOW - HOUR) == (Outcome.ON_TIME, 0)
    assert judge_arrival(NOW, NOW + 15 * MINUTE) == (Outcome.ON_TIME, 15)
    assert judge_arrival(NOW, NOW + 15 * MINUTE + timedelta(seconds=1)) == (Outcome.LATE, 15)
