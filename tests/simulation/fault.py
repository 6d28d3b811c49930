"""`make fault`: kill -9 of web, worker, queue and database under load, then an account of every effect.

Prints one JSON object with a part for each kind of fault; exit 1 when a promise was broken. ARGS="--web 100
--worker 50 --database 10" makes the long runs; 0 leaves a part out.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg
import redis
from sqlalchemy import text

from tests.simulation.client import Connection, Shot
from tests.simulation.crews import Crews, account_of_work
from tests.simulation.load import machine
from tests.simulation.market import add_vendors, open_ride_tasks
from tests.simulation.stand import FIRST_WORK_SECONDS, Stand, drained, running_stand
from tests.simulation.traffic import Planners, account

RESUME_SECONDS = 60.0
DRAIN_SECONDS = 60.0
RETURN_SECONDS = 15.0
WEB_PROCESSES = 2
_RUNNING = text("SELECT id, lease_token FROM jobs WHERE state = 'running'")
_WAITING = text("SELECT count(*) FROM jobs WHERE state = 'queued'")
PAGES = (
    ("/desk/", "planner", "st-brigid"),
    ("/portal/", "vendor_admin", "harbor-rides"),
    ("/review/", "reviewer", "evergreen-health-plan"),
)
dice = random.Random(7)


def kill_web(stand: Stand, kills: int) -> dict[str, Any]:
    """Web processes under writes: each kill takes one fork, every fifth the whole server."""
    tasks = open_ride_tasks(stand, 60 + 40 * kills)
    gaps: list[float | None] = []
    with Planners(stand, tasks) as planners:
        planners.first_success_after(time.monotonic(), 30)
        for number in range(kills):
            time.sleep(dice.uniform(0.3, 1.5))
            moment = time.monotonic()
            _kill_a_server(stand, master=number % 5 == 4)
            gaps.append(planners.first_success_after(moment, 60))
            _wait_for_servers(stand)
    settled = drained(stand, DRAIN_SECONDS)
    found = account(stand, planners.told, tasks)
    return found | {
        "kills": kills,
        "gap_s": _spread(gaps),
        "drained_s": _rounded(settled),
        "kept": found["kept"] and settled is not None and None not in gaps,
    }


def kill_workers(stand: Stand, kills: int) -> dict[str, Any]:
    """Workers in mid job: whatever ran is taken up by another worker, and has its effect once."""
    complete = max(1, kills // 2)
    rides = 2 * kills + complete
    with Crews(stand, add_vendors(stand, 8), rides, complete) as crews:
        resumed = [_kill_in_mid_job(stand, crews) for _ in range(kills)]
    settled = drained(stand, 2 * DRAIN_SECONDS)
    found = account_of_work(stand, crews)
    return found | {
        "kills": kills,
        "resumed_s": _spread(resumed),
        "drained_s": _rounded(settled),
        "kept": found["kept"] and settled is not None and _all_within(resumed, RESUME_SECONDS),
    }


def lose_queue(stand: Stand, times: int) -> dict[str, Any]:
    """The queue emptied while it is full, killed, or silent for five seconds; bookings go on regardless."""
    tasks = open_ride_tasks(stand, 200 + 150 * times)
    vendors = add_vendors(stand, 4)
    drains: list[float | None] = []
    longest_gap = 0.0
    with Crews(stand, vendors, 4 * times, 0) as crews, Planners(stand, tasks) as planners:
        for number in range(times):
            moment = time.monotonic()
            _stop_workers(stand)
            for _ in range(4):
                crews.accept_one()
            time.sleep(2)
            (_wipe, _kill_queue, _silence_queue)[number % 3](stand)
            gap = planners.first_success_after(time.monotonic(), 30)
            longest_gap = max(longest_gap, gap if gap is not None else 30.0)
            _continue_workers(stand)
            drains.append(drained(stand, DRAIN_SECONDS))
            sys.stderr.write(f"queue lost: drained in {drains[-1]} s, {time.monotonic() - moment:.0f} s\n")
    settled = drained(stand, DRAIN_SECONDS)
    found, work = account(stand, planners.told, tasks), account_of_work(stand, crews)
    return found | {
        "times": times,
        "work": work,
        "longest_gap_s": round(longest_gap, 2),
        "drained_s": _spread([*drains, settled]),
        "kept": found["kept"] and work["kept"] and _all_within([*drains, settled], DRAIN_SECONDS),
    }


def kill_database(stand: Stand, kills: int) -> dict[str, Any]:
    """PostgreSQL's first process: refused with 503 meanwhile, and bookings again soon after its return."""
    tasks = open_ride_tasks(stand, 200 + 300 * kills)
    pages: Counter[int] = Counter()
    away: list[float | None] = []
    successes: list[float | None] = []
    with Planners(stand, tasks) as planners:
        for _ in range(kills):
            planners.first_success_after(time.monotonic(), 30)
            time.sleep(dice.uniform(0.5, 2.0))
            moment = time.monotonic()
            killed = stand.engine_pid("postgres")
            os.kill(killed, signal.SIGKILL)
            pages.update(_pages(stand))
            back = _database_back(stand, killed, 60)
            away.append(None if back is None else back - moment)
            successes.append(None if back is None else planners.first_success_after(back, 60))
    settled = drained(stand, DRAIN_SECONDS)
    found = account(stand, planners.told, tasks)
    return found | {
        "kills": kills,
        "away_s": _spread(away),
        "first_success_s": _spread(successes),
        "pages_meanwhile": dict(pages),
        "drained_s": _rounded(settled),
        "kept": found["kept"]
        and settled is not None
        and _all_within(successes, RETURN_SECONDS)
        and set(pages) <= {200, 503},
    }


