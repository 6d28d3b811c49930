"""Stripe's webhook: takes in what is signed for us, refuses everything else, and does the work elsewhere."""

from __future__ import annotations

from flask import Blueprint, Response, request

from billing.settlement.gateway import verified_event
from billing.settlement.hearing import receive
from marketplace.foundation.errors import MalformedRequest, Unavailable
from marketplace.web import csrf, current

webhook = Blueprint("stripe_webhook", __name__)
LARGEST_BYTES = 256 * 1024


@webhook.post("/stripe/webhook")
@csrf.exempt
def hear() -> Response:
    """Answer 200 once the event is safely noted (also when it was before), 400 when it is not Stripe's."""
    secret = current.runtime().settings.text("STRIPE_WEBHOOK_SECRET")
    if not secret:
        raise Unavailable("HOMEWARD_STRIPE_WEBHOOK_SECRET is not set, so nothing can be believed.")
    if (request.content_length or 0) > LARGEST_BYTES:
        raise MalformedRequest("body", "is larger than any event")
    try:
        event = verified_event(request.get_data(), request.headers.get("Stripe-Signature", ""), secret)
    except ValueError:
        raise MalformedRequest("Stripe-Signature", "does not fit: this is no event signed for us") from None
    receive(current.session(), event)
    return Response("noted\n", mimetype="text/plain")
