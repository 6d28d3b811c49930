"""Values that people and systems show at the door: random, long, and kept only as a digest.

A shown value is 64 URL-safe characters: the 16 bytes of its organization's id and 256 random bits.
The organization in it only says where to look; nothing is granted until the digest is found there.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass
from uuid import UUID

BEARER_PREFIX = "hwt_"
SECRET_PREFIX = "hws_"  # noqa: S105  how a client's secret begins, so that scanners find leaked ones
CLIENT_PREFIX = "hwc_"
_BODY_LENGTH = 64
_CLIENT_LENGTH = 43


@dataclass(frozen=True, slots=True)
class Minted:
    """A fresh value: `shown` leaves the house once, `digest` stays."""

    shown: str
    digest: bytes


def mint(organization_id: UUID, prefix: str = "") -> Minted:
    """A fresh value for something of this organization."""
    return from_bits(organization_id, secrets.token_bytes(32), prefix)


def from_bits(organization_id: UUID, bits: bytes, prefix: str = "") -> Minted:
    """The value made of given 32 bytes; only the demo, whose tokens follow from its seed, chooses them."""
    shown = prefix + base64.urlsafe_b64encode(organization_id.bytes + bits).decode()
    return Minted(shown, digest_of(shown))


def digest_of(shown: str) -> bytes:
    """What is kept of a shown value; no salt, because 256 random bits need none."""
    return hashlib.sha256(shown.encode()).digest()


def organization_in(shown: str, prefix: str = "") -> UUID | None:
    """The organization a shown value claims to belong to, or None when it is no value of ours."""
    body = shown.removeprefix(prefix)
    if not shown.startswith(prefix) or len(body) != _BODY_LENGTH:
        return None
    raw = _decoded(body)
    return UUID(bytes=raw[:16]) if len(raw) == 48 else None


def public_client_id(organization_id: UUID, client_id: UUID) -> str:
    """The `client_id` that a system sends with its secret."""
    raw = base64.urlsafe_b64encode(organization_id.bytes + client_id.bytes).decode()
    return CLIENT_PREFIX + raw.rstrip("=")


def client_in(public_id: str) -> tuple[UUID, UUID] | None:
    """(organization, client) that a `client_id` names, or None when it is none of ours."""
    body = public_id.removeprefix(CLIENT_PREFIX)
    if not public_id.startswith(CLIENT_PREFIX) or len(body) != _CLIENT_LENGTH:
        return None
    raw = _decoded(body + "=")
    return (UUID(bytes=raw[:16]), UUID(bytes=raw[16:])) if len(raw) == 32 else None


def _decoded(body: str) -> bytes:
    try:
        return base64.b64decode(body, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
