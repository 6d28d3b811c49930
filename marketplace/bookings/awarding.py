"""From asking vendors to one of them holding the work, and back; called by the floors above."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import Update, select, update
from sqlalchemy.dialects.postgresql import insert

from marketplace.bookings.behalf import requester_acts
from marketplace.bookings.events import BookingRequested
from marketplace.bookings.finding import locked_booking, locked_work
from marketplace.bookings.models import Booking, BookingParty
from marketplace.bookings.visiting import choice_for
from marketplace.bookings.words import BookingKind, BookingState, PartyRole, PartyStatus, ServiceStatus
from marketplace.foundation import audit, state
from marketplace.foundation.announce import announce
from marketplace.foundation.errors import Conflict, InvalidInput
from marketplace.foundation.events import publish
from marketplace.foundation.work import WorkSession
from marketplace.patients.coverage_models import Authorization

OFFERERS = ("planner",)
AWARDERS = ("planner", "vendor_admin", "dispatcher")
RELEASERS = (*AWARDERS, "driver", "technician")
"""A crew on the road may find that its work cannot be done."""
RELEASABLE = frozenset({BookingState.ACCEPTED, BookingState.SCHEDULED, BookingState.UNDER_WAY})
_CARRYING = frozenset({ServiceStatus.ON_BOARD, ServiceStatus.ARRIVED_DROPOFF, ServiceStatus.SET_UP})


def mark_offered(
    session: WorkSession, booking_id: UUID, vendor_ids: Collection[UUID], due_at: datetime
) -> Booking:
    """These vendors may see the work (no identity) and accept it until `due_at`.

    Raises Conflict unless the booking waits for a vendor, InvalidInput for none, for a vendor that the
    booking's authorization does not name, or for an agency that the patient did not choose.
    """
    session.actor.require(*OFFERERS)
    booking = locked_booking(session, booking_id)
    if booking.state not in (BookingState.REQUESTED, BookingState.OFFERED):
        raise Conflict(
            f"{booking.reference} is {booking.state.replace('_', ' ')} and is not offered now.",
            remedy="Only a requested booking can be offered.",
        )
    wanted = set(vendor_ids)
    if not wanted or wanted & {booking.organization_id, booking.payer_organization_id}:
        raise InvalidInput("vendor_ids", "choose at least one vendor")
    _require_authorized(session, booking, wanted)
    _require_chosen(session, booking, wanted)
    rows = [
        {
            "booking_id": booking.id,
            "organization_id": vendor_id,
            "requester_organization_id": booking.organization_id,
            "role": PartyRole.CANDIDATE,
            "status": PartyStatus.OPEN,
            "due_at": due_at,
        }
        for vendor_id in sorted(wanted)
    ]
    again = {"role": PartyRole.CANDIDATE, "status": PartyStatus.OPEN, "due_at": due_at}
    keys = ["booking_id", "organization_id"]
    session.execute(insert(BookingParty).values(rows).on_conflict_do_update(index_elements=keys, set_=again))
    if booking.state is BookingState.REQUESTED:
        state.move(session, booking, BookingState.OFFERED)
    announce(session, [booking.organization_id, *wanted], "booking", booking.id, booking.revision)
    return booking


def candidate_out(session: WorkSession, booking_id: UUID, vendor_id: UUID, status: PartyStatus) -> Booking:
    """A candidate declined, its time ran out, or the offer was taken back: it sees the booking no more.

    When nobody is left who may accept, the booking waits for new offers (requested).
    """
    session.actor.require(*AWARDERS)
    if status not in (PartyStatus.DECLINED, PartyStatus.EXPIRED, PartyStatus.WITHDRAWN):
        raise ValueError(f"a candidate does not leave as {status}")
    booking = locked_work(session, booking_id)
    with requester_acts(session, booking):
        rows = session.scalars(
            select(BookingParty)
            .where(BookingParty.booking_id == booking_id, BookingParty.role == PartyRole.CANDIDATE)
            .execution_options(populate_existing=True)
        ).all()
        for row in rows:
            if row.organization_id == vendor_id and row.status is PartyStatus.OPEN:
                row.status = status
        left = any(row.status is PartyStatus.OPEN for row in rows)
        if not left and booking.state is BookingState.OFFERED:
            state.move(session, booking, BookingState.REQUESTED, reason_code=status)
    announce(session, [booking.organization_id, vendor_id], "booking", booking.id, booking.revision)
    return booking


def award(
    session: WorkSession,
    booking_id: UUID,
    vendor_id: UUID,
    award_id: UUID,
    promised_start: datetime,
    promised_end: datetime,
) -> Booking:
    """The vendor holds the work; every other candidate is out. Exactly one of many at once succeeds.

    Raises Conflict saying who or what was faster, InvalidInput for a promise outside the order of time.
    """
    session.actor.require(*AWARDERS)
    booking = locked_work(session, booking_id)
    if booking.state is not BookingState.OFFERED:
        raise Conflict(_why_not(booking), remedy="Look at your inbox for other work.")
    if promised_end <= promised_start:
        raise InvalidInput("promised_end", "the promised window must end after it begins")
    _require_candidate(session, booking, vendor_id)
    booking.vendor_organization_id, booking.award_id = vendor_id, award_id
    booking.promised_start, booking.promised_end = promised_start, promised_end
    state.move(session, booking, BookingState.ACCEPTED)
    with requester_acts(session, booking):
        others = (BookingParty.booking_id == booking.id, BookingParty.role == PartyRole.CANDIDATE)
        open_ones = (*others, BookingParty.status == PartyStatus.OPEN)
        session.execute(
            update(BookingParty)
            .where(BookingParty.booking_id == booking.id, BookingParty.organization_id == vendor_id)
            .values(role=PartyRole.VENDOR, status=PartyStatus.ACTIVE, due_at=promised_start)
        )
        session.execute(update(BookingParty).where(*open_ones).values(status=PartyStatus.LOST))
    _tell(session, booking)
    return booking


def change_promise(
    session: WorkSession, booking_id: UUID, promised_start: datetime, promised_end: datetime
) -> Booking:
    """Both sides agreed on another promised window; the award stays with its vendor."""
    session.actor.require(*AWARDERS)
    booking = locked_work(session, booking_id)
    if booking.award_id is None or booking.state not in RELEASABLE | {BookingState.ON_HOLD}:
        raise Conflict(f"{booking.reference} has no vendor whose promise could change.")
    if promised_end <= promised_start:
        raise InvalidInput("promised_end", "the promised window must end after it begins")
    booking.promised_start, booking.promised_end = promised_start, promised_end
    booking.revision += 1
    with requester_acts(session, booking):
        session.execute(_vendor_row(booking, booking.vendor_organization_id).values(due_at=promised_start))
    details = {"from": promised_start.isoformat(), "to": promised_end.isoformat()}
    audit.record(session, "bookings:promise_changed", "bookings", booking.id, details)
    _tell(session, booking)
    return booking


def can_release(booking: Booking) -> bool:
    """Whether the vendor could still be released: nobody on board, nothing being set up, nothing done."""
    held = booking.state is BookingState.ON_HOLD and booking.award_id is not None
    return (held or booking.state in RELEASABLE) and booking.service_status not in _CARRYING


def release_award(session: WorkSession, booking_id: UUID, reason_code: str, note: str = "") -> Booking:
    """The vendor no longer holds the work; the booking waits for another, or stays on hold without one.

    Refused once the patient is on board or the equipment is being set up. Publishes BookingRequested.
    """
    session.actor.require(*RELEASERS)
    booking = locked_work(session, booking_id)
    held = booking.state is BookingState.ON_HOLD and booking.award_id is not None
    if not held and booking.state not in RELEASABLE:
        raise Conflict(
            f"{booking.reference} is {booking.state.replace('_', ' ')} and has no award to release."
        )
    if booking.service_status in _CARRYING:
        raise Conflict(
            "The service is being done already.", remedy="Finish it, or record why it cannot be finished."
        )
    vendor_id = booking.vendor_organization_id
    booking.vendor_organization_id = booking.award_id = None
    booking.promised_start = booking.promised_end = booking.planned_start = booking.planned_end = None
    booking.service_status = booking.service_status_at = booking.reached_at = None
    if held:
        booking.held_from = BookingState.REQUESTED
        booking.revision += 1
        audit.record(session, "bookings:released", "bookings", booking.id, {"reason": reason_code})
    else:
        state.move(session, booking, BookingState.REQUESTED, reason_code=reason_code, note=note or None)
    with requester_acts(session, booking):
        session.execute(_vendor_row(booking, vendor_id).values(status=PartyStatus.RELEASED))
        publish(session, BookingRequested(booking.id, booking.revision))
    announce(session, [booking.organization_id, vendor_id], "booking", booking.id, booking.revision)
    return booking


def schedule(
    session: WorkSession, booking_id: UUID, planned_start: datetime, planned_end: datetime
) -> Booking:
    """A vehicle is planned for an accepted booking, and when its service begins and ends.

    Again moves the times only.
    """
    session.actor.require(*AWARDERS)
    booking = locked_work(session, booking_id)
    planned = (planned_start, planned_end)
    if booking.state is BookingState.SCHEDULED and (booking.planned_start, booking.planned_end) != planned:
        booking.planned_start, booking.planned_end = planned
        booking.revision += 1
        _tell(session, booking)
        return booking
    moved = _between(session, booking_id, BookingState.ACCEPTED, BookingState.SCHEDULED)
    moved.planned_start, moved.planned_end = planned
    return moved


def unschedule(session: WorkSession, booking_id: UUID) -> Booking:
    """The plan no longer carries the booking; its award stays."""
    session.actor.require(*AWARDERS)
    booking = _between(session, booking_id, BookingState.SCHEDULED, BookingState.ACCEPTED)
    booking.planned_start = booking.planned_end = None
    return booking


def _between(session: WorkSession, booking_id: UUID, source: BookingState, target: BookingState) -> Booking:
    booking = locked_work(session, booking_id)
    if booking.state is target:
        return booking
    if booking.state is not source:
        raise Conflict(_why_not(booking), remedy=f"Only {source} work becomes {target}.")
    state.move(session, booking, target)
    _tell(session, booking)
    return booking


def _require_candidate(session: WorkSession, booking: Booking, vendor_id: UUID) -> None:
    mine = session.get(BookingParty, (booking.id, vendor_id), populate_existing=True)
    if mine is None or mine.role is not PartyRole.CANDIDATE or mine.status is not PartyStatus.OPEN:
        raise Conflict("This work is not offered to this vendor.", remedy="Look at the inbox for other work.")


def _require_authorized(session: WorkSession, booking: Booking, vendor_ids: set[UUID]) -> None:
    if booking.authorization_id is None:
        return
    found = session.get(Authorization, booking.authorization_id)
    if found is not None and found.vendor_organization_id and vendor_ids != {found.vendor_organization_id}:
        raise InvalidInput(
            "vendor_ids",
            f"authorization {found.number} is good for one vendor only: offer it to that one, "
            "or book with another payer",
        )


def _require_chosen(session: WorkSession, booking: Booking, vendor_ids: set[UUID]) -> None:
    """Home health is offered inside the patient's newest choice only (42 CFR 482.43(c))."""
    if booking.kind is not BookingKind.HOME_HEALTH:
        return
    choice = choice_for(session, booking)
    if not vendor_ids <= choice.vendor_ids:
        names = [line.name for line in choice.chosen if line.vendor_organization_id]
        said = ", ".join(names[:3]) or "none of them takes work here"
        raise InvalidInput("vendor_ids", f"offer it to the agencies that the patient chose: {said}")
    booking.patient_choice_id = choice.record.id


def _why_not(booking: Booking) -> str:
    if booking.state in RELEASABLE:
        return "Another vendor has accepted this work."
    return f"This work is {booking.state.replace('_', ' ')} and cannot be accepted."


def _vendor_row(booking: Booking, vendor_id: UUID | None) -> Update:
    return update(BookingParty).where(
        BookingParty.booking_id == booking.id, BookingParty.organization_id == vendor_id
    )


def _tell(session: WorkSession, booking: Booking) -> None:
    who = [booking.organization_id, booking.vendor_organization_id]
    announce(session, who, "booking", booking.id, booking.revision)
