"""Who plays: people of the demo's card with their lines, and what they share."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from marketplace.demo.acting.agenda import Agenda
from marketplace.demo.acting.line import Line, Record


@dataclass
class Stagehands:
    """What every actor needs: where the product is, the card's tokens, the agenda and the dice."""

    base_url: str
    tokens: Mapping[str, str]
    agenda: Agenda
    record: Record
    seed: int
    ends_at: datetime
    _lines: dict[str, Line] = field(default_factory=dict)

    def line(self, role: str, organization: str) -> Line:
        """The line of the person who holds a role in an organization."""
        name = f"{role}@{organization}"
        if name not in self._lines:
            self._lines[name] = Line(self.base_url, self.tokens[name], self.record)
        return self._lines[name]

    def organizations(self, role: str) -> list[str]:
        """Every organization that has somebody of a role on the card."""
        return sorted(name.partition("@")[2] for name in self.tokens if name.startswith(f"{role}@"))

    def dice(self, topic: str) -> Random:
        """Dice of a topic's own, so that one actor's luck does not shift another's."""
        digest = hashlib.sha256(f"{self.seed}:acting:{topic}".encode()).digest()
        return Random(int.from_bytes(digest[:8], "big"))  # noqa: S311  a demo, not a secret
