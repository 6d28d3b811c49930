"""Vendors at work while workers die: they accept offers, drive what the plan gives them, and finish it."""

from __future__ import annotations

import http.client
import itertools
import json
import threading
import time
from collections.abc import Sequence
from typing import Any, Self
from uuid import UUID, uuid4

from sqlalchemy import Row, text

from tests.simulation.client import Connection, Shot, bearer
from tests.simulation.load import offered
from tests.simulation.market import Vendor, open_ride_tasks
from tests.simulation.stand import Stand

STEPS = ("en_route_pickup", "arrived_pickup", "on_board", "arrived_dropoff")
TRIP_LOG = {"odometer_start": 100.0, "odometer_end": 108.0, "unable_to_sign": "Hand in plaster"}
_EFFECTS = text(
    """
    SELECT b.id, b.state,
      (SELECT count(*) FROM awards a WHERE a.booking_id = b.id AND a.state <> 'released') AS awards,
      (SELECT count(*) FROM assignments p WHERE p.booking_id = b.id)
        + (SELECT count(*) FROM plan_left_out l WHERE l.booking_id = b.id) AS planned,
      (SELECT count(*) FROM claim_services c WHERE c.booking_id = b.id) AS claims,
      (SELECT count(*) FROM service_events e WHERE e.booking_id = b.id) AS steps
    FROM bookings b WHERE b.id = ANY(:bookings)
    """
)
_DELIVERIES = text(
    """
    SELECT count(*) AS jobs, count(*) FILTER (WHERE state = 'done') AS done,
      count(*) FILTER (WHERE state = 'dead') AS dead,
      count(DISTINCT arguments->>'event' || (arguments->>'handler')) AS different
    FROM jobs WHERE kind = 'foundation.deliver'
    """
)


class Crews:
    """Threads that accept one prepared offer after the other, and complete some of the rides."""

    def __init__(self, stand: Stand, vendors: Sequence[Vendor], rides: int, complete: int) -> None:
        self._stand, self._complete = stand, complete
        self.troubles: list[str] = []
        self.accepted: list[UUID] = []
        self.completed: list[UUID] = []
        tasks = open_ride_tasks(stand, rides)
        turns = itertools.cycle(vendors)
        self._offers = [offered(stand, task, [next(turns)])[0] for task in tasks]
        self._driving: list[tuple[Vendor, UUID]] = []
        self._stopping = threading.Event()
        self._more = threading.Semaphore(0)
        self._crew = [threading.Thread(target=work, daemon=True) for work in (self._accept, self._drive)]

    def __enter__(self) -> Self:
        for one in self._crew:
            one.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Accept what is left, and let the rides come to their end."""
        self._stopping.set()
        for one in self._crew:
            one.join(300)

    def accept_one(self) -> None:
        """Let one more offer be accepted."""
        self._more.release()

    def _accept(self) -> None:
        line = Connection(self._stand.base_url)
        for vendor, offer_id in self._offers:
            while not self._stopping.is_set() and not self._more.acquire(timeout=0.5):
                pass
            found = self._send(line, vendor, "POST", f"/offers/{offer_id}/accept")
            if found is None:
                continue
            booking = UUID(found["booking_id"])
            self.accepted.append(booking)
            if len(self.accepted) <= self._complete:
                self._driving.append((vendor, booking))
        line.close()

    def _drive(self) -> None:
        line = Connection(self._stand.base_url)
        give_up = None
        while not self._stopping.is_set() or self._driving:
            if self._stopping.is_set():
                give_up = give_up or time.monotonic() + 120
                if time.monotonic() > give_up:
                    self.troubles.append(f"{len(self._driving)} rides were never put on a vehicle")
                    return
            for vendor, booking in list(self._driving):
                if self._is_assigned(booking):
                    self._driving.remove((vendor, booking))
                    self._ride(line, vendor, booking)
            time.sleep(0.5)
        line.close()

    def _ride(self, line: Connection, vendor: Vendor, booking: UUID) -> None:
        path = f"/stops/{booking}"
        for step in STEPS:
            self._send(line, vendor, "POST", f"{path}/steps", {"status": step})
        if self._send(line, vendor, "POST", f"{path}/trip-log", TRIP_LOG) is not None:
            self.completed.append(booking)

    def _is_assigned(self, booking: UUID) -> bool:
        query = text(
            "SELECT count(*) FROM field_services WHERE booking_id = :booking AND status = 'assigned'"
        )
        with self._stand.runtime.databases.engine("owner").connect() as connection:
            return bool(connection.scalar(query, {"booking": booking}))

    def _send(
        self, line: Connection, vendor: Vendor, method: str, path: str, body: Any = None
    ) -> dict[str, Any] | None:
        headers = bearer(vendor.token, **{"Idempotency-Key": str(uuid4())})
        try:
            status, answer = line.send(Shot(method, f"/api/v1{path}", headers, body))
        except (http.client.HTTPException, OSError) as problem:
            status, answer = 0, type(problem).__name__.encode()
        if not 200 <= status < 300:
            self.troubles.append(f"{path}: {status} {answer[:300].decode(errors='replace')}")
            return None
        found: dict[str, Any] = json.loads(answer)
        return found


def account_of_work(stand: Stand, crews: Crews) -> dict[str, Any]:
    """Whether every acceptance was planned once and every completed ride claimed once, and nothing twice."""
    deliveries = _all_delivered(stand)
    with stand.runtime.databases.engine("owner").connect() as connection:
        rows = connection.execute(_EFFECTS, {"bookings": crews.accepted}).all()
    completed = set(crews.completed)
    uneven = [
        f"{row.id} {row.state}: awards {row.awards}, plans {row.planned},"
        f" claims {row.claims}, steps {row.steps}"
        for row in rows
        if (row.awards, row.claims, row.steps) != ((1, 1, 5) if row.id in completed else (1, 0, 0))
        or (row.id not in completed and row.planned != 1)
    ]
    once = deliveries.jobs == deliveries.done == deliveries.different and not deliveries.dead
    return {
        "accepted": len(crews.accepted),
        "completed": len(crews.completed),
        "claims": sum(row.claims for row in rows),
        "planned": sum(row.planned for row in rows),
        "deliveries": {"jobs": deliveries.jobs, "done": deliveries.done, "dead": deliveries.dead},
        "uneven": uneven[:5],
        "troubles": crews.troubles[:5],
        "kept": once and not uneven and not crews.troubles and len(rows) == len(crews.accepted),
    }


def _all_delivered(stand: Stand, within: float = 30) -> Row[Any]:
    """The deliveries once all are done (a plan just made has news of its own), or as they are."""
    deadline = time.monotonic() + within
    while True:
        with stand.runtime.databases.engine("owner").connect() as connection:
            found = connection.execute(_DELIVERIES).one()
        if found.jobs == found.done or time.monotonic() > deadline:
            return found
        time.sleep(0.25)
