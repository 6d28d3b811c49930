"""Forms with a second look: first what they would book and whether it is paid, then the booking itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from marketplace.web.forms import Form
from vendors.preflight.rules import PAYABILITY_LABELS, PAYABILITY_TONES, PayFinding, level_of

Order = TypeVar("Order")
Seen = TypeVar("Seen")
Made = TypeVar("Made")


def look_or_book(
    form: Form,
    read: Callable[[], Order],
    look: Callable[[Order], Seen],
    book: Callable[[Order], Made],
    control_of: Callable[[str], str],
) -> tuple[Seen | None, Made | None]:
    """What a good form would book, or once it is `confirmed` what it has booked; neither while it is wrong.

    `control_of` names the control of this page that stands for a field of the service.
    """
    seen: Seen | None = None
    made: Made | None = None
    if form.ok:
        with form.refusals():
            order = read()
            if form.data["confirmed"]:
                made = book(order)
            else:
                seen = look(order)
        form.regroup(control_of)
    return seen, (None if form.errors else made)


def payability_of(findings: Sequence[PayFinding] | None) -> dict[str, Any]:
    """How likely what was looked at is paid, in words and tones for its page; None before the look."""
    return {
        "payability": None if findings is None else level_of(list(findings)),
        "payability_labels": PAYABILITY_LABELS,
        "payability_tones": PAYABILITY_TONES,
    }
