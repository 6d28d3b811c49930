"""Tables of settlement: payout accounts, deposits, transfers with their intent, events Stripe has sent."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from billing.settlement.words import (
    DEPOSIT_MOVES,
    PAYOUT_ACCOUNT_MOVES,
    TRANSFER_MOVES,
    DepositState,
    FundingMethod,
    PayoutAccountState,
    TransferState,
)
from marketplace.foundation.clock import machine_now
from marketplace.foundation.db import Base, Identified, Revised, Words, owned_by, protect
from marketplace.foundation.ids import spoken_reference
from marketplace.foundation.money import Money
from marketplace.foundation.state import StateChange
from marketplace.foundation.transitions import StateTable

_FULL = {"janitor": "SELECT, INSERT, UPDATE"}


class PayoutAccountChange(StateChange, Base):
    """A move of a payout account's state."""

    __tablename__ = "payout_account_changes"

    subject_id: Mapped[UUID] = mapped_column(ForeignKey("payout_accounts.id"), index=True)


class PayoutAccount(Identified, Revised, Base):
    """A vendor's connected account at Stripe, into which it is paid."""

    __tablename__ = "payout_accounts"
    __table_args__ = (UniqueConstraint("vendor_organization_id"), UniqueConstraint("stripe_account_id"))
    __states__: ClassVar = StateTable("payout account", PAYOUT_ACCOUNT_MOVES)
    __history__: ClassVar = PayoutAccountChange

    vendor_organization_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(Text, default="")
    stripe_account_id: Mapped[str | None] = mapped_column(Text)
    state: Mapped[PayoutAccountState] = mapped_column(
        Words(PayoutAccountState), default=PayoutAccountState.REQUESTED
    )
    created_at: Mapped[datetime]
    """Business time."""


class DepositChange(StateChange, Base):
    """A move of a deposit's state."""

    __tablename__ = "deposit_changes"

    subject_id: Mapped[UUID] = mapped_column(ForeignKey("deposits.id"), index=True)


class Deposit(Identified, Revised, Base):
    """Money a payer leaves with the platform to pay claims from."""

    __tablename__ = "deposits"
    __table_args__ = (
        UniqueConstraint("payment_intent_id"),
        CheckConstraint("amount_cents > 0", name="positive"),
        Index(None, "payer_organization_id", "id"),
        Index("ix_deposits_open", "asked_at", postgresql_where="state NOT IN ('cleared', 'failed')"),
    )
    __states__: ClassVar = StateTable("deposit", DEPOSIT_MOVES)
    __history__: ClassVar = DepositChange

    number: Mapped[int] = mapped_column(Identity(), unique=True)
    payer_organization_id: Mapped[UUID]
    amount_cents: Mapped[int]
    currency: Mapped[str] = mapped_column(Text)
    method: Mapped[FundingMethod] = mapped_column(Words(FundingMethod))
    state: Mapped[DepositState] = mapped_column(Words(DepositState), default=DepositState.INTENDED)
    idempotency_key: Mapped[str] = mapped_column(Text)
    payment_intent_id: Mapped[str | None] = mapped_column(Text)
    first_asked_at: Mapped[datetime | None]
    """Machine time; Stripe keeps an idempotency key for a day from here."""
    asked_at: Mapped[datetime | None]
    """Machine time of the last question to Stripe."""
    trouble: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    """Business time."""
    cleared_at: Mapped[datetime | None]
    """Business time."""

    @property
    def reference(self) -> str:
        """How people name it."""
        return spoken_reference("D", self.number)

    @property
    def amount(self) -> Money:
        """The amount as money."""
        return Money(self.amount_cents, self.currency)


class TransferChange(StateChange, Base):
    """A move of a transfer's state."""

    __tablename__ = "transfer_changes"

    subject_id: Mapped[UUID] = mapped_column(ForeignKey("transfers.id"), index=True)


