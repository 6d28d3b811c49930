"""The relay: gives due job ids to RQ, takes back expired leases, fires schedules, seals the audit chain.

It is the only process that talks to RQ's queue, and everything it does can be done again: with Redis
wiped it sends whatever has no done mark once more.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from operator import attrgetter

import psycopg
import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from marketplace.foundation import audit
from marketplace.foundation.access import system_actor
from marketplace.foundation.clock import machine_now
from marketplace.foundation.jobs.models import JOBS, Job, JobState, ScheduleTick
from marketplace.foundation.jobs.queue import CHANNEL, MAX_ATTEMPTS, enqueue
from marketplace.foundation.work import Runtime, unit_of_work

log = structlog.get_logger(__name__)

QUEUE_NAME = "homeward"
MARK = "homeward:relay"
"""A key that is there as long as Redis has not been emptied."""
RESEND_AFTER = timedelta(seconds=20)
"""A job sent this long ago and not yet claimed is sent again: RQ or Redis may have lost it."""
BATCH = 25
"""Job ids per RQ job: RQ forwards a few dozen jobs a second, and most of ours take milliseconds."""
SHARERS = 4
"""Among how many workers what is due at once is shared."""
LEAST_BATCH = 8
"""Fewer ids than this are not worth an RQ job of their own each."""
GATHER_SECONDS = 0.2
"""After a batch was sent, what comes within this time is sent together: under load a job waits so long at
most, with nothing to do not at all, and the relay's cost does not grow with every single booking."""


