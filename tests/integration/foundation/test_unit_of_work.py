"""What waits for a transaction's end goes with it; a connection that is used again knows nobody and lives."""

from __future__ import annotations

import time
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from marketplace.foundation import audit
from marketplace.foundation.access import NOBODY, system_actor
from marketplace.foundation.audit import AuditEvent
from marketplace.foundation.db.engines import TRUSTED_SECONDS, Databases
from marketplace.foundation.work import Runtime, unit_of_work
from tests.integration.foundation.conftest import somebody


def noted(house: Runtime) -> dict[str, UUID | None]:
    """The actions in the audit table, each with whose it is."""
    with unit_of_work(house, system_actor(), "verifier") as session:
        return {row.action: row.organization_id for row in session.scalars(select(AuditEvent))}


def test_notes_are_written_at_the_end_and_not_before(house: Runtime) -> None:
    with unit_of_work(house, somebody()) as session:
        audit.record(session, "things:made", "things", None)
        audit.record(session, "things:seen", "things", None)
        assert session.scalar(text("SELECT count(*) FROM audit_events")) == 0

    assert set(noted(house)) == {"things:made", "things:seen"}


def test_what_is_undone_was_not_noted(house: Runtime) -> None:
    with unit_of_work(house, somebody()) as session:
        audit.record(session, "things:undone", "things", None)
        session.undo()
        audit.record(session, "things:done", "things", None)

    assert set(noted(house)) == {"things:done"}


def test_a_savepoint_takes_its_notes_along_and_leaves_those_before(house: Runtime) -> None:
    with unit_of_work(house, somebody()) as session:
        audit.record(session, "things:before", "things", None)
        inner = session.begin_nested()
        audit.record(session, "things:within", "things", None)
        inner.rollback()
        audit.record(session, "things:after", "things", None)

    assert set(noted(house)) == {"things:before", "things:after"}


def test_each_note_is_its_own_actors(house: Runtime) -> None:
    first, second = somebody(), somebody()
    with unit_of_work(house, first) as session:
        audit.record(session, "things:first", "things", None)
        session.act_as(second)
        audit.record(session, "things:second", "things", None)

    assert noted(house) == {
        "things:first": first.organization_id,
        "things:second": second.organization_id,
    }


@pytest.fixture
def narrow(house: Runtime) -> Iterator[Runtime]:
    """The house with a single connection to each role, so that every transaction uses the last one's."""
    databases = Databases(house.settings, pool_size=1, max_overflow=0)
    yield Runtime(house.settings, databases, house.vault, house.registry)
    databases.dispose()


def test_a_connection_that_is_used_again_acts_for_nobody(narrow: Runtime) -> None:
    house, actor = narrow, somebody()
    with unit_of_work(house, actor) as session:
        audit.record(session, "things:made", "things", uuid4())
        backend = session.scalar(text("SELECT pg_backend_pid()"))
    with unit_of_work(house, actor) as session:
        assert session.scalar(text("SELECT count(*) FROM audit_events")) == 1

    with unit_of_work(house, NOBODY) as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) == backend, "the pool gives another connection"
        assert session.scalar(text("SELECT count(*) FROM audit_events")) == 0


def test_a_connection_that_died_while_it_rested_is_replaced_unnoticed(narrow: Runtime) -> None:
    house = narrow
    with unit_of_work(house, somebody()) as session:
        backend = session.scalar(text("SELECT pg_backend_pid()"))
    with house.databases.engine("owner").connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:backend)"), {"backend": backend})
    time.sleep(TRUSTED_SECONDS + 0.1)

    with unit_of_work(house, somebody()) as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) != backend
