"""Putting work on the table: job kinds, schedules, enqueueing within a transaction, cancelling, replaying."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from marketplace.foundation.access import Actor, system_actor
from marketplace.foundation.clock import machine_now
from marketplace.foundation.errors import Conflict, NotFound
from marketplace.foundation.ids import new_id
from marketplace.foundation.jobs.models import JOBS, Job, JobState
from marketplace.foundation.work import Runtime, WorkSession, unit_of_work

CHANNEL = "homeward_jobs"
"""NOTIFY channel that wakes the relay."""
MAX_ATTEMPTS = 5
USUAL_LEASE = timedelta(seconds=20)
"""How long a worker may be silent before its job goes to another."""
_WHILE_RUNNING = {"sent_at", "lease_until", "lease_token", "finished_at"}
"""Columns that are empty while a job waits."""


class JobCancelled(Exception):
    """Raised by `JobContext.report` once somebody has cancelled the job."""


@dataclass
class JobContext:
    """What a long job works with: units of work of its own, progress, and the news that it was cancelled."""

    runtime: Runtime
    job_id: UUID
    lease_token: UUID
    actor: Actor
    role: str
    arguments: Mapping[str, Any]
    lease: timedelta

    def unit_of_work(self) -> AbstractContextManager[WorkSession]:
        """A transaction under the job's role and actor."""
        return unit_of_work(self.runtime, self.actor, self.role)

    def report(self, **progress: Any) -> None:
        """Store progress (JSON values), renew the lease; raises JobCancelled when the job was cancelled."""
        with self.unit_of_work() as session:
            renewed = session.execute(
                update(Job)
                .where(
                    Job.id == self.job_id, Job.lease_token == self.lease_token, Job.state == JobState.RUNNING
                )
                .values(progress=progress, lease_until=machine_now() + self.lease)
            )
        if renewed.rowcount == 0:  # type: ignore[attr-defined]
            raise JobCancelled(str(self.job_id))

    def renew(self) -> None:
        """Say that the worker lives; nothing when the lease is lost, which the job's next report will say."""
        with unit_of_work(self.runtime, system_actor(), "relay") as session:
            session.execute(
                update(Job)
                .where(
                    Job.id == self.job_id, Job.lease_token == self.lease_token, Job.state == JobState.RUNNING
                )
                .values(lease_until=machine_now() + self.lease)
            )


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of background work.

    `transactional`: `run(session, arguments)` inside the one transaction that also marks the job done,
    so that its database effects happen exactly once. Otherwise `run(context)`, with several units of
    work of its own, must be safe to start again. `run` may return a JSON-ready dict as the job's result.
    A job whose worker has been silent for `lease` goes to another; a worker that lives renews it.
    `prepare` loads what the first such job would have to wait for; each worker calls it when it starts.
    """

    name: str
    run: Callable[..., dict[str, Any] | None]
    role: str = "web"
    transactional: bool = True
    lease: timedelta = USUAL_LEASE
    max_attempts: int = MAX_ATTEMPTS
    prepare: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """A job of `kind` every `every` of machine time."""

    name: str
    kind: str
    every: timedelta


def enqueue(
    session: WorkSession,
    kind: str,
    arguments: dict[str, Any] | None = None,
    *,
    dedupe_key: str | None = None,
    run_after: datetime | None = None,
    organization_id: UUID | None = None,
) -> UUID | None:
    """Add a job in the current transaction; it runs only if that commits.

    Returns its id, or None when a job with this `dedupe_key` already exists. It acts for the actor's
    organization; a system actor may name another.
    """
    now = machine_now()
    row = {
        "id": new_id(),
        "kind": kind,
        "arguments": arguments or {},
        "organization_id": organization_id or session.actor.organization_id,
        "user_id": session.actor.user_id,
        "state": JobState.QUEUED,
        "dedupe_key": dedupe_key,
        "run_after": run_after or now,
        "attempts": 0,
        "progress": {},
        "result": {},
        "error": "",
        "created_at": now,
    }
    inserted: UUID | None = session.execute(_ENQUEUE, row).scalar_one_or_none()
    if inserted is not None:
        session.notify(CHANNEL, "")
    return inserted


def enqueue_each(
    session: WorkSession, kind: str, argument: str, due: Iterable[Row[UUID, UUID]], slot: int | str
) -> int:
    """A job for each object that a round has found (its id, and whose it is), once in each slot of time.

    `argument` is the name under which the job gets the id. Returns how many objects there were.
    """
    count = 0
    for object_id, organization_id in due:
        key, given = f"{kind}:{object_id}:{slot}", {argument: str(object_id)}
        enqueue(session, kind, given, dedupe_key=key, organization_id=organization_id)
        count += 1
    return count


_ENQUEUE = (
    insert(JOBS)
    .values({name: bindparam(name) for name in JOBS.c.keys() if name not in _WHILE_RUNNING})  # noqa: SIM118  a collection of columns, not a dict
    .on_conflict_do_nothing(index_elements=["dedupe_key"])
    .returning(JOBS.c.id)
)


def cancel(session: WorkSession, job_id: UUID) -> None:
    """Cancel a job that has not finished; its worker notices at its next report."""
    job = _locked(session, job_id)
    if job.state not in (JobState.QUEUED, JobState.RUNNING):
        raise Conflict(f"This work is already {job.state}.")
    job.state, job.finished_at, job.lease_token = JobState.CANCELLED, machine_now(), None


def replay(session: WorkSession, job_id: UUID) -> None:
    """Give a dead job five fresh tries."""
    job = _locked(session, job_id)
    if job.state is not JobState.DEAD:
        raise Conflict(f"Only failed work can be tried again; this is {job.state}.")
    job.state, job.attempts, job.run_after, job.sent_at = JobState.QUEUED, 0, machine_now(), None
    session.notify(CHANNEL, "")


def _locked(session: WorkSession, job_id: UUID) -> Job:
    job = session.scalars(select(Job).where(Job.id == job_id).with_for_update()).one_or_none()
    if job is None:
        raise NotFound
    return job
