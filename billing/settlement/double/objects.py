"""The shapes of Stripe's objects, with the fields that callers of Connect, payments and transfers read."""

from __future__ import annotations

from typing import Any

from billing.settlement.double.book import Object, fresh_id


def account(
    params: dict[str, Any],
    *,
    email: str | None,
    meta: dict[str, str],
    country: str,
    transfers_state: str,
    now: int,
) -> Object:
    """Shape a connected account; `transfers_state` is `active`, `pending` or `inactive`."""
    ready = transfers_state == "active"
    profile = params.get("business_profile")
    name = profile.get("name") if isinstance(profile, dict) else None
    return {
        "id": fresh_id("acct"),
        "object": "account",
        "business_profile": {"name": name, "mcc": None, "url": None},
        "business_type": params.get("business_type"),
        "capabilities": {"transfers": transfers_state},
        "charges_enabled": False,
        "controller": {"type": "application"},
        "country": country,
        "created": now,
        "default_currency": "usd",
        "details_submitted": ready,
        "email": email,
        "metadata": meta,
        "payouts_enabled": ready,
        "requirements": requirements(ready=ready),
        "type": params.get("type", "none"),
    }


def requirements(*, ready: bool) -> Object:
    """Say what a connected account still owes before it may receive money."""
    owed = [] if ready else ["external_account", "tos_acceptance.date"]
    return {
        "currently_due": owed,
        "eventually_due": owed,
        "past_due": [],
        "pending_verification": [],
        "disabled_reason": None if ready else "requirements.past_due",
        "errors": [],
        "alternatives": [],
        "current_deadline": None,
    }


def payment_intent(
    *,
    amount: int,
    currency: str,
    meta: dict[str, str],
    description: str | None,
    transfer_group: str | None,
    payment_method: str | None,
    kinds: list[str],
    now: int,
) -> Object:
    """Shape a payment intent of `amount` cents, not yet confirmed."""
    identifier = fresh_id("pi")
    status = "requires_confirmation" if payment_method else "requires_payment_method"
    return {
        "id": identifier,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_received": 0,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic",
        "client_secret": f"{identifier}_secret_{fresh_id('s')[2:]}",
        "confirmation_method": "automatic",
        "created": now,
        "currency": currency,
        "customer": None,
        "description": description,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": meta,
        "next_action": None,
        "payment_method": payment_method,
        "payment_method_types": kinds or ["card"],
        "status": status,
        "transfer_data": None,
        "transfer_group": transfer_group,
    }


def charge(intent: Object, *, status: str, now: int) -> Object:
    """Shape the charge that a confirmed payment intent makes."""
    return {
        "id": fresh_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if status == "succeeded" else 0,
        "amount_refunded": 0,
        "balance_transaction": None,
        "captured": status == "succeeded",
        "created": now,
        "currency": intent["currency"],
        "description": intent["description"],
        "disputed": False,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "paid": status == "succeeded",
        "payment_intent": intent["id"],
        "payment_method": intent["payment_method"],
        "refunded": False,
        "status": status,
        "transfer_group": intent["transfer_group"],
    }


def balance_transaction(
    *,
    kind: str,
    source: str,
    amount: int,
    currency: str,
    available_on: int,
    now: int,
    owner: str | None = None,
    description: str | None = None,
) -> Object:
    """Shape a movement of a balance: positive in, negative out; `owner` is None for the platform itself."""
    return {
        "id": fresh_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": available_on,
        "created": now,
        "currency": currency,
        "description": description,
        "exchange_rate": None,
        "fee": 0,
        "fee_details": [],
        "net": amount,
        "reporting_category": kind,
        "source": source,
        "status": "available" if available_on <= now else "pending",
        "type": kind,
        "_owner": owner,
    }


def transfer(
    *,
    amount: int,
    currency: str,
    destination: str,
    meta: dict[str, str],
    description: str | None,
    transfer_group: str | None,
    source_transaction: str | None,
    now: int,
) -> Object:
    """Shape a transfer of `amount` cents from the platform to a connected account."""
    identifier = fresh_id("tr")
    return {
        "id": identifier,
        "object": "transfer",
        "amount": amount,
        "amount_reversed": 0,
        "balance_transaction": None,
        "created": now,
        "currency": currency,
        "description": description,
        "destination": destination,
        "destination_payment": fresh_id("py"),
        "livemode": False,
        "metadata": meta,
        "reversals": page([], f"/v1/transfers/{identifier}/reversals", more=False),
        "reversed": False,
        "source_transaction": source_transaction,
        "source_type": "card",
        "transfer_group": transfer_group,
    }


def reversal(of: Object, *, amount: int, meta: dict[str, str], now: int) -> Object:
    """Shape the taking back of `amount` cents of a transfer."""
    return {
        "id": fresh_id("trr"),
        "object": "transfer_reversal",
        "amount": amount,
        "balance_transaction": None,
        "created": now,
        "currency": of["currency"],
        "destination_payment_refund": fresh_id("pyr"),
        "metadata": meta,
        "source_refund": None,
        "transfer": of["id"],
    }


def webhook_endpoint(
    *, url: str, kinds: list[str], description: str | None, meta: dict[str, str], secret: str, now: int
) -> Object:
    """Shape an address to which events are delivered, signed with `secret`."""
    return {
        "id": fresh_id("we"),
        "object": "webhook_endpoint",
        "api_version": None,
        "application": None,
        "created": now,
        "description": description,
        "enabled_events": kinds,
        "livemode": False,
        "metadata": meta,
        "status": "enabled",
        "url": url,
        "secret": secret,
    }


def event(
    kind: str, item: Object, *, deliveries: int, now: int, request: str | None, key: str | None
) -> Object:
    """Shape the news that `item` is now as it is."""
    return {
        "id": fresh_id("evt"),
        "object": "event",
        "api_version": None,
        "created": now,
        "data": {"object": item},
        "livemode": False,
        "pending_webhooks": deliveries,
        "request": {"id": request, "idempotency_key": key},
        "type": kind,
    }


def page(items: list[Object], url: str, *, more: bool) -> Object:
    """Shape one page of a list."""
    return {"object": "list", "data": items, "has_more": more, "url": url}
