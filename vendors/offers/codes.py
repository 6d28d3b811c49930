"""Short codes: how a vendor without software answers one offer from any phone, once, before its deadline.

Six digits beside the offer's reference. The code is kept as a keyed hash only; five wrong ones kill it,
and an address that keeps guessing has to wait. Whoever holds the code sees the work, never the person.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, text

from marketplace.bookings.telling import tell_planner
from marketplace.bookings.telling_models import TellingSubject
from marketplace.foundation.access import Actor, ActorKind
from marketplace.foundation.errors import Conflict, NotFound
from marketplace.foundation.work import WorkSession
from marketplace.identity import short_codes, throttle
from vendors.network.service import profile
from vendors.offers.code_issuing import digest_of, issue
from vendors.offers.code_models import MOST_TRIES, OfferCode
from vendors.offers.locking import locked_booking, locked_offer
from vendors.offers.models import Offer
from vendors.offers.service import accept, decline
from vendors.offers.words import DeclineReason, OfferState

LIMIT = "offer_code"
"""The name of the throttle that slows an address down."""
DEAD = "Offer and code do not fit together, or the code can no longer be used."
"""One answer to everything that is wrong, so that nothing can be learned by trying."""
_SEE_IT = text("SELECT set_config('homeward.offer_reference', :reference, true)")


@dataclass(frozen=True, slots=True)
class Opened:
    """What a typed code opened: the offer's vendor and offer; or nothing, with how long to wait."""

    offer_id: UUID | None = None
    vendor_id: UUID | None = None
    reference: str = ""
    wait_seconds: int = 0

    @property
    def is_open(self) -> bool:
        """Whether the code was right."""
        return self.offer_id is not None


def read_out(session: WorkSession, offer_id: UUID) -> str:
    """A fresh code of an open offer, for the planner to read out on the phone; older ones are dead."""
    session.actor.require("planner")
    offer = session.get(Offer, offer_id)
    if offer is None or offer.organization_id != session.actor.organization():
        raise NotFound
    locked_booking(session, offer.booking_id)
    offer = locked_offer(session, offer_id)
    if offer.state is not OfferState.OPEN or session.now() >= offer.respond_by:
        raise Conflict("This offer can no longer be answered.", remedy="Offer the work again.")
    return issue(session, offer)


def open_door(session: WorkSession, reference: str, code: str, address: str) -> Opened:
    """Which offer a typed code opens. The caller commits, so that wrong ones count even when it refuses.

    `session` is nobody's. Raises InvalidInput for something that is no reference or no code.
    """
    wanted, digits = short_codes.typed(
        reference, code, letter="F", hint="write the offer's reference, like F-7K3QF9"
    )
    wait = throttle.peek(session, LIMIT, address)
    if wait:
        return Opened(wait_seconds=wait)
    session.execute(_SEE_IT, {"reference": wanted})
    row = session.scalars(
        select(OfferCode).where(OfferCode.reference == wanted, OfferCode.ended_at.is_(None)).with_for_update()
    ).one_or_none()
    if row is not None and _is_right(session, row, digits):
        return Opened(row.offer_id, row.vendor_organization_id, wanted)
    short_codes.count_wrong(session, row, LIMIT, address, MOST_TRIES)
    return Opened()


def by_code(opened: Opened) -> Actor:
    """Whoever typed the code, acting for the vendor that it was sent to, and only until it is used."""
    name = f"Short code of {opened.reference}"
    return Actor(ActorKind.CLIENT, None, opened.vendor_id, "vendor", frozenset({"dispatcher"}), name)


def accept_by_code(session: WorkSession, opened: Opened, code: str) -> Offer:
    """Accept the offer and spend the code; Conflict with the reason when too late. Tells the planner."""
    offer = _spend(session, opened, code, lambda offer: accept(session, offer.id))
    booking = locked_booking(session, offer.booking_id)
    if booking is not None:
        phone = profile(session, offer.vendor_organization_id).office_phone
        tell_planner(
            session,
            booking,
            TellingSubject.SOURCING,
            "Accepted by short code: the vendor has no name or address yet.",
            remedy=f"Call its office{f' on {phone}' if phone else ''} with the name and the address.",
            urgent=True,
        )
    return offer


def decline_by_code(session: WorkSession, opened: Opened, code: str, reason: DeclineReason) -> Offer:
    """Decline the offer and spend the code."""
    return _spend(session, opened, code, lambda offer: decline(session, offer.id, reason))


def _spend(session: WorkSession, opened: Opened, code: str, answer: Callable[[Offer], object]) -> Offer:
    """Booking, offer, code: the order of locks everywhere. The code is dead before the answer is given."""
    if opened.offer_id is None:
        raise NotFound
    offer = session.get(Offer, opened.offer_id)
    if offer is None:
        raise NotFound
    locked_booking(session, offer.booking_id)
    offer = locked_offer(session, offer.id)
    row = session.scalars(
        select(OfferCode)
        .where(OfferCode.offer_id == offer.id, OfferCode.ended_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None or not _is_right(session, row, "".join(code.split())):
        raise Conflict(DEAD)
    row.used_at = row.ended_at = session.now()
    row.ended_because = "used"
    session.flush()
    answer(offer)
    return offer


def _is_right(session: WorkSession, row: OfferCode, digits: str) -> bool:
    right = hmac.compare_digest(
        bytes(row.digest), digest_of(session, row.organization_id, row.offer_id, digits)
    )
    return right and session.now() < row.expires_at
