"""Fees for cancelled work: charged once, waived in time, paid from cleared deposits, or kept back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from billing.fees.charging import charge_fee, charge_forgotten, on_fee_waived
from billing.fees.invariants import FEE_INVARIANTS
from billing.fees.models import FeeCharge
from billing.fees.words import ChargeState
from billing.ledger.rules import AccountKey
from billing.ledger.service import balance
from billing.ledger.words import AccountKind
from billing.settlement.double.server import running
from billing.settlement.jobs import SETTLE_PAYER
from billing.settlement.paying import intend_transfers
from billing.settlement.retrying import MOST_ATTEMPTS, refusals_of, try_again
from billing.settlement.service import make_deposit, open_payout_account
from billing.settlement.words import FundingMethod, TransferState
from marketplace.bookings import service as bookings
from marketplace.bookings.words import CancelReason
from marketplace.foundation.access import system_actor
from marketplace.foundation.errors import Conflict, Forbidden
from marketplace.foundation.jobs.queue import enqueue
from marketplace.foundation.work import Runtime
from tests.integration.settlement.money_house import House, paying_runtime, person
from tests.support.board_stage import BoardStage, board_stage
from tests.support.ground_stage import NOW
from tests.support.vendor_pages import VendorPages
from vendors.cancellations.events import FeeWaived
from vendors.cancellations.models import CancellationFee
from vendors.cancellations.service import waive
from vendors.network.contracts import NewTerms, agree

TERMS = NewTerms(NOW.date(), late_cancellation_cents=25_00, no_show_cents=40_00, vendor_no_show_cents=50_00)


@dataclass
class FeeStage:
    """A hospital, a vendor with a payout account and a contract, a payer, and the double."""

    board: BoardStage
    house: House

    @property
    def hospital(self) -> UUID:
        return self.board.ground.hospital

    @property
    def vendor(self) -> UUID:
        return self.board.driver_vendor

    def called_off(self) -> FeeCharge:
        """A ride called off late: the hospital owes 25 dollars."""
        ride = self.board.ride_at(6.5)
        with self.board.ground.planning() as session:
            bookings.cancel(session, ride.id, CancelReason.CONDITION_CHANGED)
        self.house.work_off()
        return self.charges()[-1]

    def missed(self) -> FeeCharge:
        """A ride that the vendor did not come for: it owes 50 dollars."""
        ride = self.board.ride_at(6.5)
        self.board.ground.at(self.board.ground.fresh(ride).promised_end + timedelta(minutes=1))
        with self.board.ground.planning() as session:
            bookings.vendor_no_show(session, ride.id)
        self.house.work_off()
        return self.charges()[-1]

    def deposit(self, cents: int) -> None:
        """Of the hospital, by its administrator; cleared at once."""
        with self.house.acting(person(self.hospital, "health_system", "org_admin")) as session:
            make_deposit(session, cents, FundingMethod.CARD_CLEARED)
        self.house.work_off()

    def a_day_later(self) -> None:
        """The fees that were charged so far are due; a janitor's round."""
        with self.house.acting(system_actor()) as session:
            later = session.now() + timedelta(hours=25)
        self.board.ground.at(later)
        self.house.sweep()

    def charges(self) -> list[FeeCharge]:
        with self.house.acting(system_actor(), "verifier") as session:
            return list(session.scalars(select(FeeCharge).order_by(FeeCharge.id)))

    def fee(self, charge: FeeCharge) -> CancellationFee:
        with self.house.acting(system_actor(), "verifier") as session:
            return session.get_one(CancellationFee, charge.fee_id)

    def cents(self, kind: AccountKind, whose: UUID) -> int:
        with self.house.acting(system_actor(), "verifier") as session:
            return balance(session, AccountKey(kind, whose)).cents

    def breaches(self) -> list[str]:
        with self.house.acting(system_actor(), "verifier") as session:
            found = [breach for one in FEE_INVARIANTS for breach in one.breaches(session)]
        return [*self.house.breaches(), *(f"{one.invariant}: {one.detail}" for one in found)]


