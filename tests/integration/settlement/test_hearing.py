"""Stripe's webhooks: permuted, doubled, late and forged events leave one payment and a balanced ledger."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from billing.claims.words import ClaimState
from billing.settlement import jobs, kinds
from billing.settlement.double.courier import signature_header
from billing.settlement.gateway import Gateway
from billing.settlement.models import StripeEvent
from billing.settlement.rules import SeenTransfer
from billing.settlement.words import FundingMethod, TransferState
from marketplace.app import create_app
from marketplace.foundation.access import system_actor
from marketplace.foundation.jobs.models import Job, JobState
from marketplace.foundation.jobs.queue import enqueue
from marketplace.foundation.jobs.worker import run_job
from marketplace.foundation.work import Runtime
from tests.integration.settlement.money_house import SECRET, House, money_house

SEQUENCES = 25


@pytest.fixture
def house(runtime: Runtime, tmp_path: Path) -> Iterator[House]:
    with money_house(runtime, tmp_path) as opened:
        yield opened


@pytest.fixture
def client(house: House) -> FlaskClient:
    return create_app(house.runtime).test_client()


def post(client: FlaskClient, event: object, *, secret: str = SECRET, at: int | None = None) -> int:
    """Deliver an event as Stripe would; returns the status of the answer."""
    payload = json.dumps(event).encode()
    header = signature_header(secret, payload, at or int(time.time()))
    sent = client.post("/stripe/webhook", data=payload, headers={"Stripe-Signature": header})
    return sent.status_code


def transfers_of(house: House) -> list[TransferState]:
    return [transfer.state for transfer in house.transfers()]


def test_an_event_settles_what_a_lost_answer_left_unknown(house: House, client: FlaskClient) -> None:
    house.deposit(100_00)
    house.work_off()
    house.fault("drop_after")
    claim = house.approved_claim(80_00)
    house.work_off()
    assert transfers_of(house) == [TransferState.UNKNOWN]
    (news,) = [
        event for event in house.double.world.book.every("event") if event["type"] == "transfer.created"
    ]
    assert post(client, news) == 200
    house.work_off()
    assert (transfers_of(house), house.claim(claim).state) == ([TransferState.MADE], ClaimState.PAID)
    assert house.breaches() == []


def test_a_bank_deposit_clears_by_its_event(house: House, client: FlaskClient) -> None:
    claim = house.approved_claim(100_00)
    house.deposit(100_00, FundingMethod.BANK)
    house.work_off()
    house.control(f"payment_intents/{house.deposits()[0].payment_intent_id}/settle")
    for event in house.double.world.book.every("event"):
        assert post(client, event) == 200
    house.work_off()
    assert house.claim(claim).state is ClaimState.PAID
    assert house.breaches() == []


def test_a_reversal_at_stripe_reaches_the_ledger_once(house: House, client: FlaskClient) -> None:
    house.deposit(100_00)
    house.work_off()
    house.approved_claim(80_00)
    house.work_off()
    (transfer,) = house.transfers()
    with house.double.world.book.change():
        house.double.world.desk.reverse_transfer(str(transfer.stripe_transfer_id), {"amount": "3000"})
    with house.double.world.book.change():
        house.double.world.desk.reverse_transfer(str(transfer.stripe_transfer_id), {})
    for event in reversed(house.double.world.book.every("event") * 2):
        post(client, event)
    house.work_off()
    (transfer,) = house.transfers()
    assert (transfer.state, transfer.reversed_cents) == (TransferState.REVERSED, 80_00)
    assert house.breaches() == []


@pytest.mark.parametrize("how", ["wrong secret", "no signature", "stale", "altered", "no event", "not JSON"])
def test_what_stripe_has_not_signed_is_refused_and_leaves_nothing(
    house: House, client: FlaskClient, how: str
) -> None:
    event = house.double.world.book.every("event")[0]
    payload = json.dumps(event).encode()
    now = int(time.time())
    sent = {
        "wrong secret": (payload, signature_header("whsec_other", payload, now)),
        "no signature": (payload, ""),
        "stale": (payload, signature_header(SECRET, payload, now - 301)),
        "altered": (payload + b" ", signature_header(SECRET, payload, now)),
        "no event": (b'{"object": "balance"}', signature_header(SECRET, b'{"object": "balance"}', now)),
        "not JSON": (b"\x00\xff", signature_header(SECRET, b"\x00\xff", now)),
    }[how]
    answer = client.post("/stripe/webhook", data=sent[0], headers={"Stripe-Signature": sent[1]})
    assert answer.status_code == 400
    with house.acting(system_actor(), "relay") as session:
        assert list(session.scalars(select(Job).where(Job.kind == jobs.HEAR_STRIPE))) == []


def test_an_event_is_noted_once_however_often_it_comes(house: House, client: FlaskClient) -> None:
    event = house.double.world.book.every("event")[0]
    assert [post(client, event) for _ in range(5)] == [200] * 5
    with house.acting(system_actor(), "relay") as session:
        assert len(list(session.scalars(select(Job).where(Job.kind == jobs.HEAR_STRIPE)))) == 1
    house.work_off()
    with house.acting(system_actor(), "verifier") as session:
        assert [heard.id for heard in session.scalars(select(StripeEvent))] == [event["id"]]


def test_a_signed_event_about_nothing_we_know_has_no_effect(house: House, client: FlaskClient) -> None:
    event = {**house.double.world.book.every("event")[0], "id": "evt_x", "type": "transfer.created"}
    event["data"] = {"object": {"id": "tr_nowhere"}}
    assert post(client, event) == 200
    house.work_off()
    assert house.transfers() == []
    assert house.breaches() == []


def test_money_moved_behind_our_back_lands_in_suspense(house: House, client: FlaskClient) -> None:
    house.deposit(100_00)
    house.work_off()
    account = house.double.world.book.every("account")[0]["id"]
    wish = {"amount": "1200", "currency": "usd", "destination": account}
    with house.double.world.book.change():
        house.double.world.desk.create_transfer(wish)
    for event in house.double.world.book.every("event") * 2:
        post(client, event)
    house.work_off()
    assert house.suspense_cents() == 12_00
    assert house.breaches() == []


@pytest.mark.slow
def test_sequences_of_events_permuted_doubled_late_and_forged_pay_each_group_once(
    house: House, client: FlaskClient
) -> None:
    for seed in range(SEQUENCES):
        dice = random.Random(seed)
        if dice.random() < 0.5:
            house.fault(dice.choice(["drop_after", "drop_before", "error_after", "error"]))
        house.deposit(dice.randint(1, 200) * 100, dice.choice(list(FundingMethod)))
        house.approved_claim(dice.randint(1, 150) * 100, dice.randint(0, 1))
        house.work_off()
        if dice.random() < 0.3:
            house.control("clear")
        events = house.double.world.book.every("event")
        chosen = [dice.choice(events) for _ in range(dice.randint(3, 12))]
        for event in chosen:
            forged = dice.random() < 0.2
            assert post(client, event, secret="whsec_forged" if forged else SECRET) == (
                400 if forged else 200
            )
        house.work_off()
        assert house.breaches() == []
    house.control("clear")
    house.sweep()
    house.sweep()
    assert house.breaches() == []
    per_group = Counter(str(seen["transfer_group"]) for seen in house.at_stripe())
    assert set(per_group.values()) == {1}
    made = [transfer for transfer in house.transfers() if transfer.state is TransferState.MADE]
    assert len(made) == len(house.at_stripe())
    assert not [state for state in transfers_of(house) if state is TransferState.UNKNOWN]


class DyingGateway(Gateway):
    """The real gateway in a process that dies just before or just after asking for a transfer."""

    when = "after"

    def create_transfer(self, **question: object) -> SeenTransfer:
        if self.when == "after":
            super().create_transfer(**question)  # type: ignore[arg-type]
        raise SystemExit(9)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_process_that_dies_around_the_call_pays_once(
    house: House, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    house.deposit(100_00)
    house.work_off()
    claim = house.approved_claim(80_00)
    dying = DyingGateway("sk_test_homeward", api_base=house.double.url)
    dying.when = when
    key = ("sk_test_homeward", house.double.url)
    monkeypatch.setitem(kinds._GATEWAYS, key, dying)
    with pytest.raises(SystemExit):
        house.work_off()
    assert transfers_of(house) == [TransferState.UNKNOWN]
    assert house.breaches() == []
    monkeypatch.delitem(kinds._GATEWAYS, key)
    house.sweep()
    assert (transfers_of(house), len(house.at_stripe())) == ([TransferState.MADE], 1)
    assert house.claim(claim).state is ClaimState.PAID
    assert house.breaches() == []


def test_eight_settlements_at_once_spend_each_cent_once(house: House) -> None:
    house.deposit(250_00)
    house.work_off()
    for _ in range(4):
        house.approved_claim(100_00)
    house.work_off_only("foundation.deliver")
    with house.acting(system_actor(house.payer), "janitor") as session:
        wanted = [enqueue(session, jobs.SETTLE_PAYER, {"payer": str(house.payer)}) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda job: run_job(house.runtime, job), wanted))
    with house.acting(system_actor(), "relay") as session:
        unfinished = session.scalars(select(Job).where(Job.id.in_(wanted), Job.state != JobState.DONE)).all()
        assert [job.error for job in unfinished] == []
    assert transfers_of(house) == [TransferState.MADE] * 2
    assert len(house.at_stripe()) == 2
    assert house.breaches() == []
