"""The chance of being late follows the plan's slack, the road, and patients who are not ready."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dispatch.board.risk import LONGEST_WAIT_SECONDS, Visit, play, played

HOUR, MINUTE = 3600, 60
PICKUP = Visit(
    drive_seconds=20 * MINUTE, earliest=10 * HOUR, planned_at=10 * HOUR, service_seconds=10 * MINUTE,
    late_after=10 * HOUR + 30 * MINUTE,
)  # fmt: skip


def test_a_vehicle_with_plenty_of_time_is_not_late() -> None:
    (risk,) = play([PICKUP], leaves_at=9 * HOUR, now=0, seed=1)
    assert (risk.late_percent, risk.expected_at, risk.tone) == (0, 10 * HOUR, "good")


def test_a_vehicle_that_leaves_too_late_is_almost_surely_late() -> None:
    (risk,) = play([PICKUP], leaves_at=10 * HOUR + 25 * MINUTE, now=0, seed=1)
    assert risk.late_percent == 100
    assert risk.tone == "bad"


def test_nothing_undone_happens_before_now() -> None:
    (risk,) = play([PICKUP], leaves_at=9 * HOUR, now=11 * HOUR, seed=1)
    assert risk.expected_at == 11 * HOUR
    assert risk.late_percent == 100


def test_half_of_the_drives_take_longer_than_usual() -> None:
    tight = replace(PICKUP, late_after=10 * HOUR, earliest=0)
    (risk,) = play([tight], leaves_at=9 * HOUR + 40 * MINUTE, now=0, seed=3)
    assert 40 <= risk.late_percent <= 60
    assert risk.tone in {"warn", "bad"}


def test_a_patient_who_is_not_ready_delays_who_comes_after() -> None:
    waiting = replace(PICKUP, ready_at=10 * HOUR)
    behind = Visit(
        drive_seconds=20 * MINUTE, earliest=0, planned_at=10 * HOUR + 30 * MINUTE, service_seconds=0,
        late_after=10 * HOUR + 38 * MINUTE,
    )  # fmt: skip
    punctual = play([PICKUP, behind], leaves_at=9 * HOUR, now=0, seed=5)
    delayed = play([waiting, behind], leaves_at=9 * HOUR, now=0, seed=5)
    assert delayed[0].unready_percent > 50
    assert punctual[1].late_percent < 20 < delayed[1].late_percent


def test_nobody_waits_longer_than_a_driver_may() -> None:
    never = replace(PICKUP, ready_at=20 * HOUR)
    after = Visit(0, 0, 0, 0)
    _, risk = play([never, after], leaves_at=9 * HOUR, now=0, seed=5)
    assert risk.expected_at == 10 * HOUR + LONGEST_WAIT_SECONDS + PICKUP.service_seconds


def test_what_is_done_is_past_all_risk() -> None:
    done = replace(PICKUP, done=True)
    (risk,) = play([done], leaves_at=9 * HOUR, now=15 * HOUR, seed=1)
    assert (risk.late_percent, risk.expected_at) == (0, PICKUP.planned_at)


def test_the_same_seed_plays_the_same_days() -> None:
    day = [replace(PICKUP, ready_at=10 * HOUR)] * 3
    assert play(day, 9 * HOUR, 0, 7) == play(day, 9 * HOUR, 0, 7)


_VISITS = st.builds(
    Visit,
    drive_seconds=st.integers(0, HOUR),
    earliest=st.integers(8 * HOUR, 18 * HOUR),
    planned_at=st.integers(8 * HOUR, 18 * HOUR),
    service_seconds=st.integers(0, HOUR),
    late_after=st.none() | st.integers(8 * HOUR, 18 * HOUR),
    ready_at=st.none() | st.integers(8 * HOUR, 18 * HOUR),
    done=st.booleans(),
)


@given(st.lists(_VISITS, max_size=6), st.integers(7 * HOUR, 10 * HOUR), st.integers(0, 20 * HOUR))
def test_a_kept_day_is_what_playing_it_would_find(visits: list[Visit], leaves_at: int, now: int) -> None:
    assert played(tuple(visits), leaves_at, now, 7) == tuple(play(visits, leaves_at, now, 7))
