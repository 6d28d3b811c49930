"""Open-loop HTTP load: requests start on time, whether or not earlier ones were answered; every one is timed.

A latency counts from when the request was due, so that a stalled server cannot hide behind a waiting client.
"""

from __future__ import annotations

import http.client
import json
import queue
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Shot:
    """One request: method, path, headers, and a JSON body or None."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any = None


@dataclass
class Outcome:
    """What came of a series: milliseconds by request, answers by status, and what went wrong."""

    milliseconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    troubles: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def percentile(self, share: float) -> float:
        """The latency in milliseconds below which this share of the requests was answered."""
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")

    def summary(self) -> dict[str, Any]:
        """Figures as they are reported."""
        good = sum(count for status, count in self.statuses.items() if 200 <= status < 300)
        return {
            "requests": len(self.milliseconds),
            "rate_per_s": round(len(self.milliseconds) / self.seconds, 1) if self.seconds else None,
            "ok": good,
            "errors": len(self.milliseconds) - good,
            "p50_ms": round(self.percentile(0.50)),
            "p95_ms": round(self.percentile(0.95)),
            "p99_ms": round(self.percentile(0.99)),
            "max_ms": round(max(self.milliseconds, default=0)),
            "mean_ms": round(statistics.fmean(self.milliseconds)) if self.milliseconds else None,
            "statuses": dict(self.statuses),
            "troubles": self.troubles[:5],
        }


def bearer(token: str, **more: str) -> dict[str, str]:
    """Headers of a client of the JSON API."""
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **more}


class Connection:
    """One kept-alive connection that reconnects once when the server has closed it."""

    def __init__(self, base_url: str, timeout: float = 30) -> None:
        parts = urlsplit(base_url)
        self._address = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._timeout = timeout
        self._connection: http.client.HTTPConnection | None = None
        self.headers: dict[str, str] = {}
        """Of the last answer, their names in lower case."""

    def send(self, shot: Shot) -> tuple[int, bytes]:
        """Status and body; raises OSError or HTTPException when nobody answers."""
        for attempt in (1, 2):
            fresh = self._connection is None
            connection = self._connection or http.client.HTTPConnection(*self._address, timeout=self._timeout)
            self._connection = connection
            try:
                body = None if shot.body is None else json.dumps(shot.body).encode()
                connection.request(shot.method, shot.path, body=body, headers=shot.headers)
                answer = connection.getresponse()
                self.headers = {name.lower(): value for name, value in answer.getheaders()}
                return answer.status, answer.read()
            except (http.client.HTTPException, OSError):
                self.close()
                if fresh or attempt == 2:
                    raise
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def fire(base_url: str, shots: Iterable[Shot], per_second: float, threads: int = 24) -> Outcome:
    """Send the shots at a steady rate over a number of connections, and time every one."""
    outcome, lock = Outcome(), threading.Lock()
    waiting: queue.Queue[tuple[float, Shot] | None] = queue.Queue()

    def work() -> None:
        connection = Connection(base_url)
        while (taken := waiting.get()) is not None:
            due, shot = taken
            status, trouble = _one(connection, shot)
            with lock:
                outcome.milliseconds.append((time.perf_counter() - due) * 1000)
                outcome.statuses[status] += 1
                if trouble:
                    outcome.troubles.append(trouble)
        connection.close()

    crew = [threading.Thread(target=work) for _ in range(threads)]
    for one in crew:
        one.start()
    began = time.perf_counter()
    for number, shot in enumerate(shots):
        due = began + number / per_second
        time.sleep(max(0.0, due - time.perf_counter()))
        waiting.put((due, shot))
    for _ in crew:
        waiting.put(None)
    for one in crew:
        one.join()
    outcome.seconds = time.perf_counter() - began
    return outcome


def _one(connection: Connection, shot: Shot) -> tuple[int, str]:
    try:
        status, body = connection.send(shot)
    except (http.client.HTTPException, OSError) as problem:
        return 0, f"{shot.method} {shot.path}: {type(problem).__name__}"
    return status, f"{shot.path}: {status} {body[:200].decode(errors='replace')}" if status >= 400 else ""


def at_once(actions: Iterable[Callable[[], None]]) -> None:
    """Run all actions in threads that start together."""
    listed = list(actions)
    barrier = threading.Barrier(len(listed))

    def begin(action: Callable[[], None]) -> None:
        barrier.wait()
        action()

    crew = [threading.Thread(target=begin, args=(action,)) for action in listed]
    for one in crew:
        one.start()
    for one in crew:
        one.join()
