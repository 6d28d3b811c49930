"""Vendors are paid once, from cleared deposits, whatever fails on the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from billing.claims.words import ClaimState
from billing.settlement.models import Transfer
from billing.settlement.retrying import refusals_of, try_again
from billing.settlement.words import DepositState, FundingMethod, TransferState
from marketplace.foundation.errors import Conflict
from marketplace.foundation.work import Runtime
from tests.integration.settlement.money_house import House, money_house


@pytest.fixture
def house(runtime: Runtime, tmp_path: Path) -> Iterator[House]:
    with money_house(runtime, tmp_path) as opened:
        yield opened


def states(house: House) -> list[TransferState]:
    return [transfer.state for transfer in house.transfers()]


def test_an_approved_claim_is_paid_from_a_cleared_deposit(house: House) -> None:
    house.deposit(500_00)
    house.work_off()
    claim = house.approved_claim(67_78)
    house.work_off()
    (transfer,) = house.transfers()
    (seen,) = house.at_stripe()
    assert (transfer.state, transfer.amount_cents, transfer.stripe_transfer_id) == (
        TransferState.MADE,
        67_78,
        seen["id"],
    )
    assert (seen["amount"], seen["transfer_group"]) == (67_78, f"payable_{transfer.group_id}")
    assert house.claim(claim).state is ClaimState.PAID
    assert house.breaches() == []


def test_a_claim_waits_until_its_deposit_has_cleared(house: House) -> None:
    claim = house.approved_claim(100_00)
    house.deposit(100_00, FundingMethod.BANK)
    house.work_off()
    assert (house.transfers(), house.deposits()[0].state) == ([], DepositState.PROCESSING)
    house.control(f"payment_intents/{house.deposits()[0].payment_intent_id}/settle")
    house.sweep()
    assert house.deposits()[0].state is DepositState.CLEARED
    assert house.claim(claim).state is ClaimState.PAID
    assert house.breaches() == []


def test_money_that_stripe_still_holds_as_pending_is_not_spent(house: House) -> None:
    house.approved_claim(100_00)
    house.deposit(100_00, FundingMethod.CARD)
    house.work_off()
    assert (states(house), house.deposits()[0].state) == ([], DepositState.RECEIVED)
    house.control("clear")
    house.sweep()
    assert states(house) == [TransferState.MADE]
    assert house.breaches() == []


def test_deposits_are_never_overspent(house: House) -> None:
    house.deposit(100_00)
    house.work_off()
    paid = [house.approved_claim(cents, vendor) for cents, vendor in ((60_00, 0), (50_00, 1), (40_00, 0))]
    house.work_off()
    assert [house.claim(claim).state for claim in paid] == [
        ClaimState.PAID,
        ClaimState.APPROVED,
        ClaimState.PAID,
    ]
    house.deposit(50_00)
    house.work_off()
    assert house.claim(paid[1]).state is ClaimState.PAID
    assert sum(int(str(seen["amount"])) for seen in house.at_stripe()) == 150_00
    assert house.breaches() == []


@pytest.mark.parametrize("kind", ["drop_after", "error_after"])
def test_a_lost_answer_leaves_the_transfer_unknown_until_the_janitor_finds_it(
    house: House, kind: str
) -> None:
    house.deposit(100_00)
    house.work_off()
    house.fault(kind)
    claim = house.approved_claim(80_00)
    house.work_off()
    assert (states(house), len(house.at_stripe())) == ([TransferState.UNKNOWN], 1)
    assert house.claim(claim).state is ClaimState.APPROVED
    assert house.breaches() == []
    house.sweep()
    assert (states(house), len(house.at_stripe())) == ([TransferState.MADE], 1)
    assert house.claim(claim).state is ClaimState.PAID
    assert house.breaches() == []


@pytest.mark.parametrize("kind", ["drop_before", "error"])
def test_a_question_that_never_arrived_is_asked_again_under_its_key(house: House, kind: str) -> None:
    house.deposit(100_00)
    house.work_off()
    house.fault(kind)
    house.approved_claim(80_00)
    house.work_off()
    assert (states(house), house.at_stripe()) == ([TransferState.UNKNOWN], [])
    house.sweep()
    assert (states(house), len(house.at_stripe())) == ([TransferState.MADE], 1)
    assert house.breaches() == []


def one_refused(house: House) -> tuple[str, Transfer]:
    """The vendor's account at Stripe that may not receive anything, and the transfer refused for that."""
    house.deposit(100_00)
    house.work_off()
    account = str(house.double.world.book.every("account")[0]["id"])
    house.control(f"accounts/{account}/transfers", state="inactive")
    house.approved_claim(80_00)
    house.work_off()
    (refused,) = house.transfers()
    return account, refused


def test_a_refused_transfer_gives_its_money_back_and_a_later_attempt_pays(house: House) -> None:
    account, refused = one_refused(house)
    assert (refused.state, refused.failure_code) == (
        TransferState.FAILED,
        "insufficient_capabilities_for_transfer",
    )
    assert house.breaches() == []
    house.control(f"accounts/{account}/transfers", state="active")
    house.forget_refusals()
    house.sweep()
    assert states(house) == [TransferState.FAILED, TransferState.MADE]
    assert len({transfer.idempotency_key for transfer in house.transfers()}) == 2
    assert len(house.at_stripe()) == 1
    assert house.breaches() == []


def test_what_is_tried_again_by_itself_waits_for_nobody(house: House) -> None:
    _, refused = one_refused(house)
    with house.acting(house.reviewer()) as session:
        found = refusals_of(session, [refused])[refused.id]
        assert (found.tries, found.needs_somebody) == (1, False)
        assert "tried again by itself" in found.remedy
        with pytest.raises(Conflict, match="by itself"):
            try_again(session, refused.id)


def test_a_declined_deposit_fails_and_is_never_spent(house: House) -> None:
    house.deposit(100_00)
    house.fault("error", path="/v1/payment_intents")
    house.work_off()
    assert house.deposits()[0].state is DepositState.UNKNOWN
    house.sweep()
    assert house.deposits()[0].state is DepositState.CLEARED
    assert house.breaches() == []


def test_a_lost_answer_to_a_deposit_is_found_again_and_counted_once(house: House) -> None:
    house.fault("drop_after", path="/v1/payment_intents")
    house.deposit(100_00)
    house.work_off()
    assert house.deposits()[0].state is DepositState.UNKNOWN
    house.sweep()
    house.sweep()
    assert house.deposits()[0].state is DepositState.CLEARED
    assert len(house.double.world.book.every("payment_intent")) == 1
    assert house.breaches() == []


def test_settling_the_same_payer_again_and_again_pays_once(house: House) -> None:
    house.deposit(200_00)
    house.work_off()
    house.approved_claim(80_00)
    for _ in range(4):
        house.sweep()
    assert (states(house), len(house.at_stripe())) == ([TransferState.MADE], 1)
    assert house.breaches() == []
