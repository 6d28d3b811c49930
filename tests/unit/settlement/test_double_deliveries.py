"""The Stripe double calls webhooks as Stripe would, and shows pages of its own."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
import stripe

from billing.settlement.double.server import Running
from tests.unit.settlement.stripe_talk import deposit, open_account, transfer


class Inbox(ThreadingHTTPServer):
    """An address that keeps what it is sent and refuses the first `refuse` deliveries."""

    def __init__(self) -> None:
        """Listen on a free port."""
        super().__init__(("127.0.0.1", 0), InboxHandler)
        self.refuse = 0
        self.kept: list[tuple[bytes, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"


class InboxHandler(BaseHTTPRequestHandler):
    """Answers one delivery."""

    server: Inbox

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.refuse -= 1
        if self.server.refuse < 0:
            self.server.kept.append((body, self.headers["Stripe-Signature"]))
        self.send_response(500 if self.server.refuse >= 0 else 200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Keep quiet."""


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    server = Inbox()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def wait_for(inbox: Inbox, count: int) -> list[tuple[bytes, str]]:
    """Wait until so many deliveries were kept."""
    until = time.monotonic() + 8
    while len(inbox.kept) < count and time.monotonic() < until:
        time.sleep(0.02)
    return inbox.kept


def subscribe(client: stripe.StripeClient, inbox: Inbox) -> str:
    point = client.v1.webhook_endpoints.create({"url": inbox.url, "enabled_events": ["transfer.created"]})
    assert point.secret is not None
    return point.secret


def test_a_delivery_is_signed_so_that_the_real_client_accepts_it(
    client: stripe.StripeClient, inbox: Inbox
) -> None:
    secret, vendor = subscribe(client, inbox), open_account(client)
    deposit(client, 10_00)
    made = transfer(client, vendor, 1_00)
    body, signature = wait_for(inbox, 1)[0]
    news = stripe.Webhook.construct_event(body, signature, secret)
    assert (news.type, news.data.object["id"]) == ("transfer.created", made.id)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body, signature, "whsec_other")


def test_a_refused_delivery_is_tried_again(client: stripe.StripeClient, inbox: Inbox) -> None:
    inbox.refuse = 2
    subscribe(client, inbox)
    vendor = open_account(client)
    deposit(client, 10_00)
    transfer(client, vendor, 1_00)
    assert len(wait_for(inbox, 1)) == 1


def test_deliveries_can_be_held_shuffled_and_doubled(
    client: stripe.StripeClient, double: Running, inbox: Inbox
) -> None:
    subscribe(client, inbox)
    vendor = open_account(client)
    deposit(client, 10_00)
    requests.post(f"{double.url}/_control/webhooks", json={"hold": True}, timeout=5)
    made = [transfer(client, vendor, cents).id for cents in range(1, 7)]
    time.sleep(0.3)
    assert inbox.kept == []
    requests.post(
        f"{double.url}/_control/webhooks", json={"copies": 2, "shuffle": True, "seed": 1}, timeout=5
    )
    got = [json.loads(body)["data"]["object"]["id"] for body, _ in wait_for(inbox, 12)]
    assert sorted(got) == sorted(made * 2)
    assert got != sorted(got, key=made.index)


def test_the_page_shows_accounts_transfers_and_the_balance(
    client: stripe.StripeClient, double: Running
) -> None:
    vendor = open_account(client, "Valley <Rides>")
    deposit(client, 1_234_50)
    transfer(client, vendor, 1_000_25)
    shown = requests.get(double.url, timeout=5).text
    assert "$234.25" in shown
    assert "$1,000.25" in shown
    assert "Valley &lt;Rides&gt;" in shown
