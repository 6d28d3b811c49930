"""What the tests of the Stripe double say to it, through the real client."""

from __future__ import annotations

import stripe

from billing.settlement.double.server import Running


def client_of(double: Running, *, timeout: float = 5.0) -> stripe.StripeClient:
    """Make a real client that talks to the double and never retries by itself."""
    return stripe.StripeClient(
        "sk_test_homeward",
        base_addresses={"api": double.url},
        http_client=stripe.RequestsClient(timeout=timeout),
        max_network_retries=0,
    )


def open_account(client: stripe.StripeClient, name: str = "Valley Rides") -> str:
    made = client.v1.accounts.create(
        {
            "country": "US",
            "business_profile": {"name": name},
            "capabilities": {"transfers": {"requested": True}},
            "metadata": {"vendor": "V-1"},
        }
    )
    return made.id


def deposit(
    client: stripe.StripeClient, cents: int, method: str = "pm_card_bypassPending"
) -> stripe.PaymentIntent:
    return client.v1.payment_intents.create(
        {"amount": cents, "currency": "usd", "confirm": True, "payment_method": method}
    )


def transfer(client: stripe.StripeClient, to: str, cents: int, key: str | None = None) -> stripe.Transfer:
    return client.v1.transfers.create(
        {
            "amount": cents,
            "currency": "usd",
            "destination": to,
            "transfer_group": "G-1",
            "metadata": {"intent": "I"},
        },
        {"idempotency_key": key} if key else {},
    )
