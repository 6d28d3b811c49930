"""The Stripe double answers the real Stripe client as Stripe would."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import requests
import stripe

from billing.settlement.double.server import Running, running
from tests.unit.settlement.stripe_talk import client_of, deposit, open_account, transfer


def test_an_account_that_asks_for_transfers_is_onboarded_at_once(client: stripe.StripeClient) -> None:
    made = client.v1.accounts.retrieve(open_account(client))
    assert made.capabilities is not None
    assert made.capabilities.transfers == "active"
    assert made.payouts_enabled is True
    assert made.metadata is not None
    assert made.metadata["vendor"] == "V-1"


def test_an_account_that_does_not_ask_becomes_ready_on_its_onboarding_page(
    client: stripe.StripeClient,
) -> None:
    made = client.v1.accounts.create({"country": "US"})
    assert made.payouts_enabled is False
    link = client.v1.account_links.create({"account": made.id, "type": "account_onboarding"})
    assert requests.get(link.url, timeout=5).status_code == 200
    assert client.v1.accounts.retrieve(made.id).payouts_enabled is True


def test_money_moves_from_a_cleared_deposit_to_a_vendor_and_back(client: stripe.StripeClient) -> None:
    vendor = open_account(client)
    deposit(client, 100_00)
    made = transfer(client, vendor, 64_50)
    assert client.v1.balance.retrieve().available[0].amount == 35_50
    assert client.v1.balance.retrieve(options={"stripe_account": vendor}).available[0].amount == 64_50
    taken = client.v1.transfers.reversals.create(made.id, {"amount": 14_50})
    assert taken.amount == 14_50
    again = client.v1.transfers.retrieve(made.id)
    assert (again.amount_reversed, again.reversed) == (14_50, False)
    assert client.v1.balance.retrieve().available[0].amount == 50_00


def test_a_reversal_of_more_than_is_left_is_refused(client: stripe.StripeClient) -> None:
    vendor = open_account(client)
    deposit(client, 100_00)
    made = transfer(client, vendor, 10_00)
    client.v1.transfers.reversals.create(made.id, {})
    with pytest.raises(stripe.InvalidRequestError, match="greater than the unreversed amount"):
        client.v1.transfers.reversals.create(made.id, {"amount": 1})


def test_a_transfer_beyond_the_available_balance_is_refused(client: stripe.StripeClient) -> None:
    vendor = open_account(client)
    deposit(client, 10_00)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        transfer(client, vendor, 10_01)
    assert refused.value.code == "balance_insufficient"
    assert list(client.v1.transfers.list().data) == []


def test_a_transfer_to_an_account_without_the_capability_is_refused(
    client: stripe.StripeClient, double: Running
) -> None:
    vendor = open_account(client)
    deposit(client, 10_00)
    requests.post(f"{double.url}/_control/accounts/{vendor}/transfers", json={"state": "inactive"}, timeout=5)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        transfer(client, vendor, 5_00)
    assert refused.value.code == "insufficient_capabilities_for_transfer"


def test_a_bank_payment_stays_in_processing_until_it_settles(
    client: stripe.StripeClient, double: Running
) -> None:
    paid = deposit(client, 10_00, "pm_usBankAccount")
    assert paid.status == "processing"
    assert client.v1.balance.retrieve().available[0].amount == 0
    requests.post(f"{double.url}/_control/payment_intents/{paid.id}/settle", timeout=5)
    assert client.v1.payment_intents.retrieve(paid.id).status == "succeeded"
    assert client.v1.balance.retrieve().available[0].amount == 10_00


def test_a_card_payment_is_pending_until_it_clears(client: stripe.StripeClient, double: Running) -> None:
    paid = deposit(client, 10_00, "pm_card_visa")
    assert paid.status == "succeeded"
    expand = {"expand": ["latest_charge.balance_transaction"]}
    charge = client.v1.payment_intents.retrieve(paid.id, expand).latest_charge
    assert isinstance(charge, stripe.Charge)
    assert isinstance(charge.balance_transaction, stripe.BalanceTransaction)
    assert charge.balance_transaction.status == "pending"
    requests.post(f"{double.url}/_control/clear", timeout=5)
    charge = client.v1.payment_intents.retrieve(paid.id, expand).latest_charge
    assert isinstance(charge, stripe.Charge)
    assert isinstance(charge.balance_transaction, stripe.BalanceTransaction)
    assert charge.balance_transaction.status == "available"


def test_a_declined_payment_wants_another_method(client: stripe.StripeClient) -> None:
    paid = deposit(client, 10_00, "pm_card_chargeDeclined")
    assert paid.status == "requires_payment_method"
    again = client.v1.payment_intents.confirm(paid.id, {"payment_method": "pm_card_bypassPending"})
    assert again.status == "succeeded"


def test_the_same_key_and_parameters_give_the_same_transfer(client: stripe.StripeClient) -> None:
    vendor = open_account(client)
    deposit(client, 100_00)
    first, second = transfer(client, vendor, 10_00, "key-1"), transfer(client, vendor, 10_00, "key-1")
    assert first.id == second.id
    assert len(client.v1.transfers.list().data) == 1


def test_the_same_key_with_other_parameters_is_refused(client: stripe.StripeClient) -> None:
    vendor = open_account(client)
    deposit(client, 100_00)
    transfer(client, vendor, 10_00, "key-1")
    with pytest.raises(stripe.IdempotencyError):
        transfer(client, vendor, 11_00, "key-1")


def test_a_refusal_is_repeated_under_its_key_even_when_money_has_come(client: stripe.StripeClient) -> None:
    vendor = open_account(client)
    for cents in (0, 100_00):
        if cents:
            deposit(client, cents)
        with pytest.raises(stripe.InvalidRequestError) as refused:
            transfer(client, vendor, 10_00, "key-1")
        assert refused.value.code == "balance_insufficient"
    assert transfer(client, vendor, 10_00, "key-2").amount == 10_00


def test_32_callers_with_one_key_make_one_transfer(client: stripe.StripeClient, double: Running) -> None:
    vendor = open_account(client)
    deposit(client, 100_00)
    made: list[str] = []
    threads = [
        threading.Thread(target=lambda: made.append(transfer(client_of(double), vendor, 1_00, "one").id))
        for _ in range(32)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 32
    assert len(set(made)) == 1
    assert client.v1.balance.retrieve().available[0].amount == 99_00


def test_a_transfer_dropped_after_commit_is_found_by_its_group(
    client: stripe.StripeClient, double: Running
) -> None:
    vendor = open_account(client)
    deposit(client, 100_00)
    requests.post(f"{double.url}/_control/faults", json={"kind": "drop_after"}, timeout=5)
    with pytest.raises(stripe.APIConnectionError):
        transfer(client, vendor, 10_00, "key-1")
    found = client.v1.transfers.list({"transfer_group": "G-1"}).data
    assert [item.amount for item in found] == [10_00]
    assert transfer(client, vendor, 10_00, "key-1").id == found[0].id


@pytest.mark.parametrize("kind", ["drop_before", "error"])
def test_a_fault_before_the_work_leaves_nothing_behind(
    client: stripe.StripeClient, double: Running, kind: str
) -> None:
    vendor = open_account(client)
    deposit(client, 100_00)
    requests.post(f"{double.url}/_control/faults", json={"kind": kind}, timeout=5)
    with pytest.raises((stripe.APIConnectionError, stripe.APIError)):
        transfer(client, vendor, 10_00, "key-1")
    assert client.v1.transfers.list().data == []
    assert transfer(client, vendor, 10_00, "key-1").amount == 10_00


def test_a_stalled_answer_times_the_caller_out_with_the_work_done(double: Running) -> None:
    client = client_of(double, timeout=0.3)
    vendor = open_account(client)
    deposit(client, 100_00)
    requests.post(f"{double.url}/_control/faults", json={"kind": "stall_after", "seconds": 0.8}, timeout=5)
    with pytest.raises(stripe.APIConnectionError):
        transfer(client, vendor, 10_00, "key-1")
    assert len(client.v1.transfers.list().data) == 1


def test_lists_are_walked_newest_first_by_cursor(client: stripe.StripeClient) -> None:
    vendor = open_account(client)
    deposit(client, 100_00)
    made = [transfer(client, vendor, cents).id for cents in range(1, 26)]
    walked = [item.id for item in client.v1.transfers.list({"limit": 10}).auto_paging_iter()]
    assert walked == made[::-1]
    assert client.v1.transfers.list({"transfer_group": "other"}).data == []


def test_events_are_listed_by_kind(client: stripe.StripeClient) -> None:
    vendor = open_account(client)
    deposit(client, 100_00)
    transfer(client, vendor, 1_00)
    assert [item.type for item in client.v1.events.list({"type": "transfer.created"}).data] == [
        "transfer.created"
    ]


def test_everything_is_still_there_after_a_restart_and_a_torn_line(tmp_path: Path) -> None:
    with running(tmp_path) as up:
        client = client_of(up)
        vendor = open_account(client)
        deposit(client, 100_00)
        made = transfer(client, vendor, 10_00, "key-1").id
    with (tmp_path / "stripe-double.jsonl").open("a") as journal:
        journal.write('{"at": 1, "put": [["transfer", "tr_half", {"id"')
    with running(tmp_path) as up:
        client = client_of(up)
        assert transfer(client, vendor, 10_00, "key-1").id == made
        assert client.v1.balance.retrieve().available[0].amount == 90_00
        transfer(client, vendor, 5_00)
    with running(tmp_path) as up:
        assert client_of(up).v1.balance.retrieve().available[0].amount == 85_00


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"currency": "usd", "destination": "acct_x"}, "amount"),
        ({"amount": "ten", "currency": "usd", "destination": "acct_x"}, "amount"),
        ({"amount": "-5", "currency": "usd", "destination": "acct_x"}, "amount"),
        ({"amount": "5", "currency": "eur", "destination": "acct_x"}, "currency"),
        ({"amount": "5", "currency": "usd"}, "destination"),
        ({"amount": "5", "currency": "usd", "destination": "acct_x"}, "destination"),
        ({"amount[a]": "5", "amount": "5", "currency": "usd"}, "amount"),
        ({"amount[": "5"}, "amount["),
    ],
)
def test_a_wrong_parameter_is_named(double: Running, params: dict[str, str], named: str) -> None:
    answer = requests.post(f"{double.url}/v1/transfers", data=params, auth=("sk_test_x", ""), timeout=5)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == named


def test_a_caller_without_a_test_key_is_turned_away(double: Running) -> None:
    assert requests.get(f"{double.url}/v1/balance", timeout=5).status_code == 401
    assert requests.get(f"{double.url}/v1/balance", auth=("sk_live_x", ""), timeout=5).status_code == 401


def test_an_unknown_path_is_stripes_404(double: Running) -> None:
    answer = requests.get(f"{double.url}/v1/moonbeams", auth=("sk_test_x", ""), timeout=5)
    assert (answer.status_code, answer.json()["error"]["type"]) == (404, "invalid_request_error")
