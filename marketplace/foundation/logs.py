"""Structured logs without a patient's data: only known keys pass, whatever a caller hands over."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

PASSING_KEYS = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "logger",
        "job",
        "jobs",
        "kind",
        "error",
        "exception",
        "stack",
        "status",
        "method",
        "route",
        "request_id",
        "duration_ms",
        "organization",
        "offer",
        "booking",
        "claim",
        "plan",
        "name",
        "count",
        "state",
        "attempts",
        "queries",
        "seconds",
        "port",
        "pid",
        "version",
        "role",
        "unserved",
        "sent",
        "vehicles",
        "code",
        "endpoint",
    }
)
"""Keys that hold identifiers, words and counts. Anything else is withheld, so that no name slips in."""


def configure_logging(*, as_json: bool, level: str = "INFO") -> None:
    """Send structlog and the standard library's loggers to stderr, one line each, filtered by key."""
    renderer: Any = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            withhold_unknown_keys,
            name_exception_only,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(
        stream=sys.stderr, level=level, format="%(levelname)s %(name)s %(message)s", force=True
    )
    for noisy in ("rq", "rq.worker", "werkzeug", "sqlalchemy.engine", "alembic", "stripe", "gunicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def withhold_unknown_keys(
    _logger: Any, _method: str, entry: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replace the value of every key that is not known to be free of a patient's data."""
    return {
        key: value if key in PASSING_KEYS or key == "exc_info" else "[withheld]"
        for key, value in entry.items()
    }


def name_exception_only(
    _logger: Any, _method: str, entry: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Keep an exception's class and the places it passed through, never its message or values."""
    info = entry.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    elif isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if isinstance(info, tuple) and info[0] is not None:
        places, trace = [], info[2]
        while trace is not None:
            code = trace.tb_frame.f_code
            places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_name}")
            trace = trace.tb_next
        entry["exception"] = f"{info[0].__name__} at " + " > ".join(places[-8:])
    return entry
