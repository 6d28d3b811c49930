"""Every promise of `homeward verify`: kept in the lived-in world, and named when somebody breaks it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from marketplace.cli.database import check_promises
from marketplace.foundation.access import system_actor
from marketplace.foundation.settings import Environment
from marketplace.foundation.work import Runtime, WorkSession
from tests.integration.verify.plants import PLANTS
from tests.support.lived_in import LivedIn


def test_a_day_that_was_lived_keeps_every_promise(lived_in_world: LivedIn) -> None:
    found = check_promises(lived_in_world.runtime)

    assert {name: breaches for name, breaches in found.items() if breaches} == {}


def test_every_promise_has_a_planted_breach(lived_in_world: LivedIn) -> None:
    promised = [invariant.name for invariant in lived_in_world.runtime.registry.invariants]

    assert sorted(promised) == sorted(PLANTS)


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_breach_is_named(lived_in_world: LivedIn, name: str) -> None:
    runtime = lived_in_world.runtime
    invariant = next(one for one in runtime.registry.invariants if one.name == name)
    ids = {
        "ride": lived_in_world.things["ride_booking"],
        "oxygen": lived_in_world.things["oxygen_booking"],
        "hospital": lived_in_world.world.things["organizations"]["st-brigid"],
        "stranger": lived_in_world.one("SELECT id FROM organizations WHERE slug = 'other-health'"),
    }
    if name == "no-demo-in-production":
        runtime = Runtime(
            replace(runtime.settings, environment=Environment.PRODUCTION),
            runtime.databases, runtime.vault, runtime.registry,
        )  # fmt: skip
    with WorkSession(runtime, system_actor(), "owner") as session:
        assert name == "no-demo-in-production" or invariant.breaches(session) == []
        session.execute(text("SET LOCAL session_replication_role = replica"))  # no triggers, no foreign keys
        for statement in PLANTS[name]:
            wanted = {key: value for key, value in ids.items() if f":{key}" in statement}
            session.execute(text(statement), wanted)
        named = invariant.breaches(session)
        session.rollback()

    assert named
    assert {breach.invariant for breach in named} == {name}
    assert all(breach.object_id and breach.detail for breach in named)
