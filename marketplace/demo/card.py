"""The demo's card: who can sign in, what was planted; kept beside its data, for its owner only."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from marketplace.foundation.world import World

FORMAT = 5
"""Raised when the demo's world changes its shape, so that an older one is made anew."""
_FILE = "demo.json"


@dataclass(frozen=True)
class DemoCard:
    """What `homeward demo --json` prints, and what a restart compares itself with."""

    seed: int
    size: str
    day: str
    users: list[dict[str, str]]
    tokens: dict[str, str]
    planted: dict[str, str]
    format: int = FORMAT

    def printed(self, base_url: str) -> dict[str, Any]:
        """The object for stdout."""
        return {
            "base_url": base_url,
            "users": self.users,
            "tokens": self.tokens,
            "planted": self.planted,
            "seed": self.seed,
            "size": self.size,
            "day": self.day,
        }

    def keep(self, folder: Path) -> None:
        """Write the card, readable by its owner only."""
        path = folder / _FILE
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(asdict(self), file, indent=1)


def card_of(world: World) -> DemoCard:
    """The card of a world that has just been made."""
    return DemoCard(
        seed=world.seed,
        size=world.size,
        day=world.day.isoformat(),
        users=[
            {"role": one.role, "organization": one.organization, "email": one.email, "password": one.password}
            for one in world.sign_ins
        ],
        tokens={f"{one.role}@{one.organization}": one.token for one in world.sign_ins},
        planted=dict(sorted(world.planted.items())),
    )


def kept_card(folder: Path, seed: int, size: str) -> DemoCard | None:
    """The card of an earlier start with the same seed, size and format; None when there is none."""
    try:
        card = DemoCard(**json.loads((folder / _FILE).read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return card if (card.seed, card.size, card.format) == (seed, size, FORMAT) else None


def forget_card(folder: Path) -> None:
    """Remove the card, so that a start that is interrupted from here on begins anew."""
    (folder / _FILE).unlink(missing_ok=True)
