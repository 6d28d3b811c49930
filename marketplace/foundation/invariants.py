"""Promises that `homeward verify` checks against the whole database: each is a query for its breaches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import text

from marketplace.foundation import audit
from marketplace.foundation.work import WorkSession


@dataclass(frozen=True, slots=True)
class Breach:
    """One broken promise: which invariant, which object, what is wrong."""

    invariant: str
    object_id: str
    detail: str


@dataclass(frozen=True, slots=True)
class Invariant:
    """A promise in a sentence, and how to find whatever breaks it (run under the read-only role)."""

    name: str
    promise: str
    find: Callable[[WorkSession], list[tuple[str, str]]]

    def breaches(self, session: WorkSession) -> list[Breach]:
        """Every object that breaks the promise."""
        return [Breach(self.name, object_id, detail) for object_id, detail in self.find(session)]


def sql_invariant(name: str, promise: str, query: str) -> Invariant:
    """An invariant whose SQL returns (object id, detail) per breach, and no row when all is well."""

    def find(session: WorkSession) -> list[tuple[str, str]]:
        return [(str(row[0]), str(row[1])) for row in session.execute(text(query))]

    return Invariant(name, promise, find)


FOUNDATION_INVARIANTS = (
    sql_invariant(
        "job-finished-once",
        "Every job marked done has no lease and no pending retry.",
        "SELECT id, 'a done job holds a lease' FROM jobs WHERE state = 'done' AND lease_until IS NOT NULL",
    ),
    sql_invariant(
        "event-delivered",
        "Every outbox event older than an hour has reached its handlers or waits visibly.",
        """SELECT j.id, 'undelivered since ' || j.created_at FROM jobs j
           WHERE j.kind = 'foundation.deliver' AND j.state IN ('queued', 'running')
             AND j.created_at < now() - interval '1 hour'""",
    ),
    sql_invariant(
        "delivery-has-event",
        "Every delivery belongs to an event in the outbox.",
        """SELECT j.id, 'its event is missing' FROM jobs j
           WHERE j.kind = 'foundation.deliver'
             AND NOT EXISTS (SELECT 1 FROM outbox_events e WHERE e.id = (j.arguments->>'event')::uuid)""",
    ),
    Invariant(
        "audit-chain",
        "No audit row was ever changed, removed or reordered.",
        lambda session: [(link.split()[2], link) for link in audit.broken_links(session)],
    ),
)
"""What the cellar itself promises."""