@pytest.fixture
def stage(runtime: Runtime, tmp_path: Path) -> Iterator[FeeStage]:
    with running(tmp_path) as double:
        board = board_stage(paying_runtime(runtime, double.url))
        house = House(board.runtime, double, board.ground.payer, (board.driver_vendor, board.supplier))
        with house.acting(house.biller(board.driver_vendor)) as session:
            open_payout_account(session)
        with board.ground.acting(board.ground.hospital, "org_admin") as session:
            agree(session, board.driver_vendor, TERMS)
        house.work_off()
        yield FeeStage(board, house)


def test_a_fee_is_paid_from_the_hospitals_deposit_once_it_could_have_been_waived(stage: FeeStage) -> None:
    charge = stage.called_off()
    stage.deposit(100_00)
    stage.house.sweep()
    assert (charge.cents, stage.house.transfers()) == (25_00, [])
    assert stage.cents(AccountKind.PAYER_RECEIVABLE, stage.hospital) == 25_00
    stage.a_day_later()
    (transfer,) = stage.house.transfers()
    assert (transfer.state, transfer.amount_cents, transfer.claim_id) == (TransferState.MADE, 25_00, None)
    assert transfer.payer_organization_id == stage.hospital
    (settled,) = stage.charges()
    assert (settled.state, settled.settled_at is not None) == (ChargeState.SETTLED, True)
    assert stage.cents(AccountKind.PAYER_DEPOSITS, stage.hospital) == -75_00
    assert stage.cents(AccountKind.VENDOR_PAYABLE, stage.vendor) == 0
    stage.a_day_later()
    assert len(stage.house.at_stripe()) == 1
    with stage.house.acting(stage.house.biller(stage.vendor)) as session, pytest.raises(Conflict):
        waive(session, charge.fee_id, "Too late")
    assert stage.breaches() == []


def test_nothing_goes_out_beyond_what_has_cleared(stage: FeeStage) -> None:
    stage.called_off()
    stage.deposit(24_99)
    stage.a_day_later()
    assert stage.house.transfers() == []
    assert stage.fee(stage.charges()[0]).settled_from is None, "it can still be waived"
    stage.deposit(1)
    stage.house.sweep()
    assert [one.amount_cents for one in stage.house.transfers()] == [25_00]
    assert stage.breaches() == []


def test_a_waived_fee_leaves_the_ledger_and_is_never_paid(stage: FeeStage) -> None:
    charge = stage.called_off()
    stage.deposit(100_00)
    with stage.house.acting(stage.house.biller(stage.vendor)) as session:
        waive(session, charge.fee_id, "A good customer")
    stage.a_day_later()
    with stage.house.acting(system_actor(), "janitor") as session:  # the same news again
        on_fee_waived(session, FeeWaived(charge.fee_id))
        assert charge_fee(session, charge.fee_id).id == charge.id
        assert charge_forgotten(session, {}) == {"charged": 0}
    assert [one.state for one in stage.charges()] == [ChargeState.WITHDRAWN]
    assert stage.cents(AccountKind.PAYER_RECEIVABLE, stage.hospital) == 0
    assert stage.house.transfers() == []
    assert stage.breaches() == []


def test_a_fee_that_was_waived_before_it_was_taken_up_is_not_settled(stage: FeeStage) -> None:
    charge = stage.called_off()
    stage.deposit(100_00)
    with stage.house.acting(stage.house.biller(stage.vendor)) as session:
        waive(session, charge.fee_id, "At the last moment")
    with stage.house.acting(system_actor()) as session:
        later = session.now() + timedelta(hours=25)
    stage.board.ground.at(later)
    with stage.house.acting(system_actor(), "janitor") as session:  # before the news of the waiver arrives
        assert intend_transfers(session, stage.hospital) == []
    stage.house.work_off()
    assert stage.breaches() == []


