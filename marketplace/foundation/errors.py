"""The one hierarchy of refusals, mapped once to RFC 9457 problem documents and readable pages.

HomewardError
├── InvalidInput        400/422  a field is wrong; carries one FieldError per field
├── NotSignedIn         401
├── Forbidden           403      signed in, but this is not yours to do
├── NotFound            404      missing and foreign objects answer alike
├── Conflict            409
│   ├── TransitionRefused        the state table has no such move
│   └── StaleRevision            somebody else changed it meanwhile
├── IdempotencyMismatch 422      same key, another request
├── TooLarge            413
├── TooMany             429      with the seconds to wait
└── Unavailable         503      an engine or a partner does not answer
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong field: its name as the caller wrote it, what was wrong and what would be right."""

    field: str
    message: str
    code: str = "invalid"


class HomewardError(Exception):
    """A refusal with a stable code, a title for people and a remedy."""

    status = 500
    code = "internal-error"
    title = "Something went wrong on our side"

    def __init__(self, detail: str = "", *, remedy: str = "", code: str | None = None) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.remedy = remedy
        if code is not None:
            self.code = code


class InvalidInput(HomewardError):
    """The request cannot be understood; every wrong field is named, and nothing was saved."""

    status = 422
    code = "invalid-input"
    title = "Please check what you entered"

    def __init__(self, errors: Sequence[FieldError] | str, message: str = "", *, remedy: str = "") -> None:
        if isinstance(errors, str):
            errors = [FieldError(errors, message)]
        self.errors = tuple(errors)
        detail = "; ".join(f"{error.field}: {error.message}" for error in self.errors)
        super().__init__(detail, remedy=remedy)


class MalformedRequest(InvalidInput):
    """The request is not even well-formed: not JSON, not UTF-8, NUL bytes, wrong content type."""

    status = 400
    code = "malformed-request"
    title = "The request could not be read"


class NotSignedIn(HomewardError):
    """No valid session or token came with the request."""

    status = 401
    code = "not-signed-in"
    title = "Please sign in"


class Forbidden(HomewardError):
    """The actor is known, and lacks the right."""

    status = 403
    code = "forbidden"
    title = "This is not yours to do"


class NotFound(HomewardError):
    """There is no such object for this actor; foreign and missing are indistinguishable."""

    status = 404
    code = "not-found"
    title = "Not found"

    def __init__(self, detail: str = "There is nothing here under this address for you.") -> None:
        super().__init__(detail, remedy="Check the reference, or search for it.")


class Conflict(HomewardError):
    """The request is fine, but the world has moved on."""

    status = 409
    code = "conflict"
    title = "That is no longer possible"


class TransitionRefused(Conflict):
    """The state table allows no such move from where the object is."""

    code = "transition-refused"

    def __init__(self, what: str, current: str, target: str, allowed: Sequence[str] = ()) -> None:
        self.current, self.target, self.allowed = current, target, tuple(allowed)
        may = ", ".join(allowed) if allowed else "nothing, it is final"
        super().__init__(
            f"This {what} is {current.replace('_', ' ')} and cannot become {target.replace('_', ' ')}.",
            remedy=f"From here it can become: {may.replace('_', ' ')}.",
        )


class StaleRevision(Conflict):
    """The object was changed by somebody else after this actor read it."""

    code = "stale-revision"


class IdempotencyMismatch(HomewardError):
    """The idempotency key was used before with a different request."""

    status = 422
    code = "idempotency-key-reused"
    title = "This idempotency key belongs to another request"


class TooLarge(HomewardError):
    """The body or a file exceeds what we accept."""

    status = 413
    code = "too-large"
    title = "That is too large"


class TooMany(HomewardError):
    """A rate limit; `retry_after_seconds` says when to come back."""

    status = 429
    code = "too-many-requests"
    title = "Too many requests"

    def __init__(self, detail: str = "", *, retry_after_seconds: int = 30) -> None:
        super().__init__(detail, remedy=f"Try again in {retry_after_seconds} seconds.")
        self.retry_after_seconds = retry_after_seconds


class Unavailable(HomewardError):
    """An engine or an outside system does not answer; nothing was half-done."""

    status = 503
    code = "unavailable"
    title = "A part of the system does not answer"

    def __init__(self, detail: str = "", *, retry_after_seconds: int = 10) -> None:
        super().__init__(detail, remedy="Nothing was lost. Try again shortly.")
        self.retry_after_seconds = retry_after_seconds
