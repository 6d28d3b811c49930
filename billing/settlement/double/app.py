"""The double as a WSGI application: Stripe's REST paths, a control route for tests and a page to look at."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from billing.settlement.double.book import Book, Object, fresh_id
from billing.settlement.double.control import control
from billing.settlement.double.courier import Courier
from billing.settlement.double.desk import Desk
from billing.settlement.double.faults import Fault, FaultKind, FaultPlan, StripeRefusal
from billing.settlement.double.forms import decode
from billing.settlement.double.idempotency import answered_once
from billing.settlement.double.listing import expanded, listed, public
from billing.settlement.double.pages import pages
from billing.settlement.double.world import World, world

api = Blueprint("stripe_double_api", __name__, url_prefix="/v1")

_PLURALS = {
    "accounts": "account",
    "payment_intents": "payment_intent",
    "charges": "charge",
    "events": "event",
    "transfers": "transfer",
    "balance_transactions": "balance_transaction",
    "webhook_endpoints": "webhook_endpoint",
}
_FILTERS = ("transfer_group", "destination", "type", "source", "payment_intent")


def create_app(
    data: Path | None = None, *, secret_key: str | None = None, clearing_seconds: int = 172_800
) -> Flask:
    """Make the double: `data` holds its journal; `secret_key` is the only key let in, None any test key."""
    app = Flask(__name__)
    book = Book(None if data is None else data / "stripe-double.jsonl")
    app.extensions["stripe_double"] = World(
        book=book,
        desk=Desk(book, clearing_seconds=clearing_seconds),
        courier=Courier(book),
        faults=FaultPlan(),
        secret_key=secret_key,
    )
    app.register_blueprint(api)
    app.register_blueprint(control)
    app.register_blueprint(pages)
    app.register_error_handler(StripeRefusal, _refused)
    app.register_error_handler(HTTPException, _unknown_path)
    return app


@api.before_request
def _enter() -> None:
    """Let in only a caller with a test key, and give the request its number."""
    given = request.authorization
    key = (given.token or given.username or "") if given is not None else ""
    if not key.startswith("sk_test_") or world().secret_key not in (None, key):
        raise StripeRefusal(401, "invalid_request_error", "Invalid API Key provided.")
    world().desk.asked.request = fresh_id("req")
    world().desk.asked.key = request.headers.get("Idempotency-Key")


@api.after_request
def _stamp(response: Response) -> Response:
    """Name the request in the answer, as Stripe does."""
    response.headers["Request-Id"] = getattr(world().desk.asked, "request", "")
    if key := request.headers.get("Idempotency-Key"):
        response.headers["Idempotency-Key"] = key
    return response


@api.post("/accounts")
def create_account() -> Response:
    """Open a connected account."""
    return _work(world().desk.create_account)


@api.post("/account_links")
def create_account_link() -> Response:
    """Give the address of an account's onboarding page."""
    return _work(lambda params: world().desk.create_account_link(params, request.host_url))


@api.post("/payment_intents")
def create_payment_intent() -> Response:
    """Open a payment."""
    return _work(world().desk.create_payment_intent)


@api.post("/payment_intents/<identifier>/confirm")
def confirm_payment_intent(identifier: str) -> Response:
    """Try a payment."""
    return _work(lambda params: world().desk.confirm_payment_intent(identifier, params))


@api.post("/payment_intents/<identifier>/cancel")
def cancel_payment_intent(identifier: str) -> Response:
    """Give a payment up."""
    return _work(lambda _: world().desk.cancel_payment_intent(identifier))


@api.post("/transfers")
def create_transfer() -> Response:
    """Pay a connected account."""
    return _work(world().desk.create_transfer)


@api.post("/transfers/<identifier>/reversals")
def reverse_transfer(identifier: str) -> Response:
    """Take a transfer back."""
    return _work(lambda params: world().desk.reverse_transfer(identifier, params))


@api.get("/transfers/<identifier>/reversals")
def list_reversals(identifier: str) -> Response:
    """List what was taken back of one transfer."""
    world().book.get("transfer", identifier)
    taken = [item for item in world().book.every("transfer_reversal") if item["transfer"] == identifier]
    return jsonify(listed(taken, request.path, decode(request.args.items(multi=True))))


