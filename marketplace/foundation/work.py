"""The unit of work: one transaction, one actor, one moment of business time.

Services take the `WorkSession` first, never commit, and find in it who acts and what time it is.
The edges (request, job, command, test) open it with `unit_of_work` and thereby commit or roll back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Insert, event, text
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.orm.util import identity_key

from marketplace.foundation.access import NOBODY, Actor
from marketplace.foundation.clock import Anchors, business_clock, machine_now, read_anchors
from marketplace.foundation.crypto import Vault
from marketplace.foundation.db.engines import Databases
from marketplace.foundation.settings import Settings

T = TypeVar("T")


class Subscriptions(Protocol):
    """What the foundation asks of the put-together services (see `service.Registry`)."""

    def handlers_of(self, event_name: str) -> Sequence[Any]:
        """The handlers subscribed to an event."""

    def handler(self, name: str) -> Any:
        """A handler by its name."""

    def job_kind(self, name: str) -> Any:
        """A job kind by its name."""

    @property
    def job_kinds(self) -> Sequence[Any]:
        """Every kind of job of every service."""

    @property
    def schedules(self) -> Sequence[Any]:
        """Every schedule of every service."""


class Runtime:
    """What one process of the product holds: settings, databases, the vault of keys and the services."""

    def __init__(
        self, settings: Settings, databases: Databases, vault: Vault, registry: Subscriptions
    ) -> None:
        self.settings = settings
        self.databases = databases
        self.vault = vault
        self.registry = registry


class WorkSession(Session):
    """A SQLAlchemy session that knows its actor, its database role and business time."""

    def __init__(self, runtime: Runtime, actor: Actor, role: str = "web", **options: Any) -> None:
        super().__init__(bind=runtime.databases.engine(role), expire_on_commit=False, **options)
        self.runtime = runtime
        self.actor = actor
        self.role = role
        self._business: tuple[datetime, float] | None = None
        self._anchors: tuple[Anchors | None] | None = None
        self._after_commit: list[Callable[[], None]] = []
        self._notices: dict[tuple[str, str], None] = {}
        self._rows: dict[Insert, list[dict[str, Any]]] = {}
        self._notes: dict[Insert, list[dict[str, Any]]] = {}
        self._held: set[tuple[UUID | None, Any]] = set()

    def now(self) -> datetime:
        """Business time (UTC), read once per unit of work: everything in it happens at one moment."""
        return self._clock()[0]

    def clock_speed(self) -> float:
        """How many business seconds pass in one of the machine's; 1 unless demo or tests have bent it."""
        return self._clock()[1]

    def _clock(self) -> tuple[datetime, float]:
        if self._business is None:
            self._business = business_clock(self._anchors[0] if self._anchors else read_anchors(self))
        return self._business

    def machine_now(self) -> datetime:
        """Machine time (UTC): for leases, sessions, one-time codes and rate limits only."""
        return machine_now()

    def act_as(self, actor: Actor) -> None:
        """Continue this transaction as somebody else (after sign-in, or a job for its organization).

        What was added before is written first, under the actor who added it.
        """
        if self._notes or self.in_transaction():
            self.flush()
            self.write_down()
        before, self.actor = self.actor, actor
        if self.in_transaction() and before.organization_id != actor.organization_id:
            self.announce_organization(self.connection())

    def announce_organization(self, connection: Connection) -> None:
        """Tell the database for whom this transaction acts: its policies ask; business time comes along."""
        # in every request, hence past the expression language
        found = connection.exec_driver_sql(_ANNOUNCE, (str(self.actor.organization_id or ""),)).one()
        if self._anchors is None:
            self._anchors = (None if found[1] is None else Anchors(*found[1:]),)

    def hold(self, found: object) -> None:
        """Remember that this transaction has the object's row locked and read, or has inserted it.

        Until it ends nobody else changes the row: asking for the lock again is a statement for nothing.
        """
        self._held.add((self.actor.organization_id, identity_key(instance=found)))

    def held(self, kind: type[T], key: UUID) -> T | None:
        """The object of `kind` whose row was locked before for the organization that acts; else None."""
        known = identity_key(kind, key)
        if (self.actor.organization_id, known) not in self._held:
            return None
        return self.identity_map.get(known)

    def let_go(self) -> None:
        """The transaction ends, or a savepoint is undone: what was locked may be changed by others."""
        self._held.clear()

    def append(self, statement: Insert, row: dict[str, Any]) -> None:
        """Insert a row that is only ever added, right after what the next flush writes, past the ORM.

        `statement` is the same object for all rows of a table; the tables follow in the order of the calls.
        """
        self._rows.setdefault(statement, []).append(row)

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        """Write what is pending: changed objects, then appended rows."""
        super().flush(objects)
        while self._rows:
            rows, self._rows = self._rows, {}
            self._insert(rows)

    def note(self, statement: Insert, row: dict[str, Any]) -> None:
        """Insert a row that nothing in this transaction reads: all of a statement together, at its end.

        Inside a savepoint at once, so that the row goes if the savepoint does. `statement` is the same object
        for all rows of a table.
        """
        if self.in_nested_transaction():
            with self.no_autoflush:
                self.execute(statement, row)
        else:
            self._notes.setdefault(statement, []).append(row)

    def write_down(self) -> None:
        """Hand the collected notes to the database; called as the transaction commits."""
        notes, self._notes = self._notes, {}
        self._insert(notes)

    def _insert(self, collected: dict[Insert, list[dict[str, Any]]]) -> None:
        for statement, rows in collected.items():
            self.execute(statement, rows if len(rows) > 1 else rows[0])

    def forget_rows(self, *, notes: bool) -> None:
        """What was to be inserted in a transaction, or a savepoint (without notes), that is undone."""
        self._rows = {}
        if notes:
            self._notes = {}

    def notify(self, channel: str, message: str) -> None:
        """Tell listeners of a PostgreSQL channel when the transaction commits; repeated ones count once."""
        self._notices[channel, message] = None

    def send_notices(self) -> None:
        """Hand all collected notices to the database in one statement; called as the transaction commits."""
        notices, self._notices = list(self._notices), {}
        if notices:
            channels, messages = [one[0] for one in notices], [one[1] for one in notices]
            self.execute(_NOTIFY, {"channels": channels, "messages": messages})

    def after_commit(self, action: Callable[[], None]) -> None:
        """Run `action` once the transaction has been committed; not at all when it is rolled back."""
        self._after_commit.append(action)

    def undo(self) -> None:
        """Roll back and forget what was to follow the commit; the session goes on, its objects load anew."""
        self.rollback()
        self._after_commit, self._notices = [], {}

    def run_after_commit(self) -> None:
        """Called by `unit_of_work` after its commit."""
        actions, self._after_commit = self._after_commit, []
        for action in actions:
            action()


