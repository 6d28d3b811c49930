"""Idempotency keys as Stripe keeps them: one key, one request, one answer for a day."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

from billing.settlement.double.book import Book, Object
from billing.settlement.double.faults import StripeRefusal

Answer = tuple[int, Object]
KEPT_SECONDS = 24 * 3600


def answered_once(
    book: Book, key: str | None, request: tuple[str, str, dict[str, Any]], work: Callable[[], Object]
) -> tuple[Answer, bool]:
    """Do the work under its key, or repeat the answer given before; the flag says whether it was repeated.

    The answer is kept in the same step as the work's effect, so a double that is killed has both or
    neither. A refusal found while working is an answer too; another request under the key is refused.
    """
    with book.lock:
        kept = book.find("idempotency", key) if key else None
        if kept is not None and time.time() - kept["at"] < KEPT_SECONDS:
            if kept["print"] != _print(request):
                raise StripeRefusal(
                    400,
                    "idempotency_error",
                    "Keys for idempotent requests can only be used with "
                    f"the same parameters they were first used with. Try using a key other than '{key}'.",
                )
            return (kept["status"], kept["body"]), True
        try:
            with book.change():
                answer = (200, work())
                _keep(book, key, request, answer)
        except StripeRefusal as refusal:
            answer = (refusal.status, refusal.body)
            with book.change():
                _keep(book, key, request, answer)
        return answer, False


def _keep(book: Book, key: str | None, request: tuple[str, str, dict[str, Any]], answer: Answer) -> None:
    """Remember an answer under its key."""
    if key:
        book.put(
            "idempotency",
            {"id": key, "at": time.time(), "print": _print(request), "status": answer[0], "body": answer[1]},
        )


def _print(request: tuple[str, str, dict[str, Any]]) -> str:
    """Make the fingerprint of a request: method, path and parameters."""
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
