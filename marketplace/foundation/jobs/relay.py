"""The relay: gives due job ids to RQ, takes back expired leases, fires schedules, seals the audit chain.

It is the only process that talks to RQ's queue, and everything it does can be done again: with Redis
wiped it sends whatever has no done mark once more.
"""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import psycopg
import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert

from marketplace.foundation import audit
from marketplace.foundation.access import system_actor
from marketplace.foundation.clock import machine_now
from marketplace.foundation.jobs.models import Job, JobState, ScheduleTick
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


class Relay:
    """One relay loop; several may run, leases and dedupe keys keep them from doubling anything."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.stopping = threading.Event()
        self._redis: Redis | None = None

    def run(self, poll_seconds: float = 1.0) -> None:
        """Work until `stopping` is set: woken by NOTIFY, else every `poll_seconds`."""
        while not self.stopping.is_set():
            try:
                with self._listen() as connection:
                    while not self.stopping.is_set():
                        self.tick()
                        for _ in connection.notifies(timeout=poll_seconds, stop_after=1):
                            pass
            except Exception as error:  # noqa: BLE001  the engine went away; it comes back and we go on
                log.warning("relay interrupted", error=type(error).__name__)
                self.stopping.wait(1)

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
            due = session.scalars(
                select(Job.id)
                .where(Job.state == JobState.QUEUED, Job.run_after <= now)
                .where(or_(Job.sent_at.is_(None), Job.sent_at < now - RESEND_AFTER))
                .order_by(Job.run_after)
                .limit(limit)
                .with_for_update(skip_locked=True)
            ).all()
            if not due:
                return 0
            session.execute(update(Job).where(Job.id.in_(due)).values(sent_at=now))
            try:
                self._send([str(job_id) for job_id in due])
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
        with unit_of_work(self.runtime, system_actor(), "relay") as session:
            for schedule in self.runtime.registry.schedules:
                slot = int(now // schedule.every.total_seconds())
                tick = insert(ScheduleTick).values(name=schedule.name, last_slot=slot)
                fresh = session.execute(
                    tick.on_conflict_do_update(
                        index_elements=["name"], set_={"last_slot": slot}, where=ScheduleTick.last_slot < slot
                    ).returning(ScheduleTick.name)
                ).scalar_one_or_none()
                if fresh is not None:
                    enqueue(session, schedule.kind, {}, dedupe_key=f"schedule:{schedule.name}:{slot}")

    def _send(self, job_ids: list[str]) -> None:
        queue = Queue(QUEUE_NAME, connection=self._client(), serializer=JSONSerializer)
        size = max(1, min(BATCH, len(job_ids) // 4))
        for start in range(0, len(job_ids), size):
            queue.enqueue(
                "marketplace.worker.run_batch",
                job_ids[start : start + size],
                job_timeout=900,
                result_ttl=0,
                failure_ttl=60,
            )

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
