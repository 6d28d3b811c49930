"""The control route: what a test or the demo may do to the double that no caller of Stripe could."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from billing.settlement.double.courier import Manners
from billing.settlement.double.faults import Fault, FaultKind, invalid
from billing.settlement.double.world import world

control = Blueprint("stripe_double_control", __name__, url_prefix="/_control")


@control.post("/faults")
def plan_fault() -> Response:
    """Plan a failure: `kind`, `method`, `path` (prefix), `times`, `seconds`."""
    wish = _body()
    try:
        fault = Fault(FaultKind(wish.pop("kind", "")), **wish)
    except (TypeError, ValueError) as problem:
        raise invalid(f"Unknown fault: {problem}") from problem
    world().faults.add(fault)
    return jsonify(planned=fault.kind)


@control.delete("/faults")
def clear_faults() -> Response:
    """Plan no failures."""
    world().faults.clear()
    return jsonify(planned=None)


@control.post("/payment_intents/<identifier>/settle")
def settle(identifier: str) -> Response:
    """End a bank payment in processing: `outcome` succeeded (default) or failed."""
    with world().book.change():
        intent = world().desk.settle(identifier, str(_body().get("outcome", "succeeded")))
    world().courier.wake()
    return jsonify(status=intent["status"])


@control.post("/clear")
def clear() -> Response:
    """Make all pending money available."""
    with world().book.change():
        cleared = world().desk.clear_pending()
    world().courier.wake()
    return jsonify(cleared=cleared)


@control.post("/accounts/<identifier>/transfers")
def set_capability(identifier: str) -> Response:
    """Put an account's transfers capability into `state` (active, pending, inactive)."""
    with world().book.change():
        made = world().desk.set_transfers_capability(identifier, str(_body().get("state", "active")))
    world().courier.wake()
    return jsonify(transfers=made["capabilities"]["transfers"])


@control.post("/webhooks")
def set_manners() -> Response:
    """Say how deliveries behave: `copies`, `hold`, `shuffle`, `seed`."""
    try:
        world().courier.manners = Manners(**_body())
    except TypeError as problem:
        raise invalid(f"Unknown manners: {problem}") from problem
    world().courier.wake()
    return jsonify(hold=world().courier.manners.hold)


@control.post("/reset")
def reset() -> Response:
    """Forget everything."""
    world().book.forget_everything()
    world().faults.clear()
    return jsonify(reset=True)


def _body() -> dict[str, Any]:
    """Read the request's JSON object; nothing sent is an empty one."""
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}
