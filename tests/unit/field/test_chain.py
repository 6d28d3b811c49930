"""A chain of field events that was tampered with anywhere names the first broken event."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from dispatch.field.chain import GENESIS, Link, content_digest, first_broken, link_hash

BOOKING, AWARD, DRIVER, VAN = uuid4(), uuid4(), uuid4(), uuid4()
MORNING = datetime(2026, 3, 4, 17, tzinfo=UTC)


def chain(length: int) -> list[tuple[Link, bytes]]:
    previous, made = GENESIS, []
    for number in range(1, length + 1):
        moment = MORNING + timedelta(minutes=number)
        link = Link(
            BOOKING, AWARD, number, f"step {number}", moment, 45.5, -122.6, DRIVER, VAN, {"n": number}
        )
        previous = link_hash(previous, link)
        made.append((link, previous))
    return made


def test_an_untouched_chain_is_whole() -> None:
    assert first_broken(chain(5)) is None


@pytest.mark.parametrize("position", range(5))
@pytest.mark.parametrize(
    "change",
    [
        {"status": "completed"},
        {"occurred_at": MORNING},
        {"latitude": 45.50001},
        {"actor_user_id": None},
        {"vehicle_id": uuid4()},
        {"facts": {"n": 99}},
        {"award_id": uuid4()},
    ],
)
def test_a_changed_event_is_named(position: int, change: dict[str, object]) -> None:
    events = chain(5)
    link, stored = events[position]
    events[position] = (replace(link, **change), stored)  # type: ignore[arg-type]
    assert first_broken(events) == position + 1


def test_a_dropped_event_is_named() -> None:
    events = chain(5)
    del events[2]
    assert first_broken(events) == 4


def test_swapped_events_are_named() -> None:
    events = chain(5)
    events[1], events[2] = events[2], events[1]
    assert first_broken(events) == 3


def test_the_digest_of_a_paper_covers_what_is_private_too() -> None:
    assert content_digest({"a": 1}, {"name": "X"}) != content_digest({"a": 1}, {"name": "Y"})
