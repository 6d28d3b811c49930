"""Who pays for what did not take place: the health system by contract, or nobody; never anybody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from marketplace.bookings.words import BookingState
from vendors.cancellations.rules import Debtor, Terms, consequence

TERMS = Terms(late_cancellation_cents=2_500, no_show_cents=4_000, vendor_no_show_cents=5_000)
S = BookingState


@pytest.mark.parametrize(
    ("ended_as", "cents"),
    [
        (S.CANCELLED_ADVANCE, 0),
        (S.CANCELLED_LATE, 2_500),
        (S.CANCELLED_SAME_DAY, 2_500),
        (S.CANCELLED_AT_DOOR, 4_000),
        (S.RIDER_NO_SHOW, 4_000),
        (S.VENDOR_NO_SHOW, 5_000),
        (S.TURNED_DOWN, 0),
    ],
)
def test_each_ending_has_its_price(ended_as: BookingState, cents: int) -> None:
    found = consequence(ended_as, TERMS, accepted=True)
    assert found.cents == cents
    side = Debtor.VENDOR if ended_as is S.VENDOR_NO_SHOW else Debtor.HEALTH_SYSTEM
    assert found.debtor is (side if cents else Debtor.NOBODY)


@pytest.mark.parametrize(
    ("ended_as", "hours_left", "rule"),
    [
        (S.CANCELLED_ADVANCE, 49, "in-advance"),
        (S.CANCELLED_ADVANCE, 47, "late"),
        (S.CANCELLED_LATE, 48, "in-advance"),
        (S.CANCELLED_SAME_DAY, 1, "late"),
        (S.CANCELLED_SAME_DAY, -1, "late"),
        (S.CANCELLED_AT_DOOR, 1, "in-vain"),
    ],
)
def test_hours_of_notice_take_the_place_of_the_evening_before(
    ended_as: BookingState, hours_left: int, rule: str
) -> None:
    terms = replace(TERMS, notice_hours=48)
    notice = timedelta(hours=hours_left)
    assert consequence(ended_as, terms, accepted=True, notice=notice).rule == rule


@pytest.mark.parametrize("ended_as", list(BookingState))
def test_without_a_contract_or_a_vendor_nobody_owes_anything(ended_as: BookingState) -> None:
    assert consequence(ended_as, None, accepted=True).debtor is Debtor.NOBODY
    assert consequence(ended_as, TERMS, accepted=False).cents == 0


def test_no_rule_names_a_patient_or_a_payer_as_debtor() -> None:
    assert {each.value for each in Debtor} == {"nobody", "health_system", "vendor"}
    said = consequence(S.RIDER_NO_SHOW, TERMS, accepted=True).says
    assert said.endswith("Neither the patient nor a payer is ever charged for it.")


def test_a_contract_that_asks_nothing_says_so() -> None:
    found = consequence(S.CANCELLED_LATE, Terms(), accepted=True)
    assert (found.cents, found.rule) == (0, "late-free")
