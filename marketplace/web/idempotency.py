"""Idempotency keys at the edge: a repeated POST is answered as the first one was, and does nothing again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from uuid import uuid4

from flask import Response, g, request
from markupsafe import Markup

from marketplace.foundation import idempotency as storage
from marketplace.foundation.access import ActorKind
from marketplace.foundation.errors import HomewardError, IdempotencyMismatch
from marketplace.web import csrf, current, openings

HEADER = "Idempotency-Key"
FIELD = "idempotency_key"
KEPT_HEADERS = ("Content-Type", "Location", "HX-Redirect", "HX-Location", "HX-Trigger", "ETag")
LARGEST_KEPT_BYTES = 256 * 1024


def field() -> Markup:
    """The hidden input with a fresh key, for every form that changes something.

    One random key a page, and the forms on it counted behind it: as unique, and the system is asked for
    randomness once, however many rows with buttons a list has.
    """
    if openings.are_left():
        return openings.KEY
    if "idempotency_page" not in g:
        g.idempotency_page, g.idempotency_forms = str(uuid4()), 0
    g.idempotency_forms += 1
    key = f"{g.idempotency_page}-{g.idempotency_forms}"
    return Markup(f'<input type="hidden" name="idempotency_key" value="{key}">')  # noqa: S704  nobody's text; `format` would take most of a long list's time


def key_of_request() -> str:
    """The key this request carries by header or form field; empty when it carries none."""
    if request.method != "POST":
        return ""
    return request.headers.get(HEADER) or request.form.get(FIELD, "")


def digest_of_request() -> bytes:
    """What makes two requests the same: method, address and content without the tokens of the page."""
    total = hashlib.sha256(f"{request.method} {request.full_path}\n".encode())
    if request.form or request.files:
        fields = [pair for pair in request.form.items(multi=True) if pair[0] not in {csrf.FIELD, FIELD}]
        total.update(json.dumps(sorted(fields)).encode())
        for name, upload in sorted(request.files.items(multi=True), key=lambda pair: pair[0]):
            total.update(name.encode() + hashlib.sha256(upload.stream.read()).digest())
            upload.stream.seek(0)
    else:
        total.update(request.get_data(cache=True))
    return total.digest()


def answer_once(view: Callable[[], Response]) -> Response:
    """Run the view, unless its key already has an answer: then give that one, marked Idempotency-Replayed.

    A refusal (400 and above) is not kept: its transaction is undone and the key stays free.
    """
    key = key_of_request()
    if not key or current.actor().kind is ActorKind.NOBODY:
        return view()
    try:
        stored = storage.claim(current.session(), key, digest_of_request())
    except IdempotencyMismatch as mismatch:
        raise _explained(mismatch) from None
    if stored is not None:
        return _replayed(stored)
    claimed_by, g.claimed_key = current.actor(), key
    response = view()
    still_claimed = g.pop("claimed_key", "") and current.actor() == claimed_by
    if still_claimed and response.status_code < 400 and not response.is_streamed:
        _keep(key, response)
    return response


def _keep(key: str, response: Response) -> None:
    body = response.get_data()
    if len(body) <= LARGEST_KEPT_BYTES:
        kept = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
        storage.keep(current.session(), storage.StoredAnswer(response.status_code, kept, body))


def _replayed(stored: storage.StoredAnswer) -> Response:
    response = Response(stored.body, status=stored.status, headers=stored.headers)
    response.headers["Idempotency-Replayed"] = "true"
    return response


def _explained(mismatch: IdempotencyMismatch) -> HomewardError:
    """People see "key" nowhere: tell them what it means on a page."""
    if FIELD in request.form:
        return IdempotencyMismatch(
            "This form was sent before with other contents, and that was done.",
            remedy="Open the page again to see it, or to send something new.",
        )
    return mismatch
