"""`make bench-web`: bookings a second and page times against 100,000 bookings, client on the same machine.

Prints one JSON object: the machine, the population, and for each series rate, latencies and errors, with
whether the promised figure was reached.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from tests.simulation.client import Shot, bearer, fire
from tests.simulation.memory import idle_up
from tests.simulation.population import multiply, prototypes
from tests.simulation.stand import Stand, running_stand

PROMISES = {"bookings": (30, 400), "planner's board": (50, 200), "vendor's inbox": (50, 200)}
"""Requests a second, and the p95 in milliseconds that must not be exceeded."""


_PEOPLE = (
    "SELECT DISTINCT patient_id FROM bookings WHERE patient_id NOT IN (SELECT patient_id FROM trips)"
    " ORDER BY patient_id LIMIT 40"
)
"""Whose bookings are cloned: people without a trip, whose legs hang together."""
IDLE_MEGABYTES = 700
"""What `homeward up` may take while nobody asks anything of it, PostgreSQL apart."""


def main() -> int:
    """Run the benchmark; 0 when every promise was kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bookings", type=int, default=100_000, help="bookings in the database")
    parser.add_argument("--seconds", type=int, default=60, help="seconds of each series")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="homeward-bench-") as folder:
        Path(folder).chmod(0o755)
        idle = idle_up(_subfolder(folder, "up"), _free_port())
        with running_stand(_subfolder(folder, "stand")) as stand:
            report = {
                "machine": _machine(),
                "idle_megabytes": {**idle, "promised_others": IDLE_MEGABYTES},
                "population": _fill(stand, given.bookings),
            }
            report["series"] = _series(stand, given.seconds)
    sys.stdout.write(json.dumps(report, indent=1) + "\n")
    kept = idle["others"] < IDLE_MEGABYTES and all(one["kept"] for one in report["series"].values())
    return 0 if kept else 1


def _subfolder(folder: str, name: str) -> Path:
    made = Path(folder) / name
    made.mkdir(mode=0o755)
    return made


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _series(stand: Stand, seconds: int) -> dict[str, Any]:
    planner = stand.token("planner", "st-brigid")
    vendor = stand.token("vendor_admin", "harbor-rides")
    series: dict[str, Iterator[Shot]] = {
        "bookings": _booking_shots(stand, planner, PROMISES["bookings"][0] * seconds),
        "planner's board": _page_shots("/desk/", planner, PROMISES["planner's board"][0] * seconds),
        "vendor's inbox": _page_shots("/portal/offers", vendor, PROMISES["vendor's inbox"][0] * seconds),
    }
    found = {}
    for name, shots in series.items():
        rate, limit = PROMISES[name]
        ready = list(shots)
        fire(stand.base_url, ready[: 2 * rate], rate)  # warm-up: pools, caches, plans
        summary = fire(stand.base_url, ready[2 * rate :], rate).summary()
        kept = summary["errors"] == 0 and summary["p95_ms"] <= limit
        found[name] = {**summary, "promised_p95_ms": limit, "kept": kept}
        sys.stderr.write(f"{name}: {found[name]}\n")
    return found


def _booking_shots(stand: Stand, token: str, count: int) -> Iterator[Shot]:
    query = text(
        "SELECT t.id, e.expected_discharge_at, c.id AS coverage FROM care_plan_tasks t"
        " JOIN care_plans p ON p.id = t.care_plan_id JOIN encounters e ON e.id = p.encounter_id"
        " JOIN coverages c ON c.patient_id = p.patient_id"
        " WHERE t.service_kind = 'ride' AND t.state = 'open' AND t.id <> :planted LIMIT :count"
    )
    values = {"planted": UUID(stand.card["planted"]["alvarez_ride_task"]), "count": count + 2 * 30}
    with stand.runtime.databases.engine("owner").connect() as connection:
        rows = connection.execute(query, values).all()
    if len(rows) < count:
        raise RuntimeError(f"only {len(rows)} open ride tasks for {count} bookings")
    for task_id, _leaves_at, _coverage in rows:
        body = {
            "kind": "ride",
            "task_id": str(task_id),
            "payer_kind": "health_system",
            "level_of_service": "wheelchair",
        }
        yield Shot("POST", "/api/v1/bookings", bearer(token, **{"Idempotency-Key": str(uuid4())}), body)


def _page_shots(path: str, token: str, count: int) -> Iterator[Shot]:
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/html"}
    return (Shot("GET", path, headers) for _ in range(count + 100))


def _fill(stand: Stand, bookings: int) -> dict[str, Any]:
    """Clone patients with bookings up to the number, and patients with an open ride task for the series."""
    began = time.monotonic()
    with stand.runtime.databases.engine("owner").connect() as connection:
        booked = connection.scalars(text(_PEOPLE)).all()
        organization = connection.scalar(text("SELECT organization_id FROM patients LIMIT 1"))
        before = int(connection.scalar(text("SELECT count(*) FROM bookings")) or 0)
    assert organization is not None
    made = prototypes(stand.runtime, booked)
    each = sum(one.bookings for one in made) / len(made)
    added = multiply(stand.runtime, made, organization, max(0, int((bookings - before) / each)))
    planted = UUID(stand.card["planted"]["alvarez_patient"])
    multiply(stand.runtime, prototypes(stand.runtime, [planted]), organization, 2400)
    with stand.runtime.databases.engine("owner").connect() as connection:
        total = connection.scalar(text("SELECT count(*) FROM bookings"))
    return {"bookings": total, "cloned": added, "seconds": round(time.monotonic() - began)}


def _machine() -> dict[str, Any]:
    return {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}


if __name__ == "__main__":
    sys.exit(main())
