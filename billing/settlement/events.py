"""News from settlement."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from marketplace.foundation.events import Event


@dataclass(frozen=True, slots=True)
class VendorPaid(Event):
    """A transfer to a vendor was made."""

    transfer_id: UUID
    group_id: UUID
    claim_id: UUID | None
    """None when it paid a fee for cancelled work."""
    vendor_organization_id: UUID
    payer_organization_id: UUID
    amount_cents: int


@dataclass(frozen=True, slots=True)
class DepositCleared(Event):
    """A payer's deposit may now be spent."""

    deposit_id: UUID
    payer_organization_id: UUID
    amount_cents: int
