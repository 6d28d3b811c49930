"""The database keeps the ledger's promises even against code that would break them."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from billing.ledger import rules
from billing.ledger import service as ledger
from billing.ledger.models import LedgerEntry, LedgerPosting
from billing.ledger.rules import AccountKey
from billing.ledger.words import AccountKind, EntryKind
from marketplace.foundation.access import Actor, ActorKind, system_actor
from marketplace.foundation.ids import new_id
from marketplace.foundation.money import Money
from marketplace.foundation.work import Runtime, WorkSession, unit_of_work

PAYER, OTHER = new_id(), new_id()
DEPOSITS = AccountKey(AccountKind.PAYER_DEPOSITS, PAYER)


def deposited(session: WorkSession, cents: int, key: str = "one") -> bool:
    entry = rules.deposit_cleared(PAYER, Money(cents))
    return ledger.enter(session, entry, dedupe_key=key, subject_id=new_id())


def _enter_a_cent_too_many(session: WorkSession) -> None:
    deposited(session, 500_00)
    entry = session.scalars(select(LedgerEntry)).one()
    account = ledger.account_id(session, DEPOSITS)
    too_much = {"organization_id": PAYER, "amount_cents": 1, "currency": "USD"}
    session.add(LedgerPosting(entry_id=entry.id, account_id=account, **too_much))


def janitor(runtime: Runtime):  # type: ignore[no-untyped-def]  # noqa: ANN201
    return unit_of_work(runtime, system_actor(), "janitor")


def member_of(organization: UUID) -> Actor:
    return Actor(ActorKind.USER, new_id(), organization, "payer", frozenset({"reviewer"}), "Somebody")


def test_the_same_fact_is_entered_once(runtime: Runtime) -> None:
    for expected in (True, False):
        with janitor(runtime) as session:
            assert deposited(session, 500_00) is expected
    with janitor(runtime) as session:
        assert ledger.balance(session, DEPOSITS) == Money(-500_00)


def test_an_unbalanced_entry_cannot_be_committed(runtime: Runtime) -> None:
    with pytest.raises(DBAPIError, match="is not balanced"), janitor(runtime) as session:
        _enter_a_cent_too_many(session)
    with janitor(runtime) as session:
        assert session.scalars(select(LedgerEntry)).all() == []


def test_an_entry_without_postings_cannot_be_committed(runtime: Runtime) -> None:
    with pytest.raises(DBAPIError, match="is not balanced"), janitor(runtime) as session:
        session.add(
            LedgerEntry(
                kind=EntryKind.DEPOSIT_CLEARED, dedupe_key="x", subject_id=new_id(), happened_at=session.now()
            )
        )


@pytest.mark.parametrize("role", ["janitor", "owner"])
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ledger_postings SET amount_cents = amount_cents * 2",
        "DELETE FROM ledger_postings",
        "UPDATE ledger_entries SET kind = 'transfer_made'",
        "DELETE FROM ledger_entries",
    ],
)
def test_nobody_changes_or_removes_what_was_entered(runtime: Runtime, role: str, sql: str) -> None:
    with janitor(runtime) as session:
        deposited(session, 500_00)
    with pytest.raises(DBAPIError), unit_of_work(runtime, system_actor(), role) as session:
        session.execute(text(sql))
    with janitor(runtime) as session:
        assert ledger.balance(session, DEPOSITS) == Money(-500_00)


def test_an_organization_sees_its_own_postings_only_and_enters_none(runtime: Runtime) -> None:
    with janitor(runtime) as session:
        deposited(session, 500_00)
    with unit_of_work(runtime, member_of(PAYER)) as session:
        assert [posting.amount_cents for posting in session.scalars(select(LedgerPosting))] == [-500_00]
        assert ledger.balance(session, DEPOSITS) == Money(-500_00)
    with unit_of_work(runtime, member_of(OTHER)) as session:
        assert session.scalars(select(LedgerPosting)).all() == []
        assert session.scalars(select(LedgerEntry)).all() == []
    with pytest.raises(DBAPIError), unit_of_work(runtime, member_of(PAYER)) as session:
        deposited(session, 1, "two")


def test_locked_deposits_are_what_has_cleared(runtime: Runtime) -> None:
    with janitor(runtime) as session:
        assert ledger.lock_deposits(session, PAYER) == Money(0)
        deposited(session, 500_00)
        entry = rules.group_funded(PAYER, Money(120_00))
        ledger.enter(session, entry, dedupe_key="funded", subject_id=new_id())
        assert ledger.lock_deposits(session, PAYER) == Money(380_00)