def test_what_a_vendor_owes_is_kept_back_from_its_payments_and_is_the_hospitals_to_spend(
    stage: FeeStage,
) -> None:
    stage.missed()
    stage.a_day_later()
    stage.house.deposit(500_00)
    claims = [stage.house.approved_claim(41_00) for _ in range(3)]
    stage.house.work_off()
    assert sorted(one.amount_cents for one in stage.house.transfers()) == [1_00, 31_00, 41_00]
    assert sorted(int(str(one["amount"])) for one in stage.house.at_stripe()) == [1_00, 31_00, 41_00]
    assert {str(stage.house.claim(claim).state) for claim in claims} == {"paid"}
    assert [one.state for one in stage.charges()] == [ChargeState.SETTLED]
    assert stage.cents(AccountKind.PAYER_DEPOSITS, stage.hospital) == -50_00
    assert stage.cents(AccountKind.VENDOR_RECEIVABLE, stage.vendor) == 0
    assert stage.breaches() == []


def test_a_penalty_that_is_waived_is_kept_back_from_nothing(stage: FeeStage) -> None:
    charge = stage.missed()
    with stage.house.acting(person(stage.hospital, "health_system", "org_admin")) as session:
        waive(session, charge.fee_id, "Snow")
    stage.a_day_later()
    stage.house.deposit(500_00)
    stage.house.approved_claim(41_00)
    stage.house.work_off()
    assert [one.amount_cents for one in stage.house.transfers()] == [41_00]
    assert stage.cents(AccountKind.PENALTY_PAYABLE, stage.hospital) == 0
    assert stage.breaches() == []


def test_a_refused_transfer_keeps_nothing_back_and_the_next_one_does(stage: FeeStage) -> None:
    stage.missed()
    stage.a_day_later()
    stage.house.deposit(500_00)
    stage.house.work_off()
    (account,) = stage.house.double.world.book.every("account")
    stage.house.control(f"accounts/{account['id']}/transfers", state="inactive")
    stage.house.approved_claim(91_00)
    stage.house.work_off()
    assert [one.state for one in stage.house.transfers()] == [TransferState.FAILED]
    assert [one.state for one in stage.charges()] == [ChargeState.OWED]
    assert stage.breaches() == []
    stage.house.control(f"accounts/{account['id']}/transfers", state="active")
    stage.house.forget_refusals()
    stage.house.sweep()
    assert [one.amount_cents for one in stage.house.transfers()] == [41_00, 41_00]
    assert [one.state for one in stage.charges()] == [ChargeState.SETTLED]
    assert stage.breaches() == []


def _settle_rested(stage: FeeStage) -> None:
    """A round of settlement for the hospital, as if no refusal were fresh."""
    stage.house.forget_refusals()
    with stage.house.acting(system_actor(stage.hospital)) as session:
        enqueue(session, SETTLE_PAYER, {"payer": str(stage.hospital)})
    stage.house.work_off()


def _refused_for_good(stage: FeeStage) -> str:
    """The hospital owes a fee, and Stripe has refused to pay it as often as it is tried; the account's id."""
    stage.called_off()
    stage.deposit(100_00)
    (account,) = stage.house.double.world.book.every("account")
    stage.house.control(f"accounts/{account['id']}/transfers", state="inactive")
    stage.a_day_later()
    for _ in range(MOST_ATTEMPTS):
        _settle_rested(stage)
    assert [one.state for one in stage.house.transfers()] == [TransferState.FAILED] * MOST_ATTEMPTS
    return str(account["id"])


