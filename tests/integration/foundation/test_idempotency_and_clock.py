"""A key gives the first answer again; business time is one row that only demo and tests may bend."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from marketplace.foundation import idempotency
from marketplace.foundation.access import Actor, system_actor
from marketplace.foundation.business_clock import advance_business_clock, set_business_clock
from marketplace.foundation.errors import Forbidden, IdempotencyMismatch, InvalidInput
from marketplace.foundation.idempotency import StoredAnswer
from marketplace.foundation.settings import Environment, Settings
from marketplace.foundation.work import Runtime, unit_of_work
from tests.integration.foundation.conftest import somebody

ANSWER = StoredAnswer(201, {"Location": "/x"}, b'{"id": 1}')
NOON = datetime(2026, 3, 4, 20, tzinfo=UTC)


def _kept(house: Runtime, actor: Actor, key: str = "k", digest: bytes = b"d") -> StoredAnswer | None:
    with unit_of_work(house, actor) as session:
        stored = idempotency.claim(session, key, digest)
        if stored is None:
            idempotency.keep(session, ANSWER)
        return stored


def test_the_second_request_gets_the_first_answer(house: Runtime) -> None:
    actor = somebody()
    assert _kept(house, actor) is None
    assert _kept(house, actor) == ANSWER


def test_a_rolled_back_request_leaves_its_key_free(house: Runtime) -> None:
    actor = somebody()
    with unit_of_work(house, actor) as session:
        idempotency.claim(session, "k", b"d")
        session.rollback()
    assert _kept(house, actor) is None


def test_the_same_key_with_another_request_is_refused(house: Runtime) -> None:
    actor = somebody()
    _kept(house, actor)
    with pytest.raises(IdempotencyMismatch):
        _kept(house, actor, digest=b"other")


def test_keys_of_different_people_never_meet(house: Runtime) -> None:
    first = somebody()
    assert _kept(house, first) is None
    assert _kept(house, somebody(first.organization())) is None


@pytest.mark.parametrize("key", ["", "x" * 201, "tab\there", "ümlaut"])
def test_an_unusable_key_is_named(house: Runtime, key: str) -> None:
    with pytest.raises(InvalidInput, match="Idempotency-Key"):
        _kept(house, somebody(), key)


def test_of_many_at_once_exactly_one_does_the_work(house: Runtime) -> None:
    actor, barrier, fresh = somebody(), threading.Barrier(8), []

    def attempt() -> None:
        barrier.wait()
        if _kept(house, actor) is None:
            fresh.append(1)

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(fresh) == 1


def test_all_processes_read_the_same_bent_clock(house: Runtime) -> None:
    with unit_of_work(house, system_actor(), "owner") as session:
        set_business_clock(session, house.settings, NOON, speed=0)
    for role in ("web", "planner", "janitor"):
        with unit_of_work(house, system_actor(), role) as session:
            assert session.now() == NOON
    with unit_of_work(house, system_actor(), "owner") as session:
        assert advance_business_clock(session, house.settings, timedelta(minutes=5)) == NOON + timedelta(
            minutes=5
        )


def test_production_never_bends_its_clock(house: Runtime) -> None:
    production = Settings(**{**vars(house.settings), "environment": Environment.PRODUCTION})
    with pytest.raises(Forbidden), unit_of_work(house, system_actor(), "owner") as session:
        set_business_clock(session, production, NOON)


@pytest.mark.parametrize(
    ("moment", "speed", "field"), [(NOON.replace(tzinfo=None), 1.0, "at"), (NOON, -1.0, "speed")]
)
def test_an_impossible_clock_is_refused_by_name(
    house: Runtime, moment: datetime, speed: float, field: str
) -> None:
    with pytest.raises(InvalidInput, match=field), unit_of_work(house, system_actor(), "owner") as session:
        set_business_clock(session, house.settings, moment, speed)
