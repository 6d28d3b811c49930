"""Is the process alive, is it ready to serve, and how is it doing: /healthz, /readyz, /metrics."""

from __future__ import annotations

import os
import time
from typing import Any

from flask import Blueprint, Flask, Response, g, jsonify, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from marketplace.foundation.access import system_actor
from marketplace.foundation.work import unit_of_work
from marketplace.web import current

blueprint = Blueprint("health", __name__)

REQUESTS = Counter("homeward_requests_total", "Requests answered.", ["route", "method", "status"])
SECONDS = Histogram(
    "homeward_request_seconds",
    "Seconds from the first byte in to the last byte out.",
    ["route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2),
)
_JOBS = "SELECT state, count(*) FROM jobs WHERE state IN ('queued', 'running', 'dead') GROUP BY state"
_OLDEST = (
    "SELECT coalesce(extract(epoch FROM now() - min(run_after)), 0) FROM jobs"
    " WHERE state = 'queued' AND run_after <= now()"
)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers; says nothing about what it depends on."""
    return jsonify(status="alive", process=os.getpid())


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """200 when the database answers under the web role; the queue is reported, bookings work without it."""
    runtime = current.runtime()
    parts = {"database": False, "queue": False}
    try:
        with unit_of_work(runtime, system_actor()) as session:
            session.execute(text("SELECT 1 FROM business_clock"))
        parts["database"] = True
    except SQLAlchemyError:
        pass
    try:
        with Redis.from_url(runtime.settings.redis_url, socket_connect_timeout=1, socket_timeout=1) as client:
            parts["queue"] = bool(client.ping())
    except RedisError:
        pass
    ready = parts["database"]
    return jsonify(status="ready" if ready else "not ready", **parts), 200 if ready else 503


@blueprint.get("/metrics")
def metrics() -> Response:
    """Prometheus text: requests by route, and how much background work waits or has failed."""
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    body = generate_latest(registry) + _job_lines().encode()
    return Response(body, content_type=CONTENT_TYPE_LATEST)


def measure_requests(app: Flask) -> None:
    """Count and time every request by its route, never by its address."""

    def begin() -> None:
        g.began = time.perf_counter()

    def end(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "unmatched"
        REQUESTS.labels(route, request.method, str(response.status_code)).inc()
        SECONDS.labels(route).observe(time.perf_counter() - g.get("began", time.perf_counter()))
        return response

    app.before_request(begin)
    app.after_request(end)


def _job_lines() -> str:
    runtime = current.runtime()
    with unit_of_work(runtime, system_actor(), "verifier") as session:
        counted: dict[Any, Any] = dict(session.execute(text(_JOBS)).tuples().all())
        oldest = session.scalar(text(_OLDEST))
    lines = ["# HELP homeward_jobs Background work by state.", "# TYPE homeward_jobs gauge"]
    lines += [
        f'homeward_jobs{{state="{state}"}} {counted.get(state, 0)}' for state in ("queued", "running", "dead")
    ]
    lines += [
        "# HELP homeward_jobs_oldest_seconds How long the oldest due job has waited.",
        "# TYPE homeward_jobs_oldest_seconds gauge",
        f"homeward_jobs_oldest_seconds {float(oldest or 0):.1f}",
    ]
    return "\n".join(lines) + "\n"
