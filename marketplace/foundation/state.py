"""Moving through a state table: a history row for every move and a clear 409 for every other.

A model has `__states__` (its StateTable), `__history__` (its history class) and a `state` column;
`move` is the only thing that writes that column.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Insert, Table, Text, insert
from sqlalchemy import inspect as object_state
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.foundation import audit
from marketplace.foundation.clock import machine_now
from marketplace.foundation.db.base import Identified
from marketplace.foundation.ids import new_id
from marketplace.foundation.work import WorkSession


class StateChange(Identified):
    """Mixin for history tables: subclass it with a table name and a `subject_id` foreign key."""

    from_state: Mapped[str] = mapped_column(Text)
    to_state: Mapped[str] = mapped_column(Text)
    reason_code: Mapped[str | None] = mapped_column(Text, default=None)
    note: Mapped[str | None] = mapped_column(Text, default=None)
    actor_user_id: Mapped[UUID | None] = mapped_column(default=None)
    actor_organization_id: Mapped[UUID | None] = mapped_column(default=None)
    actor_name: Mapped[str] = mapped_column(Text, default="")
    happened_at: Mapped[datetime]
    """Business time."""
    recorded_at: Mapped[datetime] = mapped_column(default=machine_now)


def begin(
    session: WorkSession, subject: Any, *, reason_code: str | None = None, note: str | None = None
) -> None:
    """Write the first history row of a new object whose `state` is already set."""
    _remember(session, subject, "", reason_code, note)


def move(
    session: WorkSession,
    subject: Any,
    target: StrEnum,
    *,
    reason_code: str | None = None,
    note: str | None = None,
) -> None:
    """Move `subject` to `target`: checks the table, bumps the revision, writes history and audit."""
    subject.__states__.require(subject.state, target)
    previous = str(subject.state)
    subject.state = target
    if hasattr(subject, "revision"):
        subject.revision = (subject.revision or 0) + 1
    _remember(session, subject, previous, reason_code, note)


@cache
def _into(history: Table) -> Insert:
    return insert(history)


def _remember(
    session: WorkSession, subject: Any, previous: str, reason_code: str | None, note: str | None
) -> None:
    if not object_state(subject).persistent:
        session.add(subject)
        session.flush()  # without a relationship nothing else puts the subject before its history row
    actor = session.actor
    row = {
        "id": new_id(),
        "subject_id": subject.id,
        "from_state": previous,
        "to_state": str(subject.state),
        "reason_code": reason_code,
        "note": note,
        "actor_user_id": actor.user_id,
        "actor_organization_id": actor.organization_id,
        "actor_name": actor.name,
        "happened_at": session.now(),
        "recorded_at": machine_now(),
    }
    session.append(_into(subject.__history__.__table__), row)
    kind = subject.__tablename__
    audit.record(
        session, f"{kind}:{subject.state}", kind, subject.id, {"from": previous, "reason": reason_code or ""}
    )
