"""One kill of each kind at a whole installation under load; `make fault` does the same many times."""

from __future__ import annotations

import pytest

from tests.simulation import fault
from tests.simulation.stand import Stand

pytestmark = [pytest.mark.engines, pytest.mark.slow]


def test_a_killed_web_process_loses_and_doubles_no_acknowledged_booking(stand: Stand) -> None:
    found = fault.kill_web(stand, 1)
    assert found["kept"], found


def test_bookings_go_on_while_the_queue_is_emptied_and_its_work_is_done_all_the_same(stand: Stand) -> None:
    found = fault.lose_queue(stand, 1)
    assert found["kept"], found


def test_after_a_killed_database_bookings_go_on_without_a_restart(stand: Stand) -> None:
    found = fault.kill_database(stand, 1)
    assert found["kept"], found


def test_what_a_killed_worker_was_at_is_done_once_by_the_next(stand: Stand) -> None:
    found = fault.kill_workers(stand, 1)
    assert found["kept"], found


def test_after_all_of_this_every_promise_holds(stand: Stand) -> None:
    assert stand.verify()["breaches"] == []
