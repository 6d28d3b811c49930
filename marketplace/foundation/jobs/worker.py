"""Running jobs: claim a lease by conditional update, run, mark done; a killed process doubles nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog
from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import SQLAlchemyError

from marketplace.foundation.access import Actor, system_actor
from marketplace.foundation.clock import machine_now
from marketplace.foundation.db.base import Base
from marketplace.foundation.events import OutboxEvent, from_payload
from marketplace.foundation.jobs.models import JOBS, Job, JobState
from marketplace.foundation.jobs.queue import USUAL_LEASE, JobCancelled, JobContext, JobKind
from marketplace.foundation.work import Runtime, WorkSession, unit_of_work

log = structlog.get_logger(__name__)

_LONGEST_BACK_OFF_SECONDS = 60


def run_job(runtime: Runtime, job_id: UUID) -> bool:
    """Run one job if it is due and nobody else holds it; returns whether it was run here.

    A failure is recorded and tried again later, with growing distance; after `max_attempts` it is dead.
    """
    claimed = _claim(runtime, job_id)
    if claimed is None:
        return False
    kind, token, actor, arguments = claimed
    context = JobContext(runtime, job_id, token, actor, kind.role, arguments, kind.lease)
    try:
        if kind.transactional:
            _run_in_one_transaction(context, kind)
        else:
            with _lease_kept(context):
                result = kind.run(context)
            with context.unit_of_work() as session:
                _finish(session, job_id, token, result)
    except JobCancelled:
        log.info("job cancelled", job=str(job_id), kind=kind.name)
    except Exception as error:  # noqa: BLE001  the boundary: whatever a handler throws becomes a recorded failure
        _record_failure(runtime, kind, job_id, token, error)
    return True


def deliver(session: WorkSession, arguments: dict[str, Any]) -> None:
    """Hand one outbox event to one handler, in the handler's role and for the event's organization."""
    payload = session.execute(_PAYLOAD, {"event": UUID(arguments["event"])}).scalar_one_or_none()
    handler = session.runtime.registry.handler(arguments["handler"])
    if payload is None:
        raise LookupError(f"outbox event {arguments['event']} is missing")
    handler.run(session, from_payload(handler.event, payload))


_EVENTS = Base.metadata.tables[OutboxEvent.__tablename__]
_PAYLOAD = select(_EVENTS.c.payload).where(_EVENTS.c.id == bindparam("event"))


def _claim(runtime: Runtime, job_id: UUID) -> tuple[JobKind, UUID, Actor, dict[str, Any]] | None:
    token, now = uuid4(), machine_now()
    taken = {"job": job_id, "now": now, "token": token, "until": now + USUAL_LEASE}
    with unit_of_work(runtime, system_actor(), "relay") as session:
        job = session.execute(_TAKE, taken).one_or_none()
        if job is None:
            return None
        kind = _kind_for(runtime, job.kind, job.arguments)
        if kind.lease != USUAL_LEASE:
            session.execute(_LEASE, {"job": job_id, "until": now + kind.lease})
        return kind, token, system_actor(job.organization_id), dict(job.arguments)


_TAKE = (
    update(JOBS)
    .where(
        JOBS.c.id == bindparam("job"),
        JOBS.c.state == JobState.QUEUED,
        JOBS.c.run_after <= bindparam("now"),
    )
    .values(
        state=JobState.RUNNING,
        lease_until=bindparam("until"),
        lease_token=bindparam("token"),
        attempts=JOBS.c.attempts + 1,
    )
    .returning(JOBS.c.kind, JOBS.c.arguments, JOBS.c.organization_id)
)
_LEASE = update(JOBS).where(JOBS.c.id == bindparam("job")).values(lease_until=bindparam("until"))
_HELD = (JOBS.c.id == bindparam("job"), JOBS.c.lease_token == bindparam("token"))
_FINISH = (
    update(JOBS)
    .where(*_HELD, JOBS.c.state == JobState.RUNNING)
    .values(
        state=JobState.DONE,
        result=bindparam("outcome"),
        finished_at=bindparam("now"),
        lease_until=None,
        error="",
    )
)
_RESULT = update(JOBS).where(*_HELD).values(result=bindparam("outcome"))


def _kind_for(runtime: Runtime, name: str, arguments: dict[str, Any]) -> JobKind:
    kind: JobKind = runtime.registry.job_kind(name)
    if name != "foundation.deliver":
        return kind
    handler = runtime.registry.handler(arguments["handler"])
    return JobKind(kind.name, kind.run, role=handler.role, lease=kind.lease)


def _run_in_one_transaction(context: JobContext, kind: JobKind) -> None:
    """Mark it done and do it: the mark holds the job against everybody else, and goes if the job fails."""
    with context.unit_of_work() as session:
        _finish(session, context.job_id, context.lease_token, None)
        result = kind.run(session, dict(context.arguments))
        if result:
            session.execute(_RESULT, {"job": context.job_id, "token": context.lease_token, "outcome": result})


def _finish(session: WorkSession, job_id: UUID, token: UUID, result: dict[str, Any] | None) -> None:
    session.flush()
    done = {"job": job_id, "token": token, "outcome": result or {}, "now": machine_now()}
    finished = session.execute(_FINISH, done)
    if finished.rowcount == 0:  # type: ignore[attr-defined]
        raise JobCancelled(str(job_id))  # the lease was lost: roll back, somebody else runs it


@contextmanager
def _lease_kept(context: JobContext) -> Iterator[None]:
    """Renew the job's lease from a thread of its own while the block runs, also while it computes."""
    done = threading.Event()

    def renew() -> None:
        while not done.wait(context.lease.total_seconds() / 4):
            try:
                context.renew()
            except SQLAlchemyError as error:
                log.warning("lease not renewed", job=str(context.job_id), error=type(error).__name__)

    keeper = threading.Thread(target=renew, name="lease", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()


def _record_failure(runtime: Runtime, kind: JobKind, job_id: UUID, token: UUID, error: Exception) -> None:
    log.warning("job failed", job=str(job_id), kind=kind.name, error=type(error).__name__, exc_info=error)
    with unit_of_work(runtime, system_actor(), "relay") as session:
        job = session.scalars(
            select(Job).where(Job.id == job_id, Job.lease_token == token).with_for_update()
        ).first()
        if job is None or job.state is not JobState.RUNNING:
            return
        job.error = f"{type(error).__name__}: {error}"[:500]
        job.lease_until = job.lease_token = job.sent_at = None
        if job.attempts >= kind.max_attempts:
            job.state, job.finished_at = JobState.DEAD, machine_now()
        else:
            back_off = min(_LONGEST_BACK_OFF_SECONDS, 2 ** (job.attempts - 1))
            job.state, job.run_after = JobState.QUEUED, machine_now() + timedelta(seconds=back_off)