_NOTIFY = text(
    "SELECT pg_notify(channel, message)"
    " FROM unnest(CAST(:channels AS text[]), CAST(:messages AS text[])) AS notice (channel, message)"
)


_ANNOUNCE = (
    "SELECT set_config('homeward.organization_id', %s, true), business_anchor, machine_anchor, speed"
    " FROM (VALUES (1)) AS everybody (id) LEFT JOIN business_clock USING (id)"
)


@event.listens_for(WorkSession, "before_commit")
def _send_what_waits(session: WorkSession) -> None:
    session.flush()
    session.write_down()
    session.send_notices()


@event.listens_for(WorkSession, "after_begin")
def _set_context(session: WorkSession, _transaction: SessionTransaction, connection: Connection) -> None:
    if session.actor.organization_id is not None:  # a new transaction acts for nobody until it is told
        session.announce_organization(connection)


@event.listens_for(WorkSession, "after_soft_rollback")
def _forget_what_waits(session: WorkSession, transaction: SessionTransaction) -> None:
    session.forget_rows(notes=not transaction.nested)
    session.let_go()


@event.listens_for(WorkSession, "after_commit")
def _let_go(session: WorkSession) -> None:
    session.let_go()


@contextmanager
def unit_of_work(runtime: Runtime, actor: Actor = NOBODY, role: str = "web") -> Iterator[WorkSession]:
    """A transaction as `actor` under the database role; commits at the end, rolls back on any error."""
    with WorkSession(runtime, actor, role) as session:
        try:
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise
        session.run_after_commit()
