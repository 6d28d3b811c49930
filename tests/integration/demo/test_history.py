"""History written in bulk keeps every promise, and the same seed tells it again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import text

from billing.settlement.double.server import running
from marketplace.demo.history.writing import Reach, compose_history, write_history
from marketplace.demo.making import EARLY, ZONE, beginning, ending, played_day, set_clock
from marketplace.foundation import audit
from marketplace.foundation.access import system_actor
from marketplace.foundation.ids import spoken_reference
from marketplace.foundation.service import Registry
from marketplace.foundation.work import Runtime, unit_of_work
from marketplace.foundation.world import World

SEED = 5
REACH = Reach(days=15, rides_per_day=4, deliveries_per_day=4, regulars=4)


@pytest.fixture
def world(runtime: Runtime, registry: Registry, tmp_path: Any) -> World:
    """The small demo's world up to its third floor, on a clean database."""
    made = World(runtime, SEED, played_day(datetime.now(ZONE).date()), ZONE)
    set_clock(runtime, beginning(made.day, "M"))
    with running(tmp_path):
        for service in registry.services:
            if service.demo is not None and service.rank < 4:
                service.demo(made)
    return made


def rows(runtime: Runtime, sql: str, **values: Any) -> Sequence[Any]:
    """What a query finds, as the verifier."""
    with unit_of_work(runtime, system_actor(), "verifier") as session:
        return session.execute(text(sql), values).all()


def test_history_keeps_every_promise_and_tells_a_whole_business(world: World) -> None:
    counted = write_history(world, REACH)
    runtime = world.runtime
    with unit_of_work(runtime, system_actor(), "verifier") as session:
        broken = [
            breach
            for invariant in runtime.registry.invariants  # type: ignore[attr-defined]
            for breach in invariant.breaches(session)
        ]
    assert broken == []
    states = dict(rows(runtime, "SELECT state, count(*) FROM bookings GROUP BY state"))
    assert states["completed"] == counted["completed"] + (1 if "duplicate_claim" in world.planted else 0)
    assert states["accepted"] == counted["regular_legs"] == 8
    claims = dict(rows(runtime, "SELECT state, count(*) FROM claims GROUP BY state"))
    assert claims["paid"] > 5
    paid = rows(
        runtime,
        "SELECT sum(t.amount_cents), (SELECT sum(approved_cents) FROM claims WHERE state = 'paid')"
        " FROM transfers t WHERE t.state = 'made'",
    )
    assert paid[0][0] == paid[0][1] > 0
    plans = rows(runtime, "SELECT region, state FROM plans")
    assert plans == [("portland", "stale")]


def test_what_is_written_after_history_joins_its_audit_chain(world: World) -> None:
    write_history(world, REACH)
    with unit_of_work(world.runtime, system_actor(), "relay") as session:
        assert audit.seal_pending(session, limit=100_000) > 0
    with unit_of_work(world.runtime, system_actor(), "verifier") as session:
        assert audit.broken_links(session) == []
        unsealed = text(
            "SELECT count(*) FROM audit_events e LEFT JOIN audit_seals s ON s.audit_event_id = e.id"
            " WHERE s.audit_event_id IS NULL"
        )
        assert session.scalar(unsealed) == 0


def test_the_same_seed_gives_the_same_history(world: World) -> None:
    first, counted = compose_history(world, REACH)
    again, counted_again = compose_history(world, REACH)
    assert counted == counted_again
    assert [event.id for event in first.stage.audited] == [event.id for event in again.stage.audited]
    assert first.rows.count() == again.rows.count() > 3_000


def test_planted_facts_are_in_the_tables_under_the_ids_that_the_card_names(world: World) -> None:
    write_history(world, REACH)
    planted = world.planted
    held = rows(world.runtime, "SELECT state FROM claims WHERE id = :id", id=planted["improper_claim"])
    assert [row.state for row in held] == ["held"]
    twice = rows(
        world.runtime,
        "SELECT c.sequence, c.findings->0->>'code' AS code, c.findings->0->>'text' AS text FROM claims c"
        " WHERE c.id = :id",
        id=planted["duplicate_claim"],
    )
    assert [(row.sequence, row.code) for row in twice] == [(2, "duplicate")]
    first = rows(world.runtime, "SELECT number FROM claims WHERE id = :id", id=planted["claimed_once"])
    assert spoken_reference("C", first[0].number) in twice[0].text


def test_the_large_day_begins_before_the_small_one_and_both_end_in_the_evening() -> None:
    day = played_day(date(2026, 11, 21))
    assert day.isoweekday() == 1
    assert beginning(day, "M") < beginning(day, "S") < ending(day)
    assert beginning(day, "M").astimezone(ZONE).timetuple()[3:5] == EARLY
