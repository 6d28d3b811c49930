"""Audit: append-only rows for every change and every read of a patient's record, chained per organization.

Rows are written in the business transaction and sealed into each organization's hash chain right
after it, so that no transaction ever waits for a chain's head. Details hold identifiers and words,
never a patient's data.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    LargeBinary,
    Row,
    Text,
    UniqueConstraint,
    bindparam,
    func,
    insert,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.foundation.clock import machine_now
from marketplace.foundation.db.base import Base, Identified
from marketplace.foundation.db.security import owned_by, protect
from marketplace.foundation.ids import new_id
from marketplace.foundation.work import WorkSession

_GENESIS = b"\x00" * 32


class AuditEvent(Identified, Base):
    """Who did or saw what, when, on behalf of which organization."""

    __tablename__ = "audit_events"
    __table_args__ = (
        Index(None, "organization_id", "id"),
        Index(None, "object_id"),
        Index(None, "patient_id", postgresql_where="patient_id IS NOT NULL"),
    )

    organization_id: Mapped[UUID | None]
    user_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    """`subject:verb`, such as `patients:read`."""
    object_kind: Mapped[str] = mapped_column(Text)
    object_id: Mapped[UUID | None]
    patient_id: Mapped[UUID | None]
    details: Mapped[dict[str, Any]]
    happened_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(default=machine_now)


class AuditSeal(Base):
    """One link of an organization's chain: hash = SHA-256(previous hash + canonical audit row)."""

    __tablename__ = "audit_seals"
    __table_args__ = (UniqueConstraint("audit_event_id"),)

    chain_id: Mapped[UUID] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    audit_event_id: Mapped[UUID] = mapped_column(ForeignKey("audit_events.id"))
    hash: Mapped[bytes] = mapped_column(LargeBinary)


protect(
    AuditEvent,
    owned_by("organization_id"),
    insert="organization_id IS NOT DISTINCT FROM homeward_organization()",
    append_only=True,
    grants={"relay": "SELECT, INSERT", "planner": "INSERT, SELECT", "janitor": "INSERT, SELECT"},
)
protect(AuditSeal, owned_by("chain_id"), verbs="SELECT", append_only=True, grants={"relay": "SELECT, INSERT"})


def record(
    session: WorkSession,
    action: str,
    object_kind: str,
    object_id: UUID | None,
    details: dict[str, Any] | None = None,
    *,
    patient_id: UUID | None = None,
) -> None:
    """Write one audit row with the current transaction; `details` takes ids and words only."""
    actor = session.actor
    row = {
        "id": new_id(),
        "organization_id": actor.organization_id,
        "user_id": actor.user_id,
        "actor_name": actor.name,
        "action": action,
        "object_kind": object_kind,
        "object_id": object_id,
        "patient_id": patient_id,
        "details": details or {},
        "happened_at": session.now(),
        "recorded_at": machine_now(),
    }
    session.note(_NOTE, row)


def read(session: WorkSession, patient_id: UUID, what: str, object_id: UUID | None = None) -> None:
    """Note that the actor saw a patient's record; `what` names the part (`patients`, `bookings`)."""
    record(session, f"{what}:read", what, object_id or patient_id, patient_id=patient_id)


def seal_pending(session: WorkSession, limit: int = 2000) -> int:
    """Chain audit rows that no link holds yet, oldest first; returns how many. Runs as `relay`."""
    session.execute(_LOCK)
    heads: dict[UUID, tuple[int, bytes]] = {}
    rows = session.execute(_UNSEALED, {"floor": _seal_floor(session), "most": limit}).all()
    seals = []
    for row in rows:
        chain = row.organization_id or UUID(int=0)
        sequence, previous = heads.get(chain) or _head(session, chain)
        link = link_hash(previous, row)
        seals.append({"chain_id": chain, "sequence": sequence + 1, "audit_event_id": row.id, "hash": link})
        heads[chain] = (sequence + 1, link)
    if seals:
        session.execute(_SEAL, seals)
    return len(rows)


_EVENTS, _SEALS = Base.metadata.tables["audit_events"], Base.metadata.tables["audit_seals"]
# bare tables: the relay seals every row that is ever written, and needs no mapped object for it
_LOCK = select(func.pg_advisory_xact_lock(7_011_001))
_UNSEALED = (
    select(_EVENTS)
    .outerjoin(_SEALS, _SEALS.c.audit_event_id == _EVENTS.c.id)
    .where(_SEALS.c.audit_event_id.is_(None), _EVENTS.c.id > bindparam("floor"))
    .order_by(_EVENTS.c.id)
    .limit(bindparam("most"))
)
_NOTE, _SEAL = insert(_EVENTS), insert(_SEALS)
_NEWEST_SEALED = select(_SEALS.c.audit_event_id).order_by(_SEALS.c.audit_event_id.desc()).limit(1)
_HEAD = (
    select(_SEALS.c.sequence, _SEALS.c.hash)
    .where(_SEALS.c.chain_id == bindparam("chain"))
    .order_by(_SEALS.c.sequence.desc())
    .limit(1)
)


def link_hash(previous: bytes, row: AuditEvent | Row[Any]) -> bytes:
    """The link that follows `previous` in an organization's chain (32 zero bytes come before the first)."""
    return hashlib.sha256(previous + _canonical(row)).digest()


def broken_links(session: WorkSession) -> list[str]:
    """Recompute every chain; names each link whose row was changed, removed or reordered."""
    broken: list[str] = []
    heads: dict[UUID, tuple[int, bytes]] = {}
    links = session.execute(
        select(AuditSeal, AuditEvent)
        .outerjoin(AuditEvent, AuditEvent.id == AuditSeal.audit_event_id)
        .order_by(AuditSeal.chain_id, AuditSeal.sequence)
        .execution_options(yield_per=1000)
    )
    for seal, found in links:
        row: AuditEvent | None = found
        sequence, previous = heads.get(seal.chain_id, (0, _GENESIS))
        expected = link_hash(previous, row) if row is not None else b""
        if seal.sequence != sequence + 1 or seal.hash != expected:
            broken.append(f"audit event {seal.audit_event_id} (chain {seal.chain_id}, link {seal.sequence})")
        heads[seal.chain_id] = (seal.sequence, seal.hash)
    return broken


def _seal_floor(session: WorkSession) -> UUID:
    """An id below which everything is sealed: transactions are short, so an hour before the newest link."""
    newest = session.execute(_NEWEST_SEALED).scalar_one_or_none()
    if newest is None:
        return UUID(int=0)
    milliseconds = max(0, (newest.int >> 80) - 3_600_000)
    return UUID(int=milliseconds << 80)


def _head(session: WorkSession, chain: UUID) -> tuple[int, bytes]:
    row = session.execute(_HEAD, {"chain": chain}).one_or_none()
    return (row.sequence, row.hash) if row else (0, _GENESIS)


def _canonical(row: AuditEvent | Row[Any]) -> bytes:
    content = [
        str(row.id), str(row.organization_id), str(row.user_id), row.actor_name, row.action, row.object_kind,
        str(row.object_id), str(row.patient_id), row.details, row.happened_at.isoformat(),
        row.recorded_at.isoformat(),
    ]  # fmt: skip
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
