"""Idempotency keys: a repeated POST gets the first one's answer, kept encrypted beside its effects.

The key's row is inserted in the same transaction as the change; a second request with the key waits
on that row and then replays the answer, so that no retry ever doubles an effect.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary, Text, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.foundation.clock import machine_now
from marketplace.foundation.db.base import Base, Identified
from marketplace.foundation.db.security import protect
from marketplace.foundation.errors import Conflict, IdempotencyMismatch, InvalidInput
from marketplace.foundation.ids import new_id
from marketplace.foundation.work import WorkSession

_NO_ORGANIZATION = UUID(int=0)
_CLAIMED = "homeward.claimed_key"


class IdempotencyKey(Identified, Base):
    """A key somebody sent with a POST, and the answer it got."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        Index("uq_idempotency_keys_scope", "scope_id", "actor_id", "key", unique=True),
        Index(None, "created_at"),
    )

    scope_id: Mapped[UUID]
    actor_id: Mapped[UUID]
    key: Mapped[str] = mapped_column(Text)
    request_digest: Mapped[bytes] = mapped_column(LargeBinary)
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(default=machine_now)


protect(
    IdempotencyKey,
    "scope_id = coalesce(homeward_organization(), '00000000-0000-0000-0000-000000000000')",
    grants={"janitor": "SELECT, DELETE"},
)


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What the first request was told."""

    status: int
    headers: dict[str, str]
    body: bytes


def claim(session: WorkSession, key: str, request_digest: bytes) -> StoredAnswer | None:
    """Take the key for this transaction, or return the answer of the request that had it before.

    Raises IdempotencyMismatch when that request was another one, InvalidInput for a key that is empty,
    longer than 200 characters or not printable ASCII.
    """
    if not 1 <= len(key) <= 200 or not key.isascii() or not key.isprintable():
        raise InvalidInput("Idempotency-Key", "send 1 to 200 printable ASCII characters, such as a UUID")
    scope, person = _scope(session)
    fresh = new_id()
    row = {"scope_id": scope, "actor_id": person, "key": key, "request_digest": request_digest}
    row |= {"id": fresh, "created_at": machine_now()}
    if session.execute(_CLAIM, row).scalar_one_or_none() is not None:
        session.info[_CLAIMED] = fresh
        return None
    first = session.scalars(
        select(IdempotencyKey).where(
            IdempotencyKey.scope_id == scope, IdempotencyKey.actor_id == person, IdempotencyKey.key == key
        )
    ).one()
    if bytes(first.request_digest) != request_digest:
        raise IdempotencyMismatch(remedy="Use a fresh key for a new request.")
    if first.answer is None:
        raise Conflict("The first request with this key has not finished.", remedy="Try again in a moment.")
    stored = json.loads(
        session.runtime.vault.open(session, scope, "idempotency_keys.answer", first.id, first.answer)
    )
    return StoredAnswer(stored["status"], stored["headers"], base64.b64decode(stored["body"]))


def keep(session: WorkSession, answer: StoredAnswer) -> None:
    """Store the answer for the key claimed in this transaction."""
    scope, _ = _scope(session)
    row_id: UUID = session.info.pop(_CLAIMED)
    document = {
        "status": answer.status,
        "headers": answer.headers,
        "body": base64.b64encode(answer.body).decode(),
    }
    sealed = session.runtime.vault.seal(
        session, scope, "idempotency_keys.answer", row_id, json.dumps(document)
    )
    session.flush()
    session.execute(_KEEP, {"row": row_id, "sealed": sealed})


_KEYS = Base.metadata.tables["idempotency_keys"]
_CLAIM = (
    insert(_KEYS)
    .values({name: bindparam(name) for name in _KEYS.c.keys() if name != "answer"})  # noqa: SIM118  columns, not a dict
    .on_conflict_do_nothing()
    .returning(_KEYS.c.id)
)
_KEEP = update(_KEYS).where(_KEYS.c.id == bindparam("row")).values(answer=bindparam("sealed"))


def _scope(session: WorkSession) -> tuple[UUID, UUID]:
    actor = session.actor
    return actor.organization_id or _NO_ORGANIZATION, actor.user_id or _NO_ORGANIZATION