@api.post("/webhook_endpoints")
def create_webhook_endpoint() -> Response:
    """Register an address for events."""
    return _work(world().desk.create_webhook_endpoint)


@api.delete("/webhook_endpoints/<identifier>")
def delete_webhook_endpoint(identifier: str) -> Response:
    """Stop delivering to an address."""
    return _work(lambda _: world().desk.delete_webhook_endpoint(identifier))


@api.get("/balance")
def balance() -> Response:
    """Say what the platform, or the account in `Stripe-Account`, has."""
    return jsonify(world().desk.balance(request.headers.get("Stripe-Account")))


@api.get("/<plural>")
def list_objects(plural: str) -> Response:
    """List objects of one kind, newest first."""
    params = decode(request.args.items(multi=True))
    items = [public(item) for item in world().book.every(_kind(plural)) if _visible(plural, item)]
    return jsonify(listed(items, f"/v1/{plural}", params, *_FILTERS))


@api.get("/<plural>/<identifier>")
def retrieve(plural: str, identifier: str) -> Response:
    """Give one object."""
    found = public(world().book.get(_kind(plural), identifier))
    return jsonify(expanded(world().book, found, decode(request.args.items(multi=True))))


def _work(verb: Callable[[dict[str, Any]], Object]) -> Response:
    """Do a call that changes something: under its idempotency key, suffering the failure planned for it."""
    fault = world().faults.take(request.method, request.path)
    _before(fault)
    params = decode(request.form.items(multi=True))
    key = request.headers.get("Idempotency-Key")
    seen = (request.method, request.path, params)
    (status, body), repeated = answered_once(
        world().book, key, seen, lambda: expanded(world().book, _public_answer(verb(params)), params)
    )
    world().courier.wake()
    _after(fault)
    answer = jsonify(body)
    answer.status_code = status
    if repeated:
        answer.headers["Idempotent-Replayed"] = "true"
    return answer


def _before(fault: Fault | None) -> None:
    """Play a failure that comes before the work."""
    if fault is None:
        return
    if fault.kind is FaultKind.SLOW:
        time.sleep(fault.seconds)
    elif fault.kind is FaultKind.DROP_BEFORE:
        _drop_connection()
    elif fault.kind is FaultKind.ERROR:
        raise StripeRefusal(500, "api_error", "An unknown error occurred.")


def _after(fault: Fault | None) -> None:
    """Play a failure that comes after the work."""
    if fault is None:
        return
    if fault.kind is FaultKind.STALL_AFTER:
        time.sleep(fault.seconds)
    elif fault.kind is FaultKind.DROP_AFTER:
        _drop_connection()
    elif fault.kind is FaultKind.ERROR_AFTER:
        raise StripeRefusal(500, "api_error", "An unknown error occurred.")


def _drop_connection() -> None:
    """Close the caller's connection without an answer."""
    connection = request.environ.get("werkzeug.socket")
    if connection is not None:
        os.close(connection.detach())
    raise ConnectionAbortedError("dropped by a planned fault")


def _public_answer(item: Object) -> Object:
    """Hide the double's own fields; a new webhook endpoint alone shows its secret."""
    return item if item.get("object") == "webhook_endpoint" else public(item)


def _kind(plural: str) -> str:
    """Turn a path's plural into the kind of object, or refuse an unknown path."""
    if plural not in _PLURALS:
        raise _unrecognized()
    return _PLURALS[plural]


def _visible(plural: str, item: Object) -> bool:
    """Keep other accounts' movements out of a list of balance transactions."""
    return plural != "balance_transactions" or item["_owner"] == request.headers.get("Stripe-Account")


def _refused(refusal: StripeRefusal) -> Response:
    """Answer a refusal as Stripe's error object."""
    answer = jsonify(refusal.body)
    answer.status_code = refusal.status
    if refusal.status >= 500:
        answer.headers["Stripe-Should-Retry"] = "false"
    return answer


def _unknown_path(_problem: HTTPException) -> Response:
    """Answer paths the double does not know."""
    return _refused(_unrecognized())


def _unrecognized() -> StripeRefusal:
    """Say that there is nothing at this path."""
    return StripeRefusal(
        404, "invalid_request_error", f"Unrecognized request URL ({request.method}: {request.path})."
    )
