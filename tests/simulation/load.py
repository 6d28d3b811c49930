"""`make load`: offered bookings, each accepted by 8 to 32 vendors at once over HTTP; one winner each.

Prints one JSON object: the machine, the figures, and what `homeward verify` says; exit 1 when a booking had
no winner or several, when a loser got anything but 409 with a reason, or when a promise is broken.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from tests.simulation.client import Connection, Shot, at_once, bearer
from tests.simulation.market import Vendor, add_vendors, business_now, open_ride_tasks, ride_order
from tests.simulation.stand import FIRST_WORK_SECONDS, Stand, drained, running_stand

PLANNERS_AT_ONCE = 6
REASON_WORDS = ("title", "detail", "code", "status")


@dataclass
class Scramble:
    """What came of many vendors accepting the same bookings: answers, latencies, and every irregularity."""

    statuses: Counter[int] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    bookings: int = 0
    seconds: float = 0.0

    def summary(self) -> dict[str, Any]:
        """Figures as they are reported; empty `troubles` means that the promise was kept."""
        ordered = sorted(self.milliseconds)
        return {
            "bookings": self.bookings,
            "accepts": len(ordered),
            "accepts_per_s": round(len(ordered) / self.seconds, 1),
            "seconds": round(self.seconds, 1),
            "statuses": dict(self.statuses),
            "reasons": dict(self.reasons),
            "p50_ms": round(ordered[len(ordered) // 2]),
            "p95_ms": round(ordered[int(len(ordered) * 0.95)]),
            "max_ms": round(ordered[-1]),
            "troubles": self.troubles[:10],
        }


def scramble(
    stand: Stand, vendors: Sequence[Vendor], bookings: int, *, fewest: int = 8, seed: int = 1
) -> Scramble:
    """Offer that many bookings to between `fewest` and all of the vendors, who all press accept together."""
    dice, outcome = random.Random(seed), Scramble(bookings=bookings)
    asked = [
        (task_id, dice.sample(list(vendors), dice.randint(fewest, len(vendors))))
        for task_id in open_ride_tasks(stand, bookings)
    ]
    with ThreadPoolExecutor(PLANNERS_AT_ONCE) as planners:
        offers = list(planners.map(lambda one: offered(stand, *one), asked))
    lines = {vendor.id: Connection(stand.base_url) for vendor in vendors}
    began = time.perf_counter()
    for asked_together in offers:
        _press_together(asked_together, lines, outcome)
    outcome.seconds = time.perf_counter() - began
    for line in lines.values():
        line.close()
    return outcome


def offered(stand: Stand, task_id: UUID, asked: Sequence[Vendor]) -> list[tuple[Vendor, str]]:
    """Book the task and offer it; each vendor with the id of its offer."""
    line, token = Connection(stand.base_url), stand.token("planner", "st-brigid")
    booking = post(line, token, "/api/v1/bookings", ride_order(task_id))
    respond_by = business_now(stand.runtime) + timedelta(hours=2)
    body = {"vendor_ids": [str(vendor.id) for vendor in asked], "respond_by": respond_by.isoformat()}
    offers = post(line, token, f"/api/v1/bookings/{booking['id']}/offers", body)["items"]
    line.close()
    by_vendor = {offer["vendor_organization_id"]: offer["id"] for offer in offers}
    return [(vendor, by_vendor[str(vendor.id)]) for vendor in asked]


def post(line: Connection, token: str, path: str, body: Any = None) -> dict[str, Any]:
    """The answer's document; raises RuntimeError for anything but success."""
    shot = Shot("POST", path, bearer(token, **{"Idempotency-Key": str(uuid4())}), body)
    status, answer = line.send(shot)
    if not 200 <= status < 300:
        raise RuntimeError(f"{path}: {status} {answer[:500].decode(errors='replace')}")
    found: dict[str, Any] = json.loads(answer)
    return found


def _press_together(
    asked: Sequence[tuple[Vendor, str]], lines: dict[UUID, Connection], outcome: Scramble
) -> None:
    answers: list[tuple[int, bytes, float]] = []

    def pressing(vendor: Vendor, offer_id: str) -> Callable[[], None]:
        def press() -> None:
            headers = bearer(vendor.token, **{"Idempotency-Key": str(uuid4())})
            began = time.perf_counter()
            status, body = lines[vendor.id].send(Shot("POST", f"/api/v1/offers/{offer_id}/accept", headers))
            answers.append((status, body, (time.perf_counter() - began) * 1000))

        return press

    at_once([pressing(vendor, offer_id) for vendor, offer_id in asked])
    winners = sum(status == 201 for status, _, _ in answers)
    if winners != 1 or len(answers) != len(asked):
        outcome.troubles.append(f"{winners} winners and {len(answers)} answers among {len(asked)} vendors")
    for status, body, milliseconds in answers:
        outcome.statuses[status] += 1
        outcome.milliseconds.append(milliseconds)
        if status != 201:
            _check_refusal(status, body, outcome)


def _check_refusal(status: int, body: bytes, outcome: Scramble) -> None:
    """A loser is told 409 and why, in an RFC 9457 document."""
    try:
        document = json.loads(body)
    except ValueError:
        document = {}
    if status != 409 or not all(document.get(word) for word in REASON_WORDS):
        outcome.troubles.append(f"{status} {body[:200].decode(errors='replace')}")
    else:
        outcome.reasons[document["detail"]] += 1


def machine() -> dict[str, Any]:
    """What the figures were measured on, and how busy it was with other things."""
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load_average": [round(value, 1) for value in os.getloadavg()],
    }


def main() -> int:
    """Run the load; 0 when every promise was kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bookings", type=int, default=500)
    parser.add_argument("--vendors", type=int, default=32, help="the most that are asked for one booking")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="homeward-load-") as folder:
        Path(folder).chmod(0o755)
        with running_stand(Path(folder)) as stand:
            drained(stand, FIRST_WORK_SECONDS)
            before = machine()
            vendors = add_vendors(stand, given.vendors)
            outcome = scramble(stand, vendors, given.bookings, fewest=min(8, given.vendors))
            verified = stand.verify()
    report = {
        "machine": before,
        "load_average_after": machine()["load_average"],
        "web_processes": 2,
        **outcome.summary(),
        "verify": {"ok": verified["ok"], "breaches": verified["breaches"][:10]},
    }
    report["kept"] = not outcome.troubles and bool(verified["ok"])
    sys.stdout.write(json.dumps(report, indent=1) + "\n")
    return 0 if report["kept"] else 1


if __name__ == "__main__":
    sys.exit(main())
