"""From parsed documents and forms to values of choices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marketplace.choices.words import ChoiceOutcome, Representative
from marketplace.foundation.errors import InvalidInput


def representative_from(data: Mapping[str, Any]) -> Representative | None:
    """Who stands for the patient; None when nobody is named."""
    name, relationship = data["representative_name"], data["representative_relationship"]
    return Representative(name, relationship) if name or relationship else None


def picked(data: Mapping[str, Any]) -> tuple[ChoiceOutcome, list[int]]:
    """What the bedside form says: lines in their order, or no preference; refuses both, and neither."""
    positions = [data[name] for name in ("first", "second", "third") if data[name] is not None]
    if bool(positions) == data["no_preference"]:
        raise InvalidInput("first", "choose an agency, or tick that there is no preference; not both")
    if len(set(positions)) != len(positions):
        raise InvalidInput("second", "choose each agency once")
    return (ChoiceOutcome.CHOSEN if positions else ChoiceOutcome.NO_PREFERENCE), positions
