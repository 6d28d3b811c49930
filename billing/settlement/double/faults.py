"""What the double says when it refuses, and the failures that a test may ask it to play."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class StripeRefusal(Exception):
    """An answer of the double that is an error, in the shape of Stripe's error object."""

    def __init__(
        self, status: int, kind: str, message: str, *, code: str | None = None, param: str | None = None
    ) -> None:
        """Keep the HTTP status and the error's type, message, code and the parameter it speaks of."""
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"error": {"type": kind, "message": message}}
        if code is not None:
            self.body["error"]["code"] = code
        if param is not None:
            self.body["error"]["param"] = param


def invalid(message: str, *, param: str | None = None, code: str | None = None) -> StripeRefusal:
    """Say 400: the request itself is wrong."""
    return StripeRefusal(400, "invalid_request_error", message, code=code, param=param)


def missing(kind: str, identifier: str) -> StripeRefusal:
    """Say 404: there is no such object."""
    return StripeRefusal(
        404, "invalid_request_error", f"No such {kind}: '{identifier}'", code="resource_missing", param="id"
    )


class FaultKind(StrEnum):
    """How a request can go wrong on its way to or from the double."""

    DROP_BEFORE = "drop_before"
    """Nothing is done and the connection closes without an answer."""
    DROP_AFTER = "drop_after"
    """The work is done and kept, but the connection closes without an answer."""
    STALL_AFTER = "stall_after"
    """The work is done and kept, and the answer comes `seconds` late (the caller has given up by then)."""
    SLOW = "slow"
    """The answer waits `seconds` before any work is done."""
    ERROR = "error"
    """Status 500 without any work done; not remembered under the idempotency key."""
    ERROR_AFTER = "error_after"
    """The work is done and kept, and the answer is status 500."""


@dataclass
class Fault:
    """One failure to play on the next `times` requests with this method and path prefix."""

    kind: FaultKind
    method: str = "POST"
    path: str = "/v1/transfers"
    times: int = 1
    seconds: float = 0.0


@dataclass
class FaultPlan:
    """The failures still to be played; safe to use from several threads."""

    faults: list[Fault] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> None:
        """Play this failure too, after those already planned."""
        with self.lock:
            self.faults.append(fault)

    def clear(self) -> None:
        """Play no more failures."""
        with self.lock:
            self.faults.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """Return the failure that this request must suffer, counting it as played; None when it is spared."""
        with self.lock:
            for fault in self.faults:
                if fault.times > 0 and fault.method == method and path.startswith(fault.path):
                    fault.times -= 1
                    return fault
        return None
