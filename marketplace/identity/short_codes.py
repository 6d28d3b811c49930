"""What all short codes of people without a sign-in share: how one is typed, and what a wrong one costs."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from marketplace.foundation.errors import InvalidInput
from marketplace.foundation.ids import normalise_reference
from marketplace.foundation.work import WorkSession
from marketplace.identity import throttle

DIGITS = 6


class Guessed(Protocol):
    """A code's row, as far as guessing goes."""

    tries: int
    ended_at: datetime | None
    ended_because: str


def typed(reference: str, code: str, *, letter: str, hint: str) -> tuple[str, str]:
    """Reference and digits as they are kept; InvalidInput for what is none, naming the field.

    `letter` begins the reference, `hint` says what to write instead of something else.
    """
    wanted = normalise_reference("reference", reference)
    if not wanted.startswith(f"{letter}-"):
        raise InvalidInput("reference", hint)
    digits = "".join(code.split()).replace("-", "")
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        raise InvalidInput("code", f"write the {DIGITS} digits of the code")
    return wanted, digits


def count_wrong(session: WorkSession, row: Guessed | None, limit: str, address: str, most: int) -> None:
    """Slow the address down, and end the code after its `most` wrong tries. The caller commits."""
    throttle.count_failure(session, limit, address)
    if row is None:
        return
    row.tries += 1
    if row.tries >= most:
        row.ended_at, row.ended_because = session.now(), "tries"
    session.flush()
