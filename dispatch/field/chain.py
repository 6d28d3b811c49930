"""The hash chain of a booking's service events: whoever changes, drops or reorders one breaks it (pure)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

GENESIS = b"\x00" * 32


@dataclass(frozen=True, slots=True)
class Link:
    """What of an event goes into the chain; times aware, coordinates in degrees."""

    booking_id: UUID
    award_id: UUID
    sequence: int
    status: str
    occurred_at: datetime
    latitude: float | None
    longitude: float | None
    actor_user_id: UUID | None
    vehicle_id: UUID | None
    facts: dict[str, Any]


def link_hash(previous: bytes, link: Link) -> bytes:
    """SHA-256 over the previous hash and the event's canonical JSON."""
    content = [
        str(link.booking_id),
        str(link.award_id),
        link.sequence,
        link.status,
        link.occurred_at.astimezone(UTC).isoformat(),
        link.latitude,
        link.longitude,
        str(link.actor_user_id),
        str(link.vehicle_id),
        link.facts,
    ]
    return hashlib.sha256(
        previous + json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    ).digest()


def first_broken(chain: Iterable[tuple[Link, bytes]]) -> int | None:
    """The sequence number of the first event whose hash does not follow, or None for a whole chain."""
    previous, expected_sequence = GENESIS, 1
    for link, stored in chain:
        if link.sequence != expected_sequence or link_hash(previous, link) != bytes(stored):
            return link.sequence
        previous, expected_sequence = bytes(stored), expected_sequence + 1
    return None


def content_digest(facts: dict[str, Any], private: dict[str, Any]) -> bytes:
    """The digest of an evidence item's whole content, which the claim points to."""
    return hashlib.sha256(
        json.dumps([facts, private], sort_keys=True, separators=(",", ":")).encode()
    ).digest()
