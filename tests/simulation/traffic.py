"""Planners who never give up: they book over HTTP, and repeat with the same key until told it is done."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID, uuid4

from sqlalchemy import text

from tests.simulation.client import Connection, Shot, bearer
from tests.simulation.market import ride_order
from tests.simulation.stand import Stand

PAUSE_SECONDS = 0.1
GIVE_UP_SECONDS = 90.0
"""A planner who has not been told by then counts as a broken promise."""
_UNFINISHED = b"has not finished"

_EFFECTS = text(
    """
    SELECT b.care_plan_task_id AS task, b.id AS booking,
      (SELECT count(*) FROM booking_changes c WHERE c.subject_id = b.id AND c.from_state = '') AS history,
      (SELECT count(*) FROM audit_events a
       WHERE a.object_id = b.id AND a.action = 'bookings:requested') AS audit,
      coalesce(o.events, 0) AS outbox
    FROM bookings b
    LEFT JOIN (SELECT payload->>'booking_id' AS booking, count(*) AS events FROM outbox_events
               WHERE name = 'BookingRequested' GROUP BY 1) o ON o.booking = b.id::text
    WHERE b.care_plan_task_id = ANY(:tasks)
    """
)


@dataclass
class Told:
    """What the planners were told: bookings by task, answers by status, and what no client should see."""

    bookings: dict[UUID, set[str]] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    troubles: list[str] = field(default_factory=list)
    successes: list[float] = field(default_factory=list)
    """Moments (monotonic seconds) at which a booking was acknowledged for the first time."""


class Planners:
    """Threads that book one task after the other, each with a fresh key, until they are called off."""

    def __init__(
        self, stand: Stand, tasks: Iterable[UUID], count: int = 4, pause: float = PAUSE_SECONDS
    ) -> None:
        self.told = Told()
        self._stand, self._pause = stand, pause
        self._tasks = iter(list(tasks))
        self._token = stand.token("planner", "st-brigid")
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._crew = [threading.Thread(target=self._work, daemon=True) for _ in range(count)]

    def __enter__(self) -> Self:
        for one in self._crew:
            one.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take up nothing new, and bring to an end what was begun."""
        self._stopping.set()
        for one in self._crew:
            one.join(GIVE_UP_SECONDS + 10)

    def first_success_after(self, moment: float, within: float) -> float | None:
        """Seconds from the moment (monotonic) to the next acknowledged booking; None when none came."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            with self._lock:
                later = [success for success in self.told.successes if success > moment]
            if later:
                return min(later) - moment
            time.sleep(0.02)
        return None

    def _work(self) -> None:
        line = Connection(self._stand.base_url, timeout=35)
        while not self._stopping.is_set():
            with self._lock:
                task = next(self._tasks, None)
            if task is None:
                return
            self._book(line, task)
            time.sleep(self._pause)
        line.close()

    def _book(self, line: Connection, task: UUID) -> None:
        headers = bearer(self._token, **{"Idempotency-Key": str(uuid4())})
        shot = Shot("POST", "/api/v1/bookings", headers, ride_order(task))
        give_up = time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < give_up:
            status, body = self._send(line, shot)
            if status in (200, 201):
                self._acknowledged(task, body)
                replayed, again = self._send(line, shot)  # an impatient client: it must be the same booking
                if replayed in (200, 201):
                    self._acknowledged(task, again)
                return
            time.sleep(0.1)
        with self._lock:
            self.told.troubles.append(f"task {task} was not answered in {GIVE_UP_SECONDS:.0f} s")

    def _send(self, line: Connection, shot: Shot) -> tuple[int, bytes]:
        try:
            status, body = line.send(shot)
        except (http.client.HTTPException, OSError):
            status, body = 0, b""
        with self._lock:
            self.told.statuses[status] += 1
            fine = status in (0, 200, 201) or (status == 503 and "retry-after" in line.headers)
            if not fine and not (status == 409 and _UNFINISHED in body):
                self.told.troubles.append(f"{status} {body[:300].decode(errors='replace')}")
        return status, body

    def _acknowledged(self, task: UUID, body: bytes) -> None:
        with self._lock:
            if task not in self.told.bookings:
                self.told.successes.append(time.monotonic())
            self.told.bookings.setdefault(task, set()).add(json.loads(body)["id"])


def account(stand: Stand, told: Told, tasks: Iterable[UUID]) -> dict[str, Any]:
    """What the planners were told against what the database holds; `kept` when they agree to the last row."""
    with stand.runtime.databases.engine("owner").connect() as connection:
        rows = connection.execute(_EFFECTS, {"tasks": list(tasks)}).all()
    kept: dict[UUID, list[str]] = {}
    for row in rows:
        kept.setdefault(row.task, []).append(str(row.booking))
    lost = [task for task, ids in told.bookings.items() if not ids <= set(kept.get(task, ()))]
    doubled = [task for task, ids in kept.items() if len(ids) > 1]
    doubled += [task for task, ids in told.bookings.items() if len(ids) > 1]
    counts = {
        "acknowledged": len(told.bookings),
        "effects": len(rows),
        "outbox": sum(row.outbox for row in rows),
        "audit": sum(row.audit for row in rows),
    }
    uneven = [str(row.booking) for row in rows if not row.history == row.audit == row.outbox == 1]
    return {
        **counts,
        "lost": len(lost),
        "duplicated": len(doubled),
        "uneven": uneven[:5],
        "statuses": dict(told.statuses),
        "troubles": told.troubles[:5],
        "kept": len(set(counts.values())) == 1 and not (lost or doubled or uneven or told.troubles),
    }
