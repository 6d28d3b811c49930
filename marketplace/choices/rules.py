"""What makes a choice list neutral and a choice valid: pure rules, one finding per wrong field."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence

from marketplace.choices.words import ChoiceOutcome, ListedAgency, PresentedTo, Representative
from marketplace.foundation.errors import FieldError

ORDERING_RULE = "sha256-ccn-1"
"""Name of the order below; it is recorded with every list."""
_CCN = re.compile(r"[0-9]{2}[0-9A-Z][0-9]{3}")
_LONGEST_NOTE = 500


def order_key(seed: str, ccn: str) -> str:
    """Where an agency stands: by a hash of the list's seed and its certification number.

    Nothing about the agency counts: not its name, its rating, what it pays or who owns it. The same seed
    gives the same order again, another list another order, so nobody is always first.
    """
    return hashlib.sha256(f"{seed}:{ccn}".encode()).hexdigest()


def in_neutral_order(seed: str, agencies: Iterable[ListedAgency]) -> list[ListedAgency]:
    """All the agencies, none left out, in the order of `order_key`."""
    return sorted(agencies, key=lambda agency: order_key(seed, agency.ccn))


def content_digest(agencies: Iterable[ListedAgency]) -> str:
    """SHA-256 of what a list says, whatever its order; two lists of the same facts share it."""
    content = sorted((agency.to_json() for agency in agencies), key=lambda line: str(line["ccn"]))
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def ccn_errors(ccn: str) -> list[FieldError]:
    """Six characters, the first two the State's number (CMS State Operations Manual 2779A)."""
    if _CCN.fullmatch(ccn):
        return []
    return [FieldError("ccn", "write the six characters of the CMS certification number, such as 387001")]


def person_errors(presented_to: PresentedTo, representative: Representative | None) -> list[FieldError]:
    """A representative is named with the relationship; for the patient nobody else is."""
    if presented_to is PresentedTo.PATIENT:
        if representative is None:
            return []
        return [FieldError("representative_name", "leave it empty, or say that it was the representative")]
    if representative is None or not 1 <= len(representative.name.strip()) <= 100:
        return [FieldError("representative_name", "write who chooses for the patient")]
    if not 1 <= len(representative.relationship.strip()) <= 100:
        return [FieldError("representative_relationship", "write how they are related, such as daughter")]
    return []


def choice_errors(
    outcome: ChoiceOutcome, positions: Sequence[int], length: int, note: str
) -> list[FieldError]:
    """Lines of the list, each once, exactly when something was chosen."""
    errors = []
    if len(note) > _LONGEST_NOTE:
        errors.append(FieldError("note", "write at most 500 characters"))
    if (outcome is ChoiceOutcome.CHOSEN) != bool(positions):
        text = "choose at least one agency, or say that there is no preference"
        errors.append(FieldError("positions", text))
    if len(set(positions)) != len(positions) or not all(1 <= one <= length for one in positions):
        errors.append(FieldError("positions", f"choose lines 1 to {length} of the list, each once"))
    return errors
