"""The double's verbs: what each call of the interface does to the book, and the news it makes."""

from __future__ import annotations

import threading
import time
from typing import Any

from billing.settlement.double import objects
from billing.settlement.double.book import Book, Object, fresh_id
from billing.settlement.double.faults import StripeRefusal, invalid
from billing.settlement.double.forms import metadata, required_text, text, texts, whole_number

INSTANT_METHOD = "pm_card_bypassPending"
CARD_METHOD = "pm_card_visa"
BANK_METHOD = "pm_usBankAccount"
DECLINED_METHOD = "pm_card_chargeDeclined"
METHODS = (INSTANT_METHOD, CARD_METHOD, BANK_METHOD, DECLINED_METHOD)
CURRENCY = "usd"
SECONDS_A_DAY = 86_400


class Desk:
    """Does the work of each call on the book, under the book's lock.

    `clearing_seconds` is how long a card payment's money stays pending; a bank payment stays
    `processing` until it is settled through the control route.
    """

    def __init__(self, book: Book, *, clearing_seconds: int = 2 * SECONDS_A_DAY) -> None:
        """Work on this book."""
        self.book = book
        self.clearing_seconds = clearing_seconds
        self.asked = threading.local()

    # --- accounts ---

    def create_account(self, params: dict[str, Any]) -> Object:
        """Open a connected account; asking for the `transfers` capability onboards it at once."""
        capabilities = params.get("capabilities", {})
        wanted = isinstance(capabilities, dict) and capabilities.get("transfers", {}) == {"requested": "true"}
        made = objects.account(
            params,
            email=text(params, "email"),
            meta=metadata(params),
            now=_now(),
            country=text(params, "country") or "US",
            transfers_state="active" if wanted else "inactive",
        )
        self.book.put("account", made)
        self._publish("account.updated", made)
        return made

    def set_transfers_capability(self, identifier: str, state: str) -> Object:
        """Put an account's `transfers` capability into a state, as an onboarding or a review would."""
        if state not in ("active", "pending", "inactive"):
            raise invalid("Unknown capability state", param="state")
        made = self.book.get("account", identifier)
        ready = state == "active"
        made["capabilities"]["transfers"] = state
        made.update(
            payouts_enabled=ready, details_submitted=ready, requirements=objects.requirements(ready=ready)
        )
        self.book.put("account", made)
        self._publish("account.updated", made)
        return made

    def create_account_link(self, params: dict[str, Any], base_url: str) -> Object:
        """Give the address of the page on which a vendor would complete its account."""
        owner = self.book.get("account", required_text(params, "account"))
        return {
            "object": "account_link",
            "created": _now(),
            "expires_at": _now() + 300,
            "url": f"{base_url}onboarding/{owner['id']}",
        }

    # --- payments ---

    def create_payment_intent(self, params: dict[str, Any]) -> Object:
        """Open a payment; with `confirm=true` try it at once."""
        currency = _currency(params)
        made = objects.payment_intent(
            amount=whole_number(params, "amount"),
            currency=currency,
            meta=metadata(params),
            now=_now(),
            description=text(params, "description"),
            transfer_group=text(params, "transfer_group"),
            payment_method=_method(params),
            kinds=texts(params, "payment_method_types"),
        )
        self.book.put("payment_intent", made)
        self._publish("payment_intent.created", made)
        if text(params, "confirm") == "true":
            return self.confirm_payment_intent(made["id"], {})
        return made

    def confirm_payment_intent(self, identifier: str, params: dict[str, Any]) -> Object:
        """Try a payment: a card succeeds or is declined at once, a bank account stays in processing."""
        intent = self.book.get("payment_intent", identifier)
        if intent["status"] not in ("requires_confirmation", "requires_payment_method"):
            raise _unexpected(intent, "confirmed")
        intent["payment_method"] = _method(params) or intent["payment_method"]
        if intent["payment_method"] is None:
            raise invalid(
                "You cannot confirm this PaymentIntent because it's missing a payment method.",
                code="payment_intent_unexpected_state",
            )
        if intent["payment_method"] == DECLINED_METHOD:
            return self._fail(intent)
        if intent["payment_method"] == BANK_METHOD:
            intent["status"] = "processing"
            self.book.put("payment_intent", intent)
            self._publish("payment_intent.processing", intent)
            return intent
        return self._succeed(intent)

    def cancel_payment_intent(self, identifier: str) -> Object:
        """Give a payment up before it has succeeded."""
        intent = self.book.get("payment_intent", identifier)
        if intent["status"] in ("succeeded", "canceled", "processing"):
            raise _unexpected(intent, "canceled")
        intent.update(status="canceled", canceled_at=_now())
        self.book.put("payment_intent", intent)
        self._publish("payment_intent.canceled", intent)
        return intent

    def settle(self, identifier: str, outcome: str) -> Object:
        """End a bank payment that is in processing: `succeeded` or `failed`."""
        intent = self.book.get("payment_intent", identifier)
        if intent["status"] != "processing":
            raise _unexpected(intent, "settled")
        return self._succeed(intent) if outcome == "succeeded" else self._fail(intent)

    def clear_pending(self) -> int:
        """Make all pending money available now, as days would; return how many movements cleared."""
        waiting = [item for item in self.book.every("balance_transaction") if item["available_on"] > _now()]
        for item in waiting:
            self.book.put("balance_transaction", {**item, "available_on": _now(), "status": "available"})
        if waiting:
            self._publish("balance.available", self.balance(None))
        return len(waiting)

    def _succeed(self, intent: Object) -> Object:
        """Take the money: a charge and a movement of the platform's balance."""
        now = _now()
        charge = objects.charge(intent, status="succeeded", now=now)
        waits = self.clearing_seconds if intent["payment_method"] == CARD_METHOD else 0
        moved = objects.balance_transaction(
            kind="charge",
            source=charge["id"],
            amount=intent["amount"],
            currency=intent["currency"],
            available_on=now + waits,
            now=now,
        )
        charge["balance_transaction"] = moved["id"]
        intent.update(status="succeeded", amount_received=intent["amount"], latest_charge=charge["id"])
        self.book.put("balance_transaction", moved)
        self.book.put("charge", charge)
        self.book.put("payment_intent", intent)
        self._publish("charge.succeeded", charge)
        self._publish("payment_intent.succeeded", intent)
        return intent

    def _fail(self, intent: Object) -> Object:
        """Note that the payment was declined; the intent may be confirmed again with another method."""
        problem = {"type": "card_error", "code": "card_declined", "message": "Your card was declined."}
        intent.update(status="requires_payment_method", last_payment_error=problem, payment_method=None)
        self.book.put("payment_intent", intent)
        self._publish("payment_intent.payment_failed", intent)
        return intent

    # --- transfers ---

    def create_transfer(self, params: dict[str, Any]) -> Object:
        """Move available money to a connected account that may receive it."""
        amount, currency = whole_number(params, "amount"), _currency(params)
        destination = self.book.find("account", required_text(params, "destination"))
        if destination is None:
            raise invalid(
                f"No such destination: '{params['destination']}'",
                param="destination",
                code="resource_missing",
            )
        if destination["capabilities"].get("transfers") != "active":
            raise invalid(
                "Your destination account needs to have the transfers capability enabled.",
                code="insufficient_capabilities_for_transfer",
            )
        source = text(params, "source_transaction")
        self._require_money(amount, source)
        made = objects.transfer(
            amount=amount,
            currency=currency,
            destination=destination["id"],
            meta=metadata(params),
            description=text(params, "description"),
            transfer_group=text(params, "transfer_group"),
            source_transaction=source,
            now=_now(),
        )
        made["balance_transaction"] = self._move(made["id"], "transfer", -amount, currency, None)
        self._move(made["destination_payment"], "payment", amount, currency, destination["id"])
        self.book.put("transfer", made)
        self._publish("transfer.created", made)
        return made

    def reverse_transfer(self, identifier: str, params: dict[str, Any]) -> Object:
        """Take all or part of a transfer back."""
        made = self.book.get("transfer", identifier)
        left = made["amount"] - made["amount_reversed"]
        amount = whole_number(params, "amount") if "amount" in params else left
        if amount > left or left == 0:
            raise invalid(
                f"Reversal amount ({amount}) is greater than the unreversed amount ({left}).", param="amount"
            )
        taken = objects.reversal(made, amount=amount, meta=metadata(params), now=_now())
        taken["balance_transaction"] = self._move(
            taken["id"], "transfer_refund", amount, made["currency"], None
        )
        self._move(
            taken["destination_payment_refund"],
            "payment_refund",
            -amount,
            made["currency"],
            made["destination"],
        )
        made["amount_reversed"] += amount
        made["reversed"] = made["amount_reversed"] == made["amount"]
        made["reversals"]["data"].insert(0, taken)
        self.book.put("transfer_reversal", taken)
        self.book.put("transfer", made)
        self._publish("transfer.reversed", made)
        return taken

    def _require_money(self, amount: int, source: str | None) -> None:
        """Refuse a transfer of more than is available, or more than its source transaction brought in."""
        if source is None:
            at_hand = self.available(None)
        else:
            brought = self.book.get("charge", source)["amount"]
            at_hand = brought - sum(
                item["amount"] - item["amount_reversed"]
                for item in self.book.view("transfer")
                if item["source_transaction"] == source
            )
        if amount > at_hand:
            raise invalid(
                "You have insufficient available funds in your Stripe account.", code="balance_insufficient"
            )

    def _move(self, source: str, kind: str, amount: int, currency: str, owner: str | None) -> str:
        """Note a movement of a balance and return its id."""
        moved = objects.balance_transaction(
            kind=kind,
            source=source,
            amount=amount,
            currency=currency,
            available_on=_now(),
            now=_now(),
            owner=owner,
        )
        self.book.put("balance_transaction", moved)
        return str(moved["id"])

    # --- balance and news ---

    def available(self, owner: str | None) -> int:
        """Sum in cents what an account (None: the platform) can spend now."""
        now = _now()
        return sum(
            item["net"]
            for item in self.book.view("balance_transaction")
            if item["_owner"] == owner and item["available_on"] <= now
        )

    def balance(self, owner: str | None) -> Object:
        """Say what is available and what is pending."""
        total = sum(item["net"] for item in self.book.view("balance_transaction") if item["_owner"] == owner)
        at_hand = self.available(owner)
        return {
            "id": owner or "platform",
            "object": "balance",
            "livemode": False,
            "available": [_amount(at_hand)],
            "pending": [_amount(total - at_hand)],
        }

    def create_webhook_endpoint(self, params: dict[str, Any]) -> Object:
        """Register an address for events; the answer is the only one that carries the signing secret."""
        url = required_text(params, "url")
        if not url.startswith(("http://", "https://")):
            raise invalid(
                "Invalid URL: an explicit scheme must be provided.", param="url", code="url_invalid"
            )
        kinds = texts(params, "enabled_events") or ["*"]
        made = objects.webhook_endpoint(
            url=url,
            kinds=kinds,
            description=text(params, "description"),
            meta=metadata(params),
            secret=text(params, "secret") or fresh_id("whsec"),
            now=_now(),
        )
        self.book.put("webhook_endpoint", made)
        return made

    def delete_webhook_endpoint(self, identifier: str) -> Object:
        """Stop delivering to an address."""
        made = self.book.get("webhook_endpoint", identifier)
        self.book.put("webhook_endpoint", {**made, "status": "disabled"})
        return {"id": identifier, "object": "webhook_endpoint", "deleted": True}

    def _publish(self, kind: str, item: Object) -> None:
        """Write an event, and one delivery for each address that wants it, in the same step as the change."""
        wanting = [
            point
            for point in self.book.view("webhook_endpoint")
            if point["status"] == "enabled"
            and (kind in point["enabled_events"] or "*" in point["enabled_events"])
        ]
        news = objects.event(
            kind,
            item,
            deliveries=len(wanting),
            now=_now(),
            request=getattr(self.asked, "request", None),
            key=getattr(self.asked, "key", None),
        )
        self.book.put("event", news)
        for point in wanting:
            self.book.put(
                "delivery",
                {
                    "id": fresh_id("del"),
                    "event": news["id"],
                    "endpoint": point["id"],
                    "attempts": 0,
                    "next_at": 0.0,
                    "state": "waiting",
                },
            )


def _now() -> int:
    """Return the machine's time in whole seconds; Stripe's stamps are machine time."""
    return int(time.time())


def _amount(cents: int) -> Object:
    """Shape one currency's part of a balance."""
    return {"amount": cents, "currency": CURRENCY, "source_types": {"card": cents}}


def _currency(params: dict[str, Any]) -> str:
    """Read the currency; the double deals in US dollars only."""
    currency = required_text(params, "currency").lower()
    if currency != CURRENCY:
        raise invalid(f"Invalid currency: {currency}.", param="currency")
    return currency


def _method(params: dict[str, Any]) -> str | None:
    """Read the payment method, one of the few test methods the double knows."""
    method = text(params, "payment_method")
    if method is not None and method not in METHODS:
        raise invalid(f"No such PaymentMethod: '{method}'", param="payment_method", code="resource_missing")
    return method


def _unexpected(intent: Object, verb: str) -> StripeRefusal:
    """Say that a payment intent is in the wrong state for a verb."""
    return invalid(
        f"This PaymentIntent could not be {verb} because it has a status of {intent['status']}.",
        code="payment_intent_unexpected_state",
    )
