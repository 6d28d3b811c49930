"""The audit chain shows every change; sealed fields open only where they were sealed."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from marketplace.foundation import audit
from marketplace.foundation.access import system_actor
from marketplace.foundation.crypto import (
    SealBroken,
    Vault,
    index_object,
    matching_objects,
)
from marketplace.foundation.plain_text import name_words, normalise
from marketplace.foundation.settings import Settings
from marketplace.foundation.work import Runtime, unit_of_work
from tests.integration.foundation.conftest import somebody


def _written(runtime: Runtime, count: int) -> None:
    actor = somebody()
    for number in range(count):
        with unit_of_work(runtime, actor) as session:
            audit.record(session, "things:made", "things", uuid4(), {"number": number})
    with unit_of_work(runtime, system_actor(), "relay") as session:
        assert audit.seal_pending(session) == count


def _broken(runtime: Runtime) -> list[str]:
    with unit_of_work(runtime, system_actor(), "verifier") as session:
        return audit.broken_links(session)


def _tamper(runtime: Runtime, statement: str) -> None:
    with runtime.databases.engine("owner").begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(statement))


def test_an_untouched_chain_is_whole(house: Runtime) -> None:
    _written(house, 5)
    assert _broken(house) == []


@pytest.mark.parametrize(
    "change",
    [
        "action = 'things:hidden'",
        "actor_name = 'Somebody Else'",
        "details = '{\"number\": 99}'",
        "happened_at = happened_at + interval '1 microsecond'",
        "organization_id = gen_random_uuid()",
        "object_id = NULL",
    ],
)
def test_whoever_changes_an_audit_row_breaks_its_link(house: Runtime, change: str) -> None:
    _written(house, 3)
    _tamper(house, f"UPDATE audit_events SET {change} WHERE details->>'number' = '1'")  # noqa: S608  our own text
    assert len(_broken(house)) == 1


def test_whoever_removes_a_link_is_found(house: Runtime) -> None:
    _written(house, 3)
    _tamper(house, "DELETE FROM audit_seals WHERE sequence = 2")
    assert len(_broken(house)) == 1


@pytest.mark.parametrize("role", ["web", "relay", "planner", "janitor"])
@pytest.mark.parametrize("statement", ["UPDATE audit_events SET action = 'x'", "DELETE FROM audit_events"])
def test_no_role_of_the_product_can_touch_the_past(house: Runtime, role: str, statement: str) -> None:
    _written(house, 1)
    with pytest.raises(ProgrammingError), unit_of_work(house, system_actor(uuid4()), role) as session:
        session.execute(text(statement))


def test_one_tenant_sees_nothing_of_anothers_audit(house: Runtime) -> None:
    _written(house, 2)
    with unit_of_work(house, somebody()) as session:
        assert session.scalar(text("SELECT count(*) FROM audit_events")) == 0


def test_without_an_organization_there_are_no_rows(house: Runtime) -> None:
    _written(house, 1)
    with unit_of_work(house) as session:
        assert session.scalar(text("SELECT count(*) FROM audit_events")) == 0


def test_a_sealed_value_opens_only_in_its_own_place_row_and_tenant(house: Runtime) -> None:
    actor, row = somebody(), uuid4()
    organization, vault = actor.organization(), house.vault
    with unit_of_work(house, actor) as session:
        sealed = vault.seal(session, organization, "patients.name", row, "Rosa Alvarez")
        assert b"Alvarez" not in sealed
        assert vault.open(session, organization, "patients.name", row, sealed) == "Rosa Alvarez"
        for place, other, tenant in (
            ("patients.phone", row, organization),
            ("patients.name", uuid4(), organization),
            ("patients.name", row, uuid4()),
        ):
            with pytest.raises(SealBroken):
                vault.open(session, tenant, place, other, sealed)
        flipped = sealed[:-1] + bytes([sealed[-1] ^ 1])
        with pytest.raises(SealBroken):
            vault.open(session, organization, "patients.name", row, flipped)


def test_after_rotation_old_values_open_and_new_ones_are_under_the_new_key(house: Runtime) -> None:
    actor, row = somebody(), uuid4()
    organization = actor.organization()
    with unit_of_work(house, actor) as session:
        sealed = house.vault.seal(session, organization, "a.b", row, "before")
    old = house.settings
    values = {**vars(old), "encryption_keys": (("new", b"n" * 32), *old.encryption_keys)}
    rotated = Vault(Settings(**values))
    with unit_of_work(house, actor) as session:
        assert rotated.rotate(session) == 1
    only_new = Vault(Settings(**{**values, "encryption_keys": (("new", b"n" * 32),)}))
    with unit_of_work(house, actor) as session:
        assert only_new.open(session, organization, "a.b", row, sealed) == "before"


def test_search_finds_by_beginning_and_never_across_tenants(house: Runtime) -> None:
    actor, thing = somebody(), uuid4()
    organization, vault = actor.organization(), house.vault
    with unit_of_work(house, actor) as session:
        index_object(
            session, vault, organization, "patients", thing, {"name": name_words("Rosa Núñez Alvarez")}
        )
    with unit_of_work(house, actor) as session:

        def found(*words: str) -> list[object]:
            texts = [normalise(word) for word in words]
            return list(matching_objects(session, vault, organization, "patients", "name", texts))

        assert found("alv", "nunez") == [thing]
        assert found("ALVAREZ") == [thing]
        assert found("alvarado") == []
    with unit_of_work(house, somebody()) as session:
        assert matching_objects(session, vault, organization, "patients", "name", ["alvarez"]) == []