PARTS: dict[str, tuple[Callable[[Stand, int], dict[str, Any]], int]] = {
    "web": (kill_web, 20),
    "worker": (kill_workers, 15),
    "queue": (lose_queue, 10),
    "database": (kill_database, 3),
}
"""Each part with its usual number of faults."""


def _kill_a_server(stand: Stand, *, master: bool) -> None:
    pids = stand.pids("serve")
    above = stand.master_of(pids)
    victim = above if master else dice.choice([pid for pid in pids if pid != above] or pids)
    os.kill(victim, signal.SIGKILL)


def _wait_for_servers(stand: Stand) -> None:
    deadline = time.monotonic() + 60
    while len(stand.pids("serve")) < WEB_PROCESSES + 1 and time.monotonic() < deadline:
        time.sleep(0.05)


def _kill_in_mid_job(stand: Stand, crews: Crews) -> float | None:
    """Kill the worker while it runs something; seconds until none of that waits for its dead owner."""
    deadline = time.monotonic() + 60
    running: dict[Any, Any] = {}
    while not running and time.monotonic() < deadline:
        crews.accept_one()
        for _ in range(200):
            running = _running(stand)
            if running:
                break
            time.sleep(0.005)
    if dice.random() < 0.5:
        time.sleep(dice.uniform(0, 1))
        running = _running(stand) or running
    moment = time.monotonic()
    for pid in stand.pids("worker"):
        os.kill(pid, signal.SIGKILL)
    while time.monotonic() < moment + 2 * RESUME_SECONDS:
        now = _running(stand)
        if not any(now.get(job) == token for job, token in running.items()) and stand.pids("worker"):
            return time.monotonic() - moment
        time.sleep(0.1)
    return None


def _running(stand: Stand) -> dict[Any, Any]:
    with stand.runtime.databases.engine("owner").connect() as connection:
        return {row.id: row.lease_token for row in connection.execute(_RUNNING)}


def _stop_workers(stand: Stand) -> None:
    for pid in stand.pids("worker"):
        os.kill(pid, signal.SIGSTOP)


def _continue_workers(stand: Stand) -> None:
    for pid in stand.pids("worker"):
        os.kill(pid, signal.SIGCONT)


def _wipe(stand: Stand) -> None:
    with redis.Redis.from_url(stand.runtime.settings.redis_url) as client:
        client.flushall()


def _kill_queue(stand: Stand) -> None:
    os.kill(stand.engine_pid("valkey-server"), signal.SIGKILL)


def _silence_queue(stand: Stand) -> None:
    """As if the network to it had gone: it takes connections, and answers nothing for five seconds."""
    pid = stand.engine_pid("valkey-server")
    os.kill(pid, signal.SIGSTOP)
    time.sleep(5)
    os.kill(pid, signal.SIGCONT)
    _wipe(stand)


def _pages(stand: Stand) -> list[int]:
    """What people's pages answer now: in order, or 503 with a moment to come back."""
    line, found = Connection(stand.base_url), []
    for path, role, organization in PAGES:
        headers = {"Authorization": f"Bearer {stand.token(role, organization)}", "Accept": "text/html"}
        status, _ = line.send(Shot("GET", path, headers))
        found.append(500 if status == 503 and "retry-after" not in line.headers else status)
    line.close()
    return found


def _database_back(stand: Stand, killed: int, within: float) -> float | None:
    """The moment (monotonic) at which a new server takes connections."""
    url = stand.runtime.databases.url("owner").replace("postgresql+psycopg://", "postgresql://")
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if stand.engine_pid("postgres") not in (0, killed):
            try:
                psycopg.connect(url, connect_timeout=2).close()
            except psycopg.OperationalError:
                pass
            else:
                return time.monotonic()
        time.sleep(0.05)
    return None


def _all_within(seconds: Sequence[float | None], limit: float) -> bool:
    return all(one is not None and one <= limit for one in seconds)


def _spread(seconds: Sequence[float | None]) -> dict[str, Any]:
    known = [one for one in seconds if one is not None]
    if not known:
        return {"never": len(seconds)}
    return {
        "median": round(statistics.median(known), 2),
        "longest": round(max(known), 2),
        "never": len(seconds) - len(known),
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


def main() -> int:
    """Run the parts, each on an installation of its own; 0 when every promise was kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, (part, usual) in PARTS.items():
        parser.add_argument(f"--{name}", type=int, default=usual, help=part.__doc__)
    given = vars(parser.parse_args())
    report: dict[str, Any] = {"machine": machine()}
    for name, (part, _) in PARTS.items():
        if given[name]:
            report[name] = _on_a_stand(part, given[name])
            sys.stderr.write(f"{name}: {json.dumps(report[name])}\n")
    report["load_average_after"] = machine()["load_average"]
    report["kept"] = all(report[name]["kept"] for name in PARTS if name in report)
    sys.stdout.write(json.dumps(report, indent=1) + "\n")
    return 0 if report["kept"] else 1


def _on_a_stand(part: Callable[[Stand, int], dict[str, Any]], times: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="homeward-fault-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with running_stand(Path(folder)) as stand:
            drained(stand, FIRST_WORK_SECONDS)
            began = time.monotonic()
            found = part(stand, times)
            verified = stand.verify()
    found["verify"] = {"ok": verified["ok"], "breaches": verified["breaches"][:5]}
    found["seconds"] = round(time.monotonic() - began)
    found["kept"] = bool(found["kept"] and verified["ok"])
    return found


if __name__ == "__main__":
    sys.exit(main())
