"""The mail that goes with an offer: that there is one, and where to sign in. Nothing about the work."""

from __future__ import annotations

from marketplace.foundation.work import WorkSession
from marketplace.identity.acting import on_behalf
from marketplace.identity.mail import send_mail
from vendors.network.service import profile
from vendors.offers.code_issuing import issue
from vendors.offers.models import AwardAmendment, Offer


def tell_of_offer(session: WorkSession, offer: Offer) -> None:
    """Put a content-free mail about a new offer into the vendor's outbox; a code for who has no software."""
    if profile(session, offer.vendor_organization_id).answers_by_code:
        tell_by_code(session, offer)
        return
    _tell(
        session,
        offer,
        f"New offer {offer.reference}",
        "Work is offered to you and waits for your answer. Sign in to see it.",
        f"/portal/offers/{offer.id}",
    )


def tell_by_code(session: WorkSession, offer: Offer) -> None:
    """Mail the vendor a fresh short code for an open offer, and where to enter it."""
    code = issue(session, offer)
    _tell(
        session,
        offer,
        f"New offer {offer.reference}",
        f"Work is offered to you and waits for your answer. Enter {offer.reference} and the code below.",
        f"/code?offer={offer.reference}",
        f"Code: {code[:3]} {code[3:]}",
    )


def tell_of_amendment(session: WorkSession, amendment: AwardAmendment) -> None:
    """Put a content-free mail about a change that needs an answer into the vendor's outbox."""
    _tell(
        session,
        amendment,
        "A promised time is to change",
        "The time of work you accepted is to change and needs your answer. Sign in to see it.",
        f"/portal/awards/{amendment.award_id}",
    )


def _tell(
    session: WorkSession, about: Offer | AwardAmendment, subject: str, text: str, path: str, secret: str = ""
) -> None:
    address = profile(session, about.vendor_organization_id).offer_email
    with on_behalf(session, about.vendor_organization_id):
        link = f"{session.runtime.settings.base_url}{path}"
        send_mail(session, address, subject, text, link, secret=secret)