_DUE = (
    select(JOBS.c.id)
    .where(JOBS.c.state == JobState.QUEUED, JOBS.c.run_after <= bindparam("now"))
    .where(or_(JOBS.c.sent_at.is_(None), JOBS.c.sent_at < bindparam("lost")))
    .order_by(JOBS.c.run_after)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_SEND = (
    update(JOBS)
    .where(JOBS.c.id == func.any(func.array(_DUE.scalar_subquery())))
    .values(sent_at=bindparam("now"))
    .returning(JOBS.c.id, JOBS.c.kind, JOBS.c.run_after)
)


class Relay:
    """One relay loop; several may run, leases and dedupe keys keep them from doubling anything."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.stopping = threading.Event()
        self._redis: Redis | None = None
        self._fired: dict[str, int] = {}

    def run(self, poll_seconds: float = 1.0) -> None:
        """Work until `stopping` is set: a round every `poll_seconds`, new jobs as NOTIFY tells of them."""
        while not self.stopping.is_set():
            try:
                with self._listen() as connection:
                    while not self.stopping.is_set():
                        self.tick()
                        self._send_as_told(connection, time.monotonic() + poll_seconds)
            except Exception as error:  # noqa: BLE001  the engine went away; it comes back and we go on
                log.warning("relay interrupted", error=type(error).__name__)
                self.stopping.wait(1)

    def _send_as_told(self, connection: psycopg.Connection[tuple[object, ...]], until: float) -> None:
        """Send what is due whenever somebody says that there is something, until the time is up."""
        while not self.stopping.is_set() and (left := until - time.monotonic()) > 0:
            if any(True for _ in connection.notifies(timeout=left, stop_after=1)):
                self.send_due()
                self.stopping.wait(GATHER_SECONDS)

    def tick(self) -> int:
        """One round; returns how many job ids were sent."""
        self.reap()
        self.fire_schedules()
        self.recall_lost()
        sent = self.send_due()
        with unit_of_work(self.runtime, system_actor(), "relay") as session:
            audit.seal_pending(session)
        return sent

    def reap(self) -> int:
        """Give jobs whose worker died back to the queue; one that has ended five workers is dead.

        A transactional job holds its row while it runs, and is passed over.
        """
        with unit_of_work(self.runtime, system_actor(), "relay") as session:
            expired = session.scalars(
                select(Job)
                .where(Job.state == JobState.RUNNING, Job.lease_until < machine_now())
                .with_for_update(skip_locked=True)
            ).all()
            for job in expired:
                job.state, job.sent_at = JobState.QUEUED, None
                job.lease_token = job.lease_until = None
                if job.attempts >= MAX_ATTEMPTS:
                    job.state, job.finished_at = JobState.DEAD, machine_now()
                    job.error = f"{job.attempts} workers ended while they ran it"
            return len(expired)

    def recall_lost(self) -> None:
        """Make what was sent and not begun due at once when Redis has forgotten our mark: it was emptied."""
        sent = (Job.state == JobState.QUEUED, Job.sent_at.is_not(None))
        with unit_of_work(self.runtime, system_actor(), "relay") as session:
            if session.scalar(select(Job.id).where(*sent).limit(1)) is None:
                return
            try:
                emptied = self._client().set(MARK, "1", nx=True)
            except RedisError:
                self._redis = None
                return
            if emptied:
                session.execute(update(Job).where(*sent).values(sent_at=None))

    def send_due(self, limit: int = 500) -> int:
        """Put the ids of due jobs on the RQ queue, in batches; does nothing while Redis is away."""
        now = machine_now()
        with unit_of_work(self.runtime, system_actor(), "relay") as session:
            asked = {"now": now, "lost": now - RESEND_AFTER, "most": limit}
            due = session.execute(_SEND, asked).all()
            if not due:
                return 0
            try:
                self._send([(str(job.id), job.kind) for job in sorted(due, key=attrgetter("run_after"))])
            except RedisError as error:
                log.warning("queue unavailable, will send again", error=type(error).__name__, jobs=len(due))
                session.rollback()
                self._redis = None
                time.sleep(0.2)
                return 0
        return len(due)

    def fire_schedules(self) -> None:
        """Enqueue each schedule's job once per slot of machine time."""
        now = machine_now().timestamp()
        slots = {one.name: int(now // one.every.total_seconds()) for one in self.runtime.registry.schedules}
        new = [one for one in self.runtime.registry.schedules if self._fired.get(one.name) != slots[one.name]]
        if not new:
            return
        with unit_of_work(self.runtime, system_actor(), "relay") as session:
            for schedule in new:
                slot = slots[schedule.name]
                tick = insert(ScheduleTick).values(name=schedule.name, last_slot=slot)
                fresh = session.execute(
                    tick.on_conflict_do_update(
                        index_elements=["name"], set_={"last_slot": slot}, where=ScheduleTick.last_slot < slot
                    ).returning(ScheduleTick.name)
                ).scalar_one_or_none()
                if fresh is not None:
                    enqueue(session, schedule.kind, {}, dedupe_key=f"schedule:{schedule.name}:{slot}")
        self._fired = slots  # only now: what was not committed is tried again in the next round

    def _send(self, jobs: list[tuple[str, str]]) -> None:
        queue = Queue(QUEUE_NAME, connection=self._client(), serializer=JSONSerializer)
        for batch in self._batches(jobs):
            queue.enqueue(
                "marketplace.worker.run_batch", batch, job_timeout=900, result_ttl=0, failure_ttl=60
            )

    def _batches(self, jobs: list[tuple[str, str]]) -> Iterator[list[str]]:
        """Quick jobs a few together, in their order; a long one by itself, so that none waits behind it."""
        quick = []
        for job_id, kind in jobs:
            if self._is_quick(kind):
                quick.append(job_id)
            else:
                yield [job_id]
        size = max(LEAST_BATCH, min(BATCH, len(quick) // SHARERS))
        for start in range(0, len(quick), size):
            yield quick[start : start + size]

    def _is_quick(self, kind: str) -> bool:
        try:
            return bool(self.runtime.registry.job_kind(kind).transactional)
        except LookupError:  # of a newer or older version of ours: let the worker say so
            return False

    def _client(self) -> Redis:
        if self._redis is None:
            self._redis = Redis.from_url(
                self.runtime.settings.redis_url, socket_timeout=5, socket_connect_timeout=2
            )
        return self._redis

    def _listen(self) -> psycopg.Connection[tuple[object, ...]]:
        url = self.runtime.databases.url("relay").replace("postgresql+psycopg://", "postgresql://")
        connection = psycopg.connect(url, autocommit=True)
        connection.execute(f"LISTEN {CHANNEL}")
        return connection
