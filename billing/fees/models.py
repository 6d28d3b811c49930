"""Tables of fees: the charge of each cancellation fee, and what was kept back from payments for one."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from billing.fees.words import CHARGE_MOVES, ChargeState
from marketplace.foundation.db import Base, Identified, Revised, Words, owned_by, protect
from marketplace.foundation.money import Money
from marketplace.foundation.state import StateChange
from marketplace.foundation.transitions import StateTable
from vendors.cancellations import models as _fees  # noqa: F401  a table that charges refer to
from vendors.cancellations.rules import Debtor


class FeeChargeChange(StateChange, Base):
    """A move of a charge's state."""

    __tablename__ = "fee_charge_changes"

    subject_id: Mapped[UUID] = mapped_column(ForeignKey("fee_charges.id"), index=True)


class FeeCharge(Identified, Revised, Base):
    """A cancellation fee in the ledger: owed by one of the two sides of the contract, by nobody else."""

    __tablename__ = "fee_charges"
    __table_args__ = (
        UniqueConstraint("fee_id"),
        CheckConstraint("cents > 0", name="something"),
        CheckConstraint("debtor <> 'nobody'", name="owed"),
        CheckConstraint("(state = 'settled') = (settled_at IS NOT NULL)", name="settled"),
        Index(None, "organization_id", "id"),
        Index(None, "vendor_organization_id", "id"),
        Index("ix_fee_charges_open", "debtor", "due_at", postgresql_where="state = 'owed'"),
    )
    __states__: ClassVar = StateTable("fee", CHARGE_MOVES)
    __history__: ClassVar = FeeChargeChange

    fee_id: Mapped[UUID] = mapped_column(ForeignKey("cancellation_fees.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    """The health system."""
    vendor_organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    debtor: Mapped[Debtor] = mapped_column(Words(Debtor))
    cents: Mapped[int]
    currency: Mapped[str] = mapped_column(Text)
    state: Mapped[ChargeState] = mapped_column(Words(ChargeState), default=ChargeState.OWED)
    created_at: Mapped[datetime]
    """Business time."""
    due_at: Mapped[datetime]
    """Business time before which it is not settled, so that it can be waived."""
    settled_at: Mapped[datetime | None]
    """Business time."""

    @property
    def amount(self) -> Money:
        """The amount as money."""
        return Money(self.cents, self.currency)


class FeeNetting(Identified, Base):
    """By what a transfer to a vendor was made smaller for a penalty; counts unless that transfer failed."""

    __tablename__ = "fee_nettings"
    __table_args__ = (
        UniqueConstraint("transfer_id", "charge_id"),
        CheckConstraint("cents > 0", name="something"),
        Index(None, "charge_id"),
    )

    charge_id: Mapped[UUID] = mapped_column(ForeignKey("fee_charges.id"))
    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("transfers.id"))
    organization_id: Mapped[UUID]
    vendor_organization_id: Mapped[UUID]
    cents: Mapped[int]
    created_at: Mapped[datetime]
    """Business time."""


_PARTIES = owned_by("organization_id", "vendor_organization_id")
protect(FeeCharge, _PARTIES, verbs="SELECT", grants={"janitor": "SELECT, INSERT, UPDATE"})
protect(
    FeeChargeChange,
    "EXISTS (SELECT 1 FROM fee_charges c WHERE c.id = subject_id"
    " AND homeward_organization() IN (c.organization_id, c.vendor_organization_id))",
    insert="false",
    append_only=True,
    grants={"janitor": "SELECT, INSERT"},
)
protect(FeeNetting, _PARTIES, insert="false", append_only=True, grants={"janitor": "SELECT, INSERT"})
