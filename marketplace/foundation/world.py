"""The demo's world in the making: seeded randomness, the day, and what each floor leaves for the next."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from marketplace.foundation.ids import seeded_id
from marketplace.foundation.work import Runtime

_ID_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""Seeded identifiers carry this moment, so that they depend on the seed alone."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """One person of the demo who can sign in, and the bearer token of the same rights."""

    role: str
    organization: str
    email: str
    password: str
    token: str


@dataclass
class World:
    """What a floor's `demo(world)` works with; later floors find what earlier ones left in `things`."""

    runtime: Runtime
    seed: int
    day: date
    """The business day that is played."""
    zone: ZoneInfo
    size: str = "S"
    things: dict[str, Any] = field(default_factory=dict)
    planted: dict[str, str] = field(default_factory=dict)
    """Names of planted facts and the ids or references a test can look them up by."""
    sign_ins: list[SignIn] = field(default_factory=list)

    def random(self, topic: str) -> random.Random:
        """A generator of its own for each topic: adding a floor does not shift the others' dice."""
        digest = hashlib.sha256(f"{self.seed}:{topic}".encode()).digest()
        return random.Random(int.from_bytes(digest[:8], "big"))  # noqa: S311  a demo, not a secret

    def id(self, topic: str) -> UUID:
        """The identifier of the thing named `topic`, the same for the same seed."""
        return seeded_id(self.random(f"id:{topic}"), _ID_EPOCH)

    def at(self, hour: int, minute: int = 0) -> datetime:
        """A local time of the played day, as UTC."""
        return datetime.combine(self.day, time(hour, minute), self.zone).astimezone(UTC)
