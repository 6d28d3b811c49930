"""The worker process: takes job ids from RQ and runs what the job table says about them."""

from __future__ import annotations

import signal
import threading
import time
from types import FrameType
from typing import Any
from uuid import UUID

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer
from sqlalchemy.exc import InterfaceError, OperationalError

from marketplace.foundation.jobs.relay import QUEUE_NAME, Relay
from marketplace.foundation.jobs.worker import run_job
from marketplace.foundation.work import Runtime

log = structlog.get_logger(__name__)

PAUSE_SECONDS = 1.0
_runtime: Runtime | None = None


class QueueWorker(SimpleWorker):
    """RQ's worker in one process, back soon after an outage, and telling a request to stop from a mishap."""

    max_connection_wait_time = 2.0
    asked_to_stop = False

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """SIGTERM or SIGINT: finish what is running and end."""
        self.asked_to_stop = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]


def run_batch(job_ids: list[str]) -> None:
    """What RQ calls: run each job; one that another worker has taken, or that is done, is passed over.

    With the database away the rest of the batch is left: the relay sends what shows no sign of life again.
    """
    if _runtime is None:
        raise RuntimeError("this worker was not started by `homeward worker`")
    for job_id in job_ids:
        try:
            run_job(_runtime, UUID(job_id))
        except (OperationalError, InterfaceError) as error:
            log.warning("database unavailable, leaving the batch", error=type(error).__name__)
            time.sleep(PAUSE_SECONDS)
            return


def work(runtime: Runtime, *, burst: bool = False) -> None:
    """Serve the queue until told to stop; waits for Redis to come back when it goes away."""
    global _runtime  # noqa: PLW0603  RQ calls a module-level function; this is how it finds its runtime
    _runtime = runtime
    if not burst:
        threading.Thread(target=_prepare, args=(runtime,), name="prepare", daemon=True).start()
    try:
        while not _served(runtime, burst=burst):
            time.sleep(PAUSE_SECONDS)
    except StopRequested:  # the signal came while there was no queue to serve
        return


def _prepare(runtime: Runtime) -> None:
    """Load beside the first jobs what later ones need: the first plan of a worker is as quick as its next."""
    for kind in runtime.registry.job_kinds:
        if kind.prepare is not None:
            kind.prepare()


def _served(runtime: Runtime, *, burst: bool) -> bool:
    """Serve the queue for as long as it is there; whether the end was asked for."""
    worker = None
    try:
        connection = Redis.from_url(runtime.settings.redis_url, socket_connect_timeout=2)
        queue = Queue(QUEUE_NAME, connection=connection, serializer=JSONSerializer)
        worker = QueueWorker([queue], connection=connection, serializer=JSONSerializer, default_result_ttl=0)
        worker.log_result_lifespan = False
        worker.work(burst=burst, logging_level="WARNING", with_scheduler=False)
    except (RedisError, OSError) as error:
        log.warning("queue unavailable, waiting", error=type(error).__name__)
        return worker is not None and worker.asked_to_stop
    return burst or worker.asked_to_stop


def relay(runtime: Runtime) -> None:
    """Run the relay until SIGTERM or SIGINT."""
    loop = Relay(runtime)

    def stop(_number: int, _frame: Any) -> None:
        loop.stopping.set()

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
    loop.run()
