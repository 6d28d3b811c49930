"""Rosa's ride and oxygen, from the field to the payment: two claims, two transfers, one true ledger."""

from __future__ import annotations

from pathlib import Path

from billing.adjudication.service import approve
from billing.claims.words import ClaimState
from billing.ledger import service as ledger
from billing.ledger.rules import AccountKey
from billing.ledger.words import AccountKind
from billing.settlement.double.server import running
from billing.settlement.service import make_deposit, open_payout_account, payer_account, vendor_account
from billing.settlement.words import FundingMethod, TransferState
from marketplace.foundation.access import system_actor
from marketplace.foundation.money import Money
from marketplace.foundation.work import Runtime, unit_of_work
from tests.integration.settlement.money_house import paying_runtime
from tests.support.billing_stage import BillingStage
from tests.support.ground_stage import GroundStage


def test_two_services_end_on_two_transfers_and_a_balanced_ledger(runtime: Runtime, tmp_path: Path) -> None:
    with running(tmp_path) as double:
        stage = BillingStage(GroundStage(paying_runtime(runtime, double.url))).build()
        for vendor in (stage.driver_vendor, stage.supplier):
            with unit_of_work(stage.runtime, stage.biller(vendor)) as session:
                open_payout_account(session)
        with unit_of_work(stage.runtime, stage.reviewer()) as session:
            make_deposit(session, 1_000_00, FundingMethod.CARD_CLEARED)
        stage.oxygen_done()
        stage.ride_done()
        stage.bill()
        for claim in stage.claims():
            with unit_of_work(stage.runtime, stage.reviewer()) as session:
                approve(session, claim.id, revision=claim.revision)
        stage.bill()
        assert [(claim.state, claim.total_cents) for claim in stage.claims()] == [
            (ClaimState.PAID, 167_00),
            (ClaimState.PAID, 61_98),
        ]
        at_stripe = sorted(transfer["amount"] for transfer in double.world.book.every("transfer"))
        assert at_stripe == [61_98, 167_00]
        assert double.world.desk.available(None) == 1_000_00 - 61_98 - 167_00
        assert stage.breaches() == []
        with unit_of_work(stage.runtime, stage.reviewer()) as session:
            stands = payer_account(session)
            assert (stands.available, stands.owed) == (Money(771_02), Money(0))
        with unit_of_work(stage.runtime, stage.biller(stage.supplier)) as session:
            seen = vendor_account(session)
            assert [(one.state, one.amount_cents) for one in seen.transfers] == [(TransferState.MADE, 167_00)]
            assert seen.owed == Money(0)
        with unit_of_work(stage.runtime, system_actor(), "verifier") as session:
            clearing = ledger.balance(session, AccountKey(AccountKind.STRIPE_CLEARING, None))
        assert clearing == Money(771_02)
