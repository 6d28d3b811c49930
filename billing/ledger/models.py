"""Tables of the ledger: accounts, payable groups, entries and their postings, all only ever added to."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from billing.ledger.words import AccountKind, EntryKind, GroupPurpose
from marketplace.foundation.clock import machine_now
from marketplace.foundation.db.base import Base, Identified
from marketplace.foundation.db.security import owned_by, protect
from marketplace.foundation.db.types import Words


class LedgerAccount(Identified, Base):
    """An account: its kind, whose it is, and its currency."""

    __tablename__ = "ledger_accounts"
    __table_args__ = (
        UniqueConstraint("kind", "organization_id", "currency", postgresql_nulls_not_distinct=True),
        CheckConstraint("length(currency) = 3", name="currency_code"),
    )

    kind: Mapped[AccountKind] = mapped_column(Words(AccountKind))
    organization_id: Mapped[UUID | None]
    """None for the platform's own accounts."""
    currency: Mapped[str] = mapped_column(Text)


class PayableGroup(Identified, Base):
    """What one transfer (or one reversal) settles: an amount owed to a vendor for one claim or one fee."""

    __tablename__ = "payable_groups"
    __table_args__ = (
        UniqueConstraint("claim_id", "sequence"),
        UniqueConstraint("charge_id"),
        CheckConstraint("num_nonnulls(claim_id, charge_id) = 1", name="one_cause"),
        CheckConstraint("amount_cents > 0", name="positive"),
        CheckConstraint("fee_cents >= 0 AND fee_cents <= amount_cents", name="fee_within_amount"),
        Index(None, "payer_organization_id", "id"),
        Index(None, "vendor_organization_id", "id"),
    )

    claim_id: Mapped[UUID | None]
    charge_id: Mapped[UUID | None]
    """The charge of a fee; then there is no claim."""
    sequence: Mapped[int]
    """1 for the first payment of a claim; corrections count on."""
    purpose: Mapped[GroupPurpose] = mapped_column(Words(GroupPurpose))
    payer_organization_id: Mapped[UUID]
    vendor_organization_id: Mapped[UUID]
    amount_cents: Mapped[int]
    """What the payer owes, fee included."""
    fee_cents: Mapped[int]
    currency: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    """Business time."""

    @property
    def vendor_cents(self) -> int:
        """What the vendor is to receive."""
        return self.amount_cents - self.fee_cents


class LedgerEntry(Identified, Base):
    """One business fact in the ledger; `dedupe_key` lets it be entered only once."""

    __tablename__ = "ledger_entries"
    __table_args__ = (UniqueConstraint("dedupe_key"), Index(None, "subject_id"), Index(None, "group_id"))

    kind: Mapped[EntryKind] = mapped_column(Words(EntryKind))
    dedupe_key: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    """The deposit, claim or transfer this is about."""
    group_id: Mapped[UUID | None] = mapped_column(ForeignKey("payable_groups.id"))
    happened_at: Mapped[datetime]
    """Business time."""
    recorded_at: Mapped[datetime] = mapped_column(default=machine_now)

    postings: Mapped[list[LedgerPosting]] = relationship(back_populates="entry", order_by="LedgerPosting.id")


class LedgerPosting(Identified, Base):
    """One side of an entry: positive cents debit its account, negative cents credit it."""

    __tablename__ = "ledger_postings"
    __table_args__ = (
        CheckConstraint("amount_cents <> 0", name="not_zero"),
        Index(None, "entry_id"),
        Index(None, "account_id", postgresql_include=["amount_cents"]),
        Index(None, "organization_id", "id"),
    )

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_entries.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_accounts.id"))
    organization_id: Mapped[UUID | None]
    """Whose account it is, copied for row security."""
    amount_cents: Mapped[int]
    currency: Mapped[str] = mapped_column(Text)

    entry: Mapped[LedgerEntry] = relationship(back_populates="postings")
    account: Mapped[LedgerAccount] = relationship()


_ENTRY_IS_MINE = (
    "EXISTS (SELECT 1 FROM ledger_postings p WHERE p.entry_id = ledger_entries.id"
    " AND p.organization_id = homeward_organization())"
)
_ADD = {"janitor": "SELECT, INSERT"}

BALANCE_CHECK = (
    """CREATE OR REPLACE FUNCTION ledger_entry_must_balance() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE entry uuid;
    BEGIN
      IF TG_TABLE_NAME = 'ledger_postings' THEN entry := NEW.entry_id; ELSE entry := NEW.id; END IF;
      IF (SELECT count(*) FROM ledger_postings WHERE entry_id = entry) < 2 OR EXISTS (
        SELECT 1 FROM ledger_postings WHERE entry_id = entry GROUP BY currency HAVING sum(amount_cents) <> 0)
      THEN RAISE EXCEPTION 'ledger entry % is not balanced', entry USING ERRCODE = '23514'; END IF;
      RETURN NULL;
    END $$""",
    "DROP TRIGGER IF EXISTS ledger_postings_balance ON ledger_postings",
    """CREATE CONSTRAINT TRIGGER ledger_postings_balance AFTER INSERT ON ledger_postings
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_entry_must_balance()""",
    "DROP TRIGGER IF EXISTS ledger_entries_balance ON ledger_entries",
    """CREATE CONSTRAINT TRIGGER ledger_entries_balance AFTER INSERT ON ledger_entries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_entry_must_balance()""",
)
"""The database refuses to commit an entry whose postings do not sum to zero in each currency."""

protect(
    LedgerAccount, owned_by("organization_id"), verbs="SELECT", grants={"janitor": "SELECT, INSERT, UPDATE"}
)
protect(
    PayableGroup,
    owned_by("payer_organization_id", "vendor_organization_id"),
    verbs="SELECT",
    append_only=True,
    insert="false",
    grants=_ADD,
)
protect(LedgerEntry, _ENTRY_IS_MINE, append_only=True, insert="false", grants=_ADD)
protect(
    LedgerPosting,
    owned_by("organization_id"),
    append_only=True,
    insert="false",
    grants=_ADD,
    extra=BALANCE_CHECK,
)
