"""Making the short code of an offer: six digits known once, kept as a keyed hash."""

from __future__ import annotations

import secrets
from uuid import UUID

from marketplace.foundation import audit
from marketplace.foundation.work import WorkSession
from vendors.offers.code_ending import end_codes
from vendors.offers.code_models import OfferCode
from vendors.offers.models import Offer

DIGITS = 6


def issue(session: WorkSession, offer: Offer) -> str:
    """Make the code of an open offer, which is locked or new; returns it for the one time it is known."""
    end_codes(session, OfferCode.offer_id == offer.id, "replaced")
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    row = OfferCode(
        offer_id=offer.id,
        booking_id=offer.booking_id,
        organization_id=offer.organization_id,
        vendor_organization_id=offer.vendor_organization_id,
        reference=offer.reference,
        digest=digest_of(session, offer.organization_id, offer.id, code),
        issued_at=session.now(),
        expires_at=offer.respond_by,
    )
    session.add(row)
    session.flush()
    audit.record(session, "offer_codes:issue", "offers", offer.id)
    return code


def digest_of(session: WorkSession, organization_id: UUID, offer_id: UUID, digits: str) -> bytes:
    """The keyed hash that stands for the code of an offer."""
    return session.runtime.vault.blind(organization_id, "offer code", f"{offer_id}:{digits}")