def test_a_fee_that_was_refused_too_often_says_why_and_is_tried_again_by_somebody(stage: FeeStage) -> None:
    account = _refused_for_good(stage)
    newest = stage.house.transfers()[-1]
    retry = f"/money/transfers/{newest.id}/retry"
    pages = VendorPages(stage.board)  # type: ignore[arg-type]
    try:
        admin = person(stage.hospital, "health_system", "org_admin")
        biller = stage.house.biller(stage.vendor)
        for actor, address in ((admin, "/fees/"), (biller, "/fees/"), (admin, "/money/")):
            shown = pages.get(actor, address).get_data(as_text=True)
            assert "cannot receive transfers at present. Tried 5 times." in shown
            assert "being settled" not in shown
            assert shown.count(retry) == 1
        stranger = person(stage.board.supplier, "vendor", "biller")
        planner = person(stage.hospital, "health_system", "planner")
        assert pages.post(stranger, retry).status_code == 404
        assert pages.post(planner, retry).status_code == 403
        early = f"/api/v1/transfers/{stage.house.transfers()[0].id}/retry"
        assert pages.send(admin, early).status_code == 409
        stage.house.control(f"accounts/{account}/transfers", state="active")
        answer = pages.post(admin, retry, {"next": "/fees/"})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/fees/")
        assert pages.post(biller, retry).status_code == 409
        stage.house.work_off()
        assert "Settled" in pages.get(admin, "/fees/").get_data(as_text=True)
    finally:
        pages.close()
    assert [one.state for one in stage.house.transfers()][MOST_ATTEMPTS:] == [TransferState.MADE]
    assert [one.state for one in stage.charges()] == [ChargeState.SETTLED]
    assert stage.breaches() == []


def test_after_five_more_refusals_somebody_has_to_look_again(stage: FeeStage) -> None:
    _refused_for_good(stage)
    with stage.house.acting(stage.house.biller(stage.vendor)) as session:
        try_again(session, stage.house.transfers()[-1].id)
    for _ in range(2 * MOST_ATTEMPTS):
        _settle_rested(stage)
    failed = stage.house.transfers()
    assert [one.attempt for one in failed] == list(range(1, 2 * MOST_ATTEMPTS + 1))
    assert stage.breaches() == []
    with stage.house.acting(stage.house.biller(stage.vendor)) as session:
        with pytest.raises(Conflict, match="is not what this payment waits for"):
            try_again(session, failed[MOST_ATTEMPTS - 1].id)
        assert refusals_of(session, failed)[failed[-1].id].needs_somebody


def test_an_answer_that_is_lost_pays_no_fee_twice(stage: FeeStage) -> None:
    stage.called_off()
    stage.deposit(100_00)
    stage.house.fault("drop_after")
    stage.a_day_later()
    stage.house.sweep()
    assert [one.state for one in stage.house.transfers()] == [TransferState.MADE]
    assert len(stage.house.at_stripe()) == 1
    assert stage.breaches() == []


def test_both_sides_see_what_becomes_of_a_fee(stage: FeeStage) -> None:
    charge = stage.called_off()
    pages = VendorPages(stage.board)  # type: ignore[arg-type]
    try:
        admin = person(stage.hospital, "health_system", "org_admin")
        biller = stage.house.biller(stage.vendor)
        said = pages.get(admin, "/fees/").get_data(as_text=True)
        assert "Your deposits do not cover what you owe" in said
        assert f"/contracts/fees/{charge.fee_id}/waive" not in said
        assert f"/contracts/fees/{charge.fee_id}/waive" in pages.get(biller, "/fees/").get_data(as_text=True)
        (shown,) = pages.get(biller, "/api/v1/fee-charges").get_json()["items"]
        assert (shown["state"], shown["cents"], shown["left_cents"]) == ("owed", 25_00, 25_00)
        assert (shown["debtor"], shown["transfer_id"]) == ("health_system", None)
        stage.deposit(100_00)
        stage.a_day_later()
        with pages.counting() as statements:
            assert "Settled" in pages.get(admin, "/fees/").get_data(as_text=True)
        assert len(statements) <= 12
        assert "fee for cancelled work" in pages.get(biller, "/billing/payouts").get_data(as_text=True)
        assert "fee for cancelled work" in pages.get(admin, "/money/").get_data(as_text=True)
        stranger = person(stage.board.supplier, "vendor", "biller")
        assert pages.get(stranger, "/api/v1/fee-charges").get_json()["items"] == []
    finally:
        pages.close()


def test_a_vendor_leaves_no_deposits(stage: FeeStage) -> None:
    actor = replace(stage.house.biller(stage.vendor), roles=frozenset({"org_admin"}))
    with stage.house.acting(actor) as session, pytest.raises(Forbidden):
        make_deposit(session, 100_00, FundingMethod.CARD_CLEARED)