class Transfer(Identified, Revised, Base):
    """One attempt to pay a payable group to its vendor; at most one of a group's attempts is live."""

    __tablename__ = "transfers"
    __table_args__ = (
        UniqueConstraint("idempotency_key"),
        UniqueConstraint("stripe_transfer_id"),
        UniqueConstraint("group_id", "attempt"),
        CheckConstraint("amount_cents > 0", name="positive"),
        CheckConstraint("reversed_cents BETWEEN 0 AND amount_cents", name="reversed_within_amount"),
        Index(
            "uq_transfers_live",
            "group_id",
            unique=True,
            postgresql_where="state IN ('intended', 'unknown', 'made')",
        ),
        Index("ix_transfers_unresolved", "asked_at", postgresql_where="state IN ('intended', 'unknown')"),
        Index(None, "vendor_organization_id", "id"),
        Index(None, "payer_organization_id", "id"),
    )
    __states__: ClassVar = StateTable("transfer", TRANSFER_MOVES)
    __history__: ClassVar = TransferChange

    number: Mapped[int] = mapped_column(Identity(), unique=True)
    group_id: Mapped[UUID] = mapped_column(ForeignKey("payable_groups.id"))
    claim_id: Mapped[UUID | None]
    charge_id: Mapped[UUID | None]
    """The charge of a fee that it pays; then there is no claim."""
    attempt: Mapped[int]
    """1 for the first; a new attempt follows only after one that failed for good."""
    vendor_organization_id: Mapped[UUID]
    payer_organization_id: Mapped[UUID]
    amount_cents: Mapped[int]
    """What the vendor receives: the platform's fee and what is kept back for missed work deducted."""
    currency: Mapped[str] = mapped_column(Text)
    destination: Mapped[str] = mapped_column(Text)
    """The vendor's account at Stripe when the intent was written."""
    state: Mapped[TransferState] = mapped_column(Words(TransferState), default=TransferState.INTENDED)
    idempotency_key: Mapped[str] = mapped_column(Text)
    stripe_transfer_id: Mapped[str | None] = mapped_column(Text)
    reversed_cents: Mapped[int] = mapped_column(default=0)
    failure_code: Mapped[str] = mapped_column(Text, default="")
    trouble: Mapped[str] = mapped_column(Text, default="")
    intended_at: Mapped[datetime]
    """Business time."""
    written_at: Mapped[datetime] = mapped_column(default=machine_now)
    """Machine time."""
    refused_at: Mapped[datetime | None]
    """Machine time at which Stripe refused it for good."""
    first_asked_at: Mapped[datetime | None]
    """Machine time; Stripe keeps an idempotency key for a day from here."""
    asked_at: Mapped[datetime | None]
    """Machine time of the last question to Stripe."""
    resolved_at: Mapped[datetime | None]
    """Business time."""

    @property
    def reference(self) -> str:
        """How people name it."""
        return spoken_reference("T", self.number)

    @property
    def amount(self) -> Money:
        """The amount as money."""
        return Money(self.amount_cents, self.currency)

    @property
    def transfer_group(self) -> str:
        """The group's name at Stripe."""
        return f"payable_{self.group_id}"


class TransferRetry(Identified, Base):
    """Somebody has looked at a payment that was refused too often, and lets it be tried again."""

    __tablename__ = "transfer_retries"
    __table_args__ = (
        UniqueConstraint("group_id", "after_attempt"),
        CheckConstraint("after_attempt > 0", name="after_something"),
    )

    group_id: Mapped[UUID] = mapped_column(ForeignKey("payable_groups.id"))
    after_attempt: Mapped[int]
    """How many attempts had failed by then."""
    payer_organization_id: Mapped[UUID]
    vendor_organization_id: Mapped[UUID]
    asked_by: Mapped[str] = mapped_column(Text)
    """The name of who pressed the button."""
    asked_at: Mapped[datetime]
    """Business time."""
    recorded_at: Mapped[datetime] = mapped_column(default=machine_now)


class StripeEvent(Base):
    """An event of Stripe that has been handled; handling it again does nothing."""

    __tablename__ = "stripe_events"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    type: Mapped[str] = mapped_column(Text)
    object_id: Mapped[str] = mapped_column(Text)
    handled_at: Mapped[datetime] = mapped_column(default=machine_now)


protect(PayoutAccount, owned_by("vendor_organization_id"), grants=_FULL)
protect(
    PayoutAccountChange,
    "EXISTS (SELECT 1 FROM payout_accounts a WHERE a.id = subject_id"
    " AND a.vendor_organization_id = homeward_organization())",
    append_only=True,
    grants={"janitor": "SELECT, INSERT"},
)
protect(Deposit, owned_by("payer_organization_id"), verbs="SELECT, INSERT", grants=_FULL)
protect(
    DepositChange,
    "EXISTS (SELECT 1 FROM deposits d WHERE d.id = subject_id"
    " AND d.payer_organization_id = homeward_organization())",
    append_only=True,
    grants={"janitor": "SELECT, INSERT"},
)
protect(Transfer, owned_by("vendor_organization_id", "payer_organization_id"), verbs="SELECT", grants=_FULL)
protect(
    TransferChange,
    "EXISTS (SELECT 1 FROM transfers t WHERE t.id = subject_id"
    " AND homeward_organization() IN (t.vendor_organization_id, t.payer_organization_id))",
    insert="false",
    append_only=True,
    grants={"janitor": "SELECT, INSERT"},
)
protect(
    TransferRetry,
    owned_by("vendor_organization_id", "payer_organization_id"),
    append_only=True,
    grants={"janitor": "SELECT"},
)
protect(StripeEvent, "false", verbs="SELECT", grants={"janitor": "SELECT, INSERT"})
