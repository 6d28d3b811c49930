"""The worker process: takes job ids from RQ and runs what the job table says about them."""

from __future__ import annotations

import signal
import threading
import time
from typing import Any
from uuid import UUID

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from marketplace.foundation.jobs.relay import QUEUE_NAME, Relay
from marketplace.foundation.jobs.worker import run_job
from marketplace.foundation.work import Runtime

log = structlog.get_logger(__name__)

_runtime: Runtime | None = None


def run_batch(job_ids: list[str]) -> None:
    """What RQ calls: run each job; one that another worker has taken, or that is done, is passed over."""
    if _runtime is None:
        raise RuntimeError("this worker was not started by `homeward worker`")
    for job_id in job_ids:
        run_job(_runtime, UUID(job_id))


def work(runtime: Runtime, *, burst: bool = False) -> None:
    """Serve the queue until told to stop; waits for Redis to come back when it goes away."""
    global _runtime  # noqa: PLW0603  RQ calls a module-level function; this is how it finds its runtime
    _runtime = runtime
    while True:
        try:
            connection = Redis.from_url(runtime.settings.redis_url, socket_connect_timeout=2)
            queue = Queue(QUEUE_NAME, connection=connection, serializer=JSONSerializer)
            worker = SimpleWorker(
                [queue], connection=connection, serializer=JSONSerializer, default_result_ttl=0
            )
            worker.log_result_lifespan = False
            worker.work(burst=burst, logging_level="WARNING", with_scheduler=False)
        except (RedisError, OSError) as error:
            log.warning("queue unavailable, waiting", error=type(error).__name__)
            time.sleep(1)
        else:
            return  # a requested stop


def relay(runtime: Runtime) -> None:
    """Run the relay until SIGTERM or SIGINT."""
    loop = Relay(runtime)

    def stop(_number: int, _frame: Any) -> None:
        loop.stopping.set()

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
    loop.run()
