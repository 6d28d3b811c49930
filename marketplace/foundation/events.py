"""News that goes up the house: domain events, written to the outbox with the change that made them.

Every handler of an event becomes a job row in the same transaction; the relay brings it to a worker
at least once, and handlers are idempotent. An event carries identifiers and the revision of what
changed, so that a handler can ignore a stale one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, TypeVar, get_type_hints
from uuid import UUID

from sqlalchemy import Index, Text, insert
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.foundation.clock import machine_now
from marketplace.foundation.db.base import Base, Identified
from marketplace.foundation.db.security import owned_by, protect
from marketplace.foundation.ids import new_id
from marketplace.foundation.jobs.queue import enqueue
from marketplace.foundation.work import WorkSession

E = TypeVar("E", bound="Event")


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events: frozen dataclasses whose fields are UUID, datetime, str, int, bool or None."""

    name: ClassVar[str] = ""
    """Stable name in the outbox; the class name unless set."""

    @classmethod
    def event_name(cls) -> str:
        """The name under which handlers subscribe and the outbox keeps it."""
        return cls.name or cls.__name__


class OutboxEvent(Identified, Base):
    """An event that happened, kept for good: the truth from which deliveries can be made again."""

    __tablename__ = "outbox_events"
    __table_args__ = (Index(None, "organization_id", "id"), Index(None, "name", "id"))

    name: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]]
    organization_id: Mapped[UUID | None]
    """On whose behalf it happened; handlers act for this organization."""
    happened_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(default=machine_now)


_WRITE = "SELECT, INSERT"
protect(
    OutboxEvent,
    owned_by("organization_id"),
    insert="organization_id IS NOT DISTINCT FROM homeward_organization()",
    append_only=True,
    grants={"relay": "SELECT", "planner": _WRITE, "janitor": _WRITE},
)


@dataclass(frozen=True, slots=True)
class Handler:
    """A subscription: `run(session, event)` in a transaction of `role`, for the event's organization."""

    event: type[Event]
    name: str
    run: Callable[[WorkSession, Any], None]
    role: str = "web"


def publish(session: WorkSession, event: Event) -> UUID:
    """Write the event and one job per subscribed handler; both vanish if the transaction does."""
    session.flush()  # what the event tells of is written before it
    event_id = new_id()
    row = {
        "id": event_id,
        "name": event.event_name(),
        "payload": to_payload(event),
        "organization_id": session.actor.organization_id,
        "happened_at": session.now(),
        "recorded_at": machine_now(),
    }
    session.execute(_WRITE_DOWN, row)
    for handler in session.runtime.registry.handlers_of(event.event_name()):
        enqueue(
            session,
            "foundation.deliver",
            {"event": str(event_id), "handler": handler.name},
            dedupe_key=f"{event_id}:{handler.name}",
        )
    return event_id


_WRITE_DOWN = insert(OutboxEvent.metadata.tables[OutboxEvent.__tablename__])


def to_payload(event: Event) -> dict[str, Any]:
    """The event as JSON-ready values."""
    return {field.name: _plain(getattr(event, field.name)) for field in dataclasses.fields(event)}


def from_payload(event_class: type[E], payload: dict[str, Any]) -> E:
    """The event again; unknown keys (a newer writer) are dropped, missing ones take their defaults."""
    hints = get_type_hints(event_class)
    known = {field.name for field in dataclasses.fields(event_class)}
    return event_class(**{key: _rich(hints[key], value) for key, value in payload.items() if key in known})


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return value


def _rich(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    wanted = str(hint)
    if "UUID" in wanted:
        return UUID(value)
    if "datetime" in wanted:
        return datetime.fromisoformat(value)
    return value
