"""Deliver the double's events to webhook addresses: signed, retried, and as unruly as a test wants."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import threading
import time
from dataclasses import dataclass

import requests

from billing.settlement.double.book import Book, Object

MAXIMUM_ATTEMPTS = 12
FIRST_RETRY_SECONDS = 0.5
LONGEST_RETRY_SECONDS = 60.0
POLL_SECONDS = 0.2


@dataclass
class Manners:
    """How deliveries behave: `copies` of each, held back while `hold`, in random order when `shuffle`."""

    copies: int = 1
    hold: bool = False
    shuffle: bool = False
    seed: int = 0


def signature_header(secret: str, payload: bytes, at: int) -> str:
    """Sign a payload as Stripe does: `t=`, then HMAC-SHA256 over `t.payload` as `v1=`."""
    signed = f"{at}.".encode() + payload
    return f"t={at},v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


class Courier:
    """A thread that carries waiting deliveries until each address answers 2xx or the tries are used up."""

    def __init__(self, book: Book) -> None:
        """Carry the deliveries of this book."""
        self.book = book
        self.manners = Manners()
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin carrying in the background."""
        self._thread = threading.Thread(target=self._run, name="stripe-double-courier", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the delivery in hand and end."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def wake(self) -> None:
        """Look for waiting deliveries now."""
        self._wake.set()

    def carry_waiting(self) -> int:
        """Carry every delivery that is due now, once; return how many were answered with 2xx."""
        if self.manners.hold:
            return 0
        due = [
            item
            for item in self.book.every("delivery")
            if item["state"] == "waiting" and item["next_at"] <= time.time()
        ]
        if self.manners.shuffle:
            random.Random(self.manners.seed).shuffle(due)  # noqa: S311 - an order, not a secret
        return sum(self._carry(item) for item in due)

    def _run(self) -> None:
        """Carry until stopped."""
        while not self._stop.is_set():
            self._wake.wait(POLL_SECONDS)
            self._wake.clear()
            self.carry_waiting()

    def _carry(self, delivery: Object) -> bool:
        """Try one delivery and note how it went."""
        news = self.book.get("event", delivery["event"])
        point = self.book.get("webhook_endpoint", delivery["endpoint"])
        accepted = bool(point["status"] == "enabled")
        for _ in range(self.manners.copies):
            accepted = accepted and post(point["url"], point["secret"], news)
        self._note(delivery, accepted=accepted)
        return accepted

    def _note(self, delivery: Object, *, accepted: bool) -> None:
        """Write the outcome of a try: done, to be tried again later, or given up."""
        attempts = delivery["attempts"] + 1
        wait = min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** (attempts - 1))
        state = "done" if accepted else "waiting" if attempts < MAXIMUM_ATTEMPTS else "given_up"
        with self.book.change():
            self.book.put(
                "delivery", {**delivery, "attempts": attempts, "state": state, "next_at": time.time() + wait}
            )


def post(url: str, secret: str, news: Object) -> bool:
    """Post one signed event; true when the address answered 2xx within ten seconds."""
    payload = json.dumps(news, indent=2).encode()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": signature_header(secret, payload, int(time.time())),
    }
    try:
        return bool(requests.post(url, data=payload, headers=headers, timeout=10).ok)
    except requests.RequestException:
        return False
