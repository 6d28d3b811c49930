"""The demo's cast: the same for the same seed, everybody signs in, every role is there."""

from __future__ import annotations

import dataclasses
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from marketplace.foundation.access import NOBODY
from marketplace.foundation.errors import Forbidden
from marketplace.foundation.settings import Environment
from marketplace.foundation.work import Runtime, unit_of_work
from marketplace.foundation.world import World
from marketplace.identity import clients, demo, signing_in
from marketplace.identity.sessions import Device
from marketplace.identity.signing_in import Outcome
from marketplace.identity.words import ROLE_LABELS


def world(runtime: Runtime, seed: int = 7) -> World:
    return World(runtime, seed, date(2026, 3, 2), ZoneInfo("America/Los_Angeles"))


def test_everybody_shown_signs_in_by_password_and_by_token(runtime: Runtime) -> None:
    made = world(runtime)
    demo.demo(made)
    assert {person.role for person in made.sign_ins} == set(ROLE_LABELS)
    assert len({person.token for person in made.sign_ins}) == len(made.sign_ins) == 46
    planner = next(person for person in made.sign_ins if person.role == "planner")
    with unit_of_work(runtime, NOBODY) as session:
        result = signing_in.sign_in(session, planner.email, planner.password, Device())
    assert result.outcome is Outcome.SIGNED_IN
    for person in made.sign_ins:
        with unit_of_work(runtime, NOBODY) as session:
            actor = clients.actor_for_token(session, person.token)
        assert actor.roles == {person.role}
        assert actor.organization_id == made.things["organizations"][person.organization]


def test_ids_names_passwords_and_tokens_follow_from_the_seed(runtime: Runtime) -> None:
    made = world(runtime)
    demo.demo(made)
    again = world(runtime)
    assert demo.demo_password(again) == made.sign_ins[0].password
    assert again.id("organization:st-brigid") == made.things["organizations"]["st-brigid"]
    assert demo.demo_password(world(runtime, seed=8)) != made.sign_ins[0].password
    assert len(made.things["users"]["harbor-rides"]["driver"]) == 12
    assert len(made.things["users"]["clearair-oxygen"]["technician"]) == 5


def test_the_sign_in_page_finds_them_and_production_does_not(runtime: Runtime) -> None:
    made = world(runtime)
    demo.demo(made)
    strict = dataclasses.replace(runtime.settings, environment=Environment.PRODUCTION)
    production = Runtime(strict, runtime.databases, runtime.vault, runtime.registry)
    with unit_of_work(runtime, NOBODY) as session:
        listed = demo.demo_sign_ins(session)
        assert listed[0].organization_slug == "st-brigid"
        assert {person.email for person in listed} == {person.email for person in made.sign_ins}
    with unit_of_work(production, NOBODY) as session:
        assert demo.demo_sign_ins(session) == []
    with pytest.raises(Forbidden):
        demo.demo(world(production))
