"""What an edit finds: a value with code, text, field and severity, and a payer's answer to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from billing.claims.values import ClaimFacts
from billing.claims.words import Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a claim.

    `carc` is the claim adjustment reason code a payer would deny it with, `rarc` the remark code beside it
    (empty where none fits). The texts are ours.
    """

    code: str
    text: str
    field: str
    carc: str
    rarc: str = ""
    severity: Severity = Severity.HOLDS

    def as_dict(self) -> dict[str, str]:
        """The finding as JSON values."""
        return {
            "code": self.code,
            "text": self.text,
            "field": self.field,
            "severity": str(self.severity),
            "carc": self.carc,
            "rarc": self.rarc,
        }


Edit = Callable[[ClaimFacts], Iterator[Finding]]
"""An edit looks at the facts and yields what it finds; it never raises."""
