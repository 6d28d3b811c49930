"""Words of the board: kinds of changes by hand, what a refusal says, tones of risk."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class HandKind(StrEnum):
    """What a dispatcher did to the plan."""

    ASSIGN = "assign"
    """Put one service on a vehicle, and keep it there."""
    SWAP = "swap"
    """Exchanged two services between their vehicles, and keep them there."""
    PIN = "pin"
    """Keeps a service on the vehicle that it is on."""
    UNPIN = "unpin"
    """Lets the plan choose the vehicle again."""


CHECKED = frozenset({HandKind.ASSIGN, HandKind.SWAP, HandKind.PIN})
"""Changes that stand only with a certificate of the check."""


@dataclass(frozen=True, slots=True)
class RuleWords:
    """A rule's name for people, and what would make it a yes."""

    name: str
    remedy: str


RULES: dict[str, RuleWords] = {
    "window": RuleWords("Promised time", "Choose a vehicle that is closer, or agree on another time."),
    "promise": RuleWords("Promised time", "Choose a vehicle that is closer, or agree on another time."),
    "travel": RuleWords("Driving time", "Choose a vehicle that is closer or free earlier."),
    "shift": RuleWords("Shift", "Choose a vehicle whose crew is still at work, or lengthen the shift."),
    "break": RuleWords("Break", "Choose a vehicle whose break leaves room for it."),
    "blocked": RuleWords("Blocked time", "Give the time free again, or choose another vehicle."),
    "capacity": RuleWords(
        "Seats and places", "Choose a vehicle that has room, or with another configuration."
    ),
    "skill": RuleWords("Equipment and skills", "Choose a vehicle and crew that have what is lacking."),
    "credential": RuleWords("Credentials", "Choose a crew whose papers are valid then, or renew them."),
    "stock": RuleWords("Stock", "Choose a vehicle of a depot that has the items, or count the stock."),
    "ride_limit": RuleWords("Time on board", "Choose a vehicle that goes there directly."),
    "link": RuleWords("Order of services", "What must be in the home first has to be planned before it."),
    "frozen": RuleWords("Already begun", "What a crew has set off to do stays as it is."),
    "vendor": RuleWords("Whose work it is", "Choose one of your own vehicles."),
    "no_room": RuleWords("Room in the day", "Move something else away from this vehicle first."),
}


def rule_words(rule: str) -> RuleWords:
    """The rule's name and remedy; a rule without words of its own is named as the check names it."""
    return RULES.get(rule) or RuleWords(rule.replace("_", " ").capitalize(), "Choose another vehicle.")
