"""What both sides are told when a promised time is to change; sentences without a name."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from marketplace.bookings.models import Booking
from marketplace.bookings.telling import tell, tell_planner
from marketplace.bookings.telling_models import Audience, TellingSubject
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Organization
from vendors.network.service import profile
from vendors.offers.models import AwardAmendment
from vendors.offers.words import AmendmentState

_CHANGE = TellingSubject.CHANGE


def tell_of_question(session: WorkSession, booking: Booking, amendment: AwardAmendment) -> None:
    """The wish was made: both sides hear whether it holds already or waits for an answer."""
    vendor = amendment.vendor_organization_id
    zone = profile(session, vendor).time_zone
    new = window_words(amendment.proposed_start, amendment.proposed_end, zone)
    old = window_words(amendment.previous_start, amendment.previous_end, zone)
    moved = f"The promised time moves from {old} to {new}."
    name = _name(session, vendor)
    if amendment.state is AmendmentState.AUTOMATIC:
        _office(session, booking, vendor, moved, "It is inside what your contract allows without asking.")
        tell_planner(session, booking, _CHANGE, f"{moved} {name} was told; its contract allows it.")
        return
    by = clock_words(amendment.respond_by, zone)
    _office(session, booking, vendor, f"Can you do {new} instead of {old}?", f"Answer until {by}.")
    tell_planner(
        session,
        booking,
        _CHANGE,
        f"{name} is asked whether {new} instead of {old} suits, until {by}.",
        remedy="Nothing yet: until then the old promise stands. After a no others are asked by themselves.",
    )


def tell_of_answer(session: WorkSession, booking: Booking, amendment: AwardAmendment) -> None:
    """The vendor answered, or did not: the planner hears what that means."""
    name = _name(session, amendment.vendor_organization_id)
    zone = profile(session, amendment.vendor_organization_id).time_zone
    new = window_words(amendment.proposed_start, amendment.proposed_end, zone)
    said = {
        AmendmentState.ACCEPTED: f"{name} agreed to {new}.",
        AmendmentState.REFUSED: f"{name} cannot do {new}.",
        AmendmentState.EXPIRED: f"{name} did not answer whether {new} suits.",
    }[amendment.state]
    agreed = amendment.state is AmendmentState.ACCEPTED
    remedy = "" if agreed else "Others are asked now. Follow it on the booking's page."
    tell_planner(session, booking, _CHANGE, said, remedy=remedy, urgent=not agreed)


def window_words(start: datetime, end: datetime, zone: str) -> str:
    """A window on the wall clock of a place: `15:00 to 15:30`."""
    return f"{clock_words(start, zone)} to {clock_words(end, zone)}"


def clock_words(moment: datetime, zone: str) -> str:
    """A moment on the wall clock of a place: `15:00`."""
    return f"{moment.astimezone(ZoneInfo(zone)):%H:%M}"


def _office(session: WorkSession, booking: Booking, vendor_id: UUID, text: str, remedy: str) -> None:
    tell(session, booking, vendor_id, Audience.OFFICE, _CHANGE, text, remedy=remedy)


def _name(session: WorkSession, vendor_id: UUID) -> str:
    found = session.get(Organization, vendor_id)
    return found.name if found else "The vendor"
