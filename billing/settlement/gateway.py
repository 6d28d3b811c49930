"""The one place that talks to Stripe: typed questions out, checked values back, uncertainty made explicit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import stripe

from billing.settlement.rules import SeenPayment, SeenTransfer
from marketplace.foundation.errors import Unavailable
from marketplace.foundation.money import Money
from marketplace.foundation.settings import Settings

T = TypeVar("T")

TIMEOUT_SECONDS = 10
_EXPAND = ["latest_charge.balance_transaction"]
_DEFINITE = (stripe.InvalidRequestError, stripe.CardError)
"""Errors by which Stripe says that nothing was done and nothing will be under this key."""


class StripeRefused(Exception):
    """Stripe has refused for good: under this idempotency key nothing was done, and nothing will be."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class StripeUncertain(Exception):
    """No answer, or none that settles the question: it may have been done. Ask later."""


class Gateway:
    """Stripe for one installation; safe to share between threads."""

    def __init__(self, api_key: str, *, api_base: str = "", timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._client = stripe.StripeClient(
            api_key,
            base_addresses={"api": api_base} if api_base else {},
            http_client=stripe.RequestsClient(timeout=timeout_seconds),
            max_network_retries=0,  # the janitor asks again; the client must not guess
        )

    def create_account(self, *, our_id: str, name: str, email: str, key: str) -> tuple[str, bool]:
        """Open a vendor's account; returns its id and whether it can receive transfers."""
        params: Any = {
            "country": "US",
            "business_profile": {"name": name},
            "capabilities": {"transfers": {"requested": True}},
            "metadata": {"organization": our_id},
        }
        if email:
            params["email"] = email
        with _certainty():
            account = self._client.v1.accounts.create(params, {"idempotency_key": key})
        return _identifier(account.id, "acct_"), _can_receive(account)

    def account_ready(self, account_id: str) -> bool:
        """Whether an account can receive transfers now."""
        with _certainty():
            return _can_receive(self._client.v1.accounts.retrieve(account_id))

    def onboarding_url(self, account_id: str, return_url: str) -> str:
        """The address at which the vendor completes its account."""
        params: Any = {
            "account": account_id,
            "type": "account_onboarding",
            "return_url": return_url,
            "refresh_url": return_url,
        }
        with _certainty():
            return _text(self._client.v1.account_links.create(params).url)

    def create_payment(self, *, our_id: str, amount: Money, method: str, key: str) -> SeenPayment:
        """Collect a deposit."""
        params: Any = {
            "amount": amount.cents,
            "currency": amount.currency.lower(),
            "payment_method": method,
            "payment_method_types": ["us_bank_account" if method == "pm_usBankAccount" else "card"],
            "confirm": True,
            "description": "Homeward deposit",
            "metadata": {"deposit": our_id},
            "expand": _EXPAND,
        }
        with _certainty():
            return _payment(self._client.v1.payment_intents.create(params, {"idempotency_key": key}))

    def payment(self, payment_id: str) -> SeenPayment:
        """A payment as Stripe holds it now."""
        with _certainty():
            return _payment(self._client.v1.payment_intents.retrieve(payment_id, {"expand": _EXPAND}))

    def payments_since(self, moment: int) -> list[SeenPayment]:
        """Every payment made since a moment (Unix seconds)."""
        params: Any = {"created": {"gte": moment}, "limit": 100}
        with _certainty():
            found = self._client.v1.payment_intents.list(params)
            return [_payment(item) for item in found.auto_paging_iter()]

    def create_transfer(
        self, *, our_id: str, group: str, amount: Money, destination: str, key: str
    ) -> SeenTransfer:
        """Pay a vendor."""
        params: Any = {
            "amount": amount.cents,
            "currency": amount.currency.lower(),
            "destination": destination,
            "transfer_group": group,
            "metadata": {"transfer": our_id},
        }
        with _certainty():
            return _transfer(self._client.v1.transfers.create(params, {"idempotency_key": key}))

    def transfer(self, transfer_id: str) -> SeenTransfer:
        """A transfer as Stripe holds it now."""
        with _certainty():
            return _transfer(self._client.v1.transfers.retrieve(transfer_id))

    def transfers_of(self, group: str) -> list[SeenTransfer]:
        """Every transfer Stripe holds for a payable group."""
        with _certainty():
            found = self._client.v1.transfers.list({"transfer_group": group, "limit": 100})
            return [_transfer(item) for item in found.auto_paging_iter()]


def is_configured(settings: Settings) -> bool:
    """Whether this installation can pay at all."""
    return bool(settings.text("STRIPE_API_KEY"))


def gateway_of(settings: Settings, *, timeout_seconds: float = TIMEOUT_SECONDS) -> Gateway:
    """The gateway that the settings describe.

    HOMEWARD_STRIPE_API_KEY is the secret key; HOMEWARD_STRIPE_API_BASE the address of a double, empty for
    Stripe itself. Raises Unavailable when no key is set.
    """
    key = settings.text("STRIPE_API_KEY")
    if not key:
        raise Unavailable("Payments are not configured: HOMEWARD_STRIPE_API_KEY is empty.")
    return Gateway(key, api_base=settings.text("STRIPE_API_BASE"), timeout_seconds=timeout_seconds)


@contextmanager
def _certainty() -> Iterator[None]:
    """Sort the client's errors into "refused for good" and "not known"; an odd answer is not known either."""
    try:
        yield
    except stripe.IdempotencyError as error:
        raise StripeUncertain(str(error)) from error
    except _DEFINITE as error:
        raise StripeRefused(str(error.code or "refused"), str(error.user_message or error)) from error
    except stripe.StripeError as error:
        raise StripeUncertain(f"{type(error).__name__}: {error}") from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise StripeUncertain(f"an answer that cannot be read: {error}") from error


def _transfer(item: stripe.Transfer) -> SeenTransfer:
    to = item.destination
    return SeenTransfer(
        id=_identifier(item.id, "tr_"),
        amount_cents=_cents(item.amount),
        currency=_text(item.currency).upper(),
        destination=_text(to if isinstance(to, str) else getattr(to, "id", "")),
        reversed_cents=_cents(item.amount_reversed),
        our_id=_meta(item, "transfer"),
    )


def _payment(item: stripe.PaymentIntent) -> SeenPayment:
    return SeenPayment(
        id=_identifier(item.id, "pi_"),
        status=_text(item.status),
        amount_received_cents=_cents(item.amount_received or 0),
        currency=_text(item.currency).upper(),
        available=_is_available(item),
        declined=item.status == "requires_payment_method" and item.last_payment_error is not None,
        our_id=_meta(item, "deposit"),
    )


def _is_available(item: stripe.PaymentIntent) -> bool:
    """Whether the payment's money may be spent: its charge's balance transaction is available."""
    charge = item.latest_charge
    moved = charge.balance_transaction if isinstance(charge, stripe.Charge) else None
    return isinstance(moved, stripe.BalanceTransaction) and moved.status == "available"


def _can_receive(account: stripe.Account) -> bool:
    return account.capabilities is not None and account.capabilities.transfers == "active"


def _meta(item: stripe.Transfer | stripe.PaymentIntent, name: str) -> str:
    """A value of the object's metadata; empty when it has none."""
    held: Any = item.metadata
    return _text(held[name]) if held is not None and name in held else ""


def _identifier(value: object, prefix: str) -> str:
    """An object id of the kind expected."""
    text = _text(value)
    if not text.startswith(prefix) or not text.replace("_", "").isalnum() or len(text) > 255:
        raise ValueError(f"not an id: {text[:40]!r}")
    return text


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > 2048:
        raise ValueError(f"not a text: {type(value).__name__}")
    return value


def _cents(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**12:
        raise ValueError(f"not an amount: {value!r:.40}")
    return value


def verified_event(payload: bytes, signature: str, secret: str) -> dict[str, str]:
    """The id, type and object id of a webhook event whose signature is right and at most five minutes old.

    Raises ValueError for anything else: a forged, altered or replayed body, or one that is no event.
    """
    try:
        news = stripe.Webhook.construct_event(payload, signature, secret)
        found: Callable[[], object] = lambda: news.data.object["id"]  # noqa: E731
        return {"id": _identifier(news.id, "evt_"), "type": _text(news.type), "object": _text(found())}
    except (stripe.SignatureVerificationError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError("this is no event signed for us") from error
