"""Field encryption of direct identifiers, and blind tokens to look them up by equality.

Envelope: each organization has data keys, wrapped by the installation's key; AES-256-GCM binds every
ciphertext to organization, place (table.column) and row, so a value copied elsewhere does not open.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import threading
from datetime import datetime
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Index, LargeBinary, Text, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from marketplace.foundation.clock import machine_now
from marketplace.foundation.db.base import Base, Identified
from marketplace.foundation.db.security import EVERYBODY, owned_by, protect
from marketplace.foundation.settings import Settings

_VERSION = b"\x01"
_SYSTEM_ROLES = {"planner": "SELECT, INSERT", "janitor": "SELECT, INSERT"}


class DataKey(Identified, Base):
    """A wrapped data key; useless without the installation's key, hence readable by every tenant."""

    __tablename__ = "data_keys"
    __table_args__ = (Index(None, "organization_id", "created_at"),)

    organization_id: Mapped[UUID]
    wrapped_by: Mapped[str] = mapped_column(Text)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(default=machine_now)


class SearchToken(Base):
    """One blind token of one object: equal text gives equal tokens, and nothing leads back."""

    __tablename__ = "search_tokens"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    token: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    object_kind: Mapped[str] = mapped_column(Text, primary_key=True)
    object_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)


protect(DataKey, EVERYBODY, verbs="SELECT, INSERT, UPDATE", grants=_SYSTEM_ROLES)
protect(SearchToken, owned_by("organization_id"), verbs="SELECT, INSERT, DELETE")


class SealBroken(Exception):
    """A ciphertext does not open: tampered with, moved to another row, or its key is gone."""


class Vault:
    """Seals and opens fields; one per process, safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self._keys = dict(settings.encryption_keys)
        self._current = settings.encryption_keys[0][0]
        self._blind_key = hashlib.sha256(b"blind index:" + settings.secret_key.encode()).digest()
        self._opened: dict[UUID, bytes] = {}
        self._newest: dict[UUID, UUID] = {}
        self._lock = threading.Lock()

    def seal(self, session: Session, organization_id: UUID, place: str, row_id: UUID, value: str) -> bytes:
        """The value, encrypted for this organization, place (`table.column`) and row."""
        key_id, key = self._sealing_key(session, organization_id)
        nonce = os.urandom(12)
        bound = _bound_to(organization_id, place, row_id)
        return _VERSION + key_id.bytes + nonce + AESGCM(key).encrypt(nonce, value.encode(), bound)

    def open(self, session: Session, organization_id: UUID, place: str, row_id: UUID, sealed: bytes) -> str:
        """The value again; raises SealBroken when it was sealed for another place, row or tenant."""
        key = self._opening_key(session, UUID(bytes=bytes(sealed[1:17])))
        try:
            plain = AESGCM(key).decrypt(sealed[17:29], sealed[29:], _bound_to(organization_id, place, row_id))
        except InvalidTag:
            raise SealBroken(f"{place} of {row_id} does not open") from None
        return plain.decode()

    def blind(self, organization_id: UUID, kind: str, text: str) -> bytes:
        """A 16-byte token for equality look-up of `text` (already normalised) within an organization."""
        message = b"\x00".join((organization_id.bytes, kind.encode(), text.encode()))
        return hmac.new(self._blind_key, message, hashlib.sha256).digest()[:16]

    def rotate(self, session: Session) -> int:
        """Rewrap every data key that an older installation key wraps; returns how many. Online."""
        stale = session.scalars(select(DataKey).where(DataKey.wrapped_by != self._current)).all()
        for row in stale:
            row.wrapped = self._wrap(row.id, self._unwrap(row))
            row.wrapped_by = self._current
        return len(stale)

    def _sealing_key(self, session: Session, organization_id: UUID) -> tuple[UUID, bytes]:
        with self._lock:
            key_id = self._newest.get(organization_id)
        if key_id is not None:
            return key_id, self._opening_key(session, key_id)
        newest = select(DataKey).where(DataKey.organization_id == organization_id)
        row = session.scalars(newest.order_by(DataKey.created_at.desc()).limit(1)).first()
        if row is None:
            return self._new_key(session, organization_id)
        with self._lock:
            self._newest[organization_id] = row.id
        return row.id, self._opening_key(session, row.id)

    def _new_key(self, session: Session, organization_id: UUID) -> tuple[UUID, bytes]:
        key = AESGCM.generate_key(256)
        row = DataKey(organization_id=organization_id, wrapped_by=self._current)
        row.id = UUID(bytes=os.urandom(16), version=4)
        row.wrapped = self._wrap(row.id, key)
        session.add(row)
        session.flush()
        return row.id, key  # cached only when it is read back, after its transaction has been committed

    def _opening_key(self, session: Session, key_id: UUID) -> bytes:
        with self._lock:
            if key_id in self._opened:
                return self._opened[key_id]
        row = session.get(DataKey, key_id)
        if row is None:
            raise SealBroken(f"data key {key_id} is gone")
        key = self._unwrap(row)
        if not session.is_modified(row) and row not in session.new:
            with self._lock:
                self._opened[key_id] = key
        return key

    def _wrap(self, key_id: UUID, key: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + AESGCM(self._keys[self._current]).encrypt(nonce, key, key_id.bytes)

    def _unwrap(self, row: DataKey) -> bytes:
        if row.wrapped_by not in self._keys:
            raise SealBroken(f"installation key {row.wrapped_by!r} is not configured")
        wrapping = AESGCM(self._keys[row.wrapped_by])
        return wrapping.decrypt(row.wrapped[:12], row.wrapped[12:], row.id.bytes)


def index_object(
    session: Session,
    vault: Vault,
    organization_id: UUID,
    object_kind: str,
    object_id: UUID,
    words: dict[str, set[str]],
) -> None:
    """Replace the blind tokens of one object; `words` maps a kind (`name`, `phone`) to normalised texts."""
    session.execute(
        delete(SearchToken).where(SearchToken.object_id == object_id, SearchToken.object_kind == object_kind)
    )
    tokens = {
        vault.blind(organization_id, kind, text) for kind, texts in words.items() for text in texts if text
    }
    rows = [
        {
            "organization_id": organization_id,
            "token": token,
            "object_kind": object_kind,
            "object_id": object_id,
        }
        for token in sorted(tokens)
    ]
    if rows:
        session.execute(insert(SearchToken).values(rows).on_conflict_do_nothing())


def matching_objects(
    session: Session,
    vault: Vault,
    organization_id: UUID,
    object_kind: str,
    kind: str,
    texts: list[str],
    limit: int = 200,
) -> list[UUID]:
    """Ids of the objects that carry all the texts (normalised) under this kind of token."""
    found: set[UUID] | None = None
    for text in texts:
        token = vault.blind(organization_id, kind, text)
        query = select(SearchToken.object_id).where(
            SearchToken.organization_id == organization_id,
            SearchToken.token == token,
            SearchToken.object_kind == object_kind,
        )
        ids = set(session.scalars(query.limit(5000)))
        found = ids if found is None else found & ids
    return sorted(found or set())[:limit]


def _bound_to(organization_id: UUID, place: str, row_id: UUID) -> bytes:
    return b"\x00".join((organization_id.bytes, place.encode(), row_id.bytes))
