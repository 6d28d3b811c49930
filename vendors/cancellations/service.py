"""The verbs of cancellation fees: what would follow, what has followed, waiving by who it is owed to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, select, update
from sqlalchemy.dialects.postgresql import insert

from marketplace.bookings.events import BookingCancelled, ServiceEnded
from marketplace.bookings.models import Booking, BookingChange
from marketplace.bookings.pairing import SETTLED, way_back_of
from marketplace.bookings.rules import cancellation_state
from marketplace.foundation import audit, events
from marketplace.foundation.announce import announce
from marketplace.foundation.errors import Conflict, InvalidInput, NotFound
from marketplace.foundation.ids import new_id
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Facility
from vendors.cancellations.events import FeeNoted, FeeWaived
from vendors.cancellations.models import CancellationFee
from vendors.cancellations.rules import ENDINGS, Consequence, Debtor, Terms, consequence
from vendors.network.contracts import contract_at
from vendors.network.models import Contract
from vendors.offers.models import Award

READERS = ("planner", "org_admin", "vendor_admin", "biller", "dispatcher")


@dataclass(frozen=True, slots=True)
class FeeRow:
    """A fee with the reference of its booking; empty when the actor sees the booking no more."""

    fee: CancellationFee
    reference: str


def if_cancelled_now(session: WorkSession, booking_id: UUID) -> Consequence:
    """What calling the booking off at this moment would cost whom; NotFound for a foreign booking."""
    return _foreseen(session, _own_booking(session, booking_id))


def if_both_cancelled_now(session: WorkSession, booking_id: UUID) -> list[tuple[Booking, Consequence]]:
    """The same of a ride and of the way back that waits and would be called off with it."""
    booking = _own_booking(session, booking_id)
    back = way_back_of(session, booking_id)
    both = [booking] if back is None or back.state in SETTLED else [booking, back]
    return [(one, _foreseen(session, one)) for one in both]


def fee_of(session: WorkSession, booking_id: UUID) -> CancellationFee | None:
    """What was noted for an own booking, the newest when several awards ended; None when nothing is owed."""
    _own_booking(session, booking_id)
    mine = select(CancellationFee).where(CancellationFee.booking_id == booking_id)
    return session.scalars(mine.order_by(CancellationFee.id.desc()).limit(1)).first()


def _own_booking(session: WorkSession, booking_id: UUID) -> Booking:
    session.actor.require("planner")
    booking = session.get(Booking, booking_id)
    if booking is None or booking.organization_id != session.actor.organization():
        raise NotFound
    return booking


def _foreseen(session: WorkSession, booking: Booking) -> Consequence:
    facility = session.get(Facility, booking.facility_id)
    zone = ZoneInfo(facility.time_zone if facility else "UTC")
    start = booking.promised_start or booking.requested_start
    ended_as = cancellation_state(start, session.now(), zone, booking.service_status)
    vendor_id = booking.vendor_organization_id
    if vendor_id is None:
        return consequence(ended_as, None, accepted=False)
    contract = contract_at(session, vendor_id, booking.organization_id, start.astimezone(zone).date())
    return consequence(ended_as, _terms(contract), accepted=True, notice=start - session.now())


def on_cancelled(session: WorkSession, event: BookingCancelled) -> None:
    """The health system called accepted work off: note what it owes."""
    if event.award_id is not None:
        note_fee(session, event.booking_id, event.award_id)


def on_service_ended(session: WorkSession, event: ServiceEnded) -> None:
    """The work has ended: where a driver waited in vain, or nobody came, note what is owed."""
    booking = session.get(Booking, event.booking_id)
    if booking is not None and booking.award_id is not None and booking.state in ENDINGS:
        note_fee(session, booking.id, booking.award_id)


def note_fee(session: WorkSession, booking_id: UUID, award_id: UUID) -> None:
    """Write the fee that follows from how the booking ended; a second time changes nothing."""
    booking, award = session.get(Booking, booking_id), session.get(Award, award_id)
    if booking is None or award is None:
        return
    facility = session.get(Facility, booking.facility_id)
    zone = ZoneInfo(facility.time_zone if facility else "UTC")
    day = award.promised_start.astimezone(zone).date()
    contract = contract_at(session, award.vendor_organization_id, award.organization_id, day)
    ended_at = _ended_at(session, booking)
    notice = award.promised_start - ended_at
    found = consequence(booking.state, _terms(contract), accepted=True, notice=notice)
    if contract is None or found.debtor is Debtor.NOBODY:
        return
    values = {
        "id": new_id(), "award_id": award.id, "booking_id": booking.id, "revision": 1,
        "organization_id": award.organization_id, "vendor_organization_id": award.vendor_organization_id,
        "contract_id": contract.id, "debtor": found.debtor, "ended_as": booking.state,
        "rule": found.rule, "cents": found.cents, "happened_at": ended_at, "waived_note": "",
    }  # fmt: skip
    noted = insert(CancellationFee).values(values).on_conflict_do_nothing().returning(CancellationFee.id)
    fee_id = session.scalar(noted)
    if fee_id is None:
        return
    events.publish(session, FeeNoted(fee_id))
    details = {"award": str(award.id), "cents": found.cents, "rule": found.rule}
    audit.record(session, "cancellation_fees:noted", "bookings", booking.id, details)


def waive(session: WorkSession, fee_id: UUID, note: str) -> CancellationFee:
    """Who it is owed to asks nothing after all, and says why."""
    session.actor.require("vendor_admin", "biller", "org_admin")
    if not 1 <= len(note.strip()) <= 500:
        raise InvalidInput("note", "write why, at most 500 characters")
    fee = own_fee(session, fee_id, lock=True)
    if fee.waived_at is not None:
        raise Conflict("This fee is waived already.")
    if fee.settled_from is not None:
        raise Conflict(
            "This fee is being settled and can no longer be waived.",
            remedy="Give the amount back outside of Homeward, or take it off the next bill.",
        )
    fee.waived_at, fee.waived_note = session.now(), note.strip()
    fee.revision += 1
    events.publish(session, FeeWaived(fee.id))
    audit.record(session, "cancellation_fees:waived", "bookings", fee.booking_id, {"fee": str(fee.id)})
    announce(session, [fee.organization_id, fee.vendor_organization_id], "fee", fee.id, fee.revision)
    return fee


def settle_from_now(session: WorkSession, fee_id: UUID) -> bool:
    """Settlement takes the fee up: from now on nobody waives it. False when somebody has waived it before."""
    taken = (
        update(CancellationFee)
        .where(CancellationFee.id == fee_id, CancellationFee.waived_at.is_(None))
        .values(
            settled_from=func.coalesce(CancellationFee.settled_from, session.now()),
            revision=CancellationFee.revision + 1,
        )
        .returning(CancellationFee.id)
    )
    return session.scalar(taken) is not None


def own_fee(session: WorkSession, fee_id: UUID, *, lock: bool = False) -> CancellationFee:
    """A fee owed to the acting organization; foreign and missing are NotFound."""
    creditor = case(
        (CancellationFee.debtor == Debtor.VENDOR, CancellationFee.organization_id),
        else_=CancellationFee.vendor_organization_id,
    )
    mine = creditor == session.actor.organization()
    query = select(CancellationFee).where(CancellationFee.id == fee_id, mine)
    fee = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if fee is None:
        raise NotFound
    return fee


def fees(session: WorkSession, limit: int = 100) -> Sequence[FeeRow]:
    """The acting organization's newest fees: what it owes, or is owed."""
    session.actor.require(*READERS)
    rows = session.execute(
        select(CancellationFee, Booking.reference)
        .outerjoin(Booking, Booking.id == CancellationFee.booking_id)
        .order_by(CancellationFee.happened_at.desc(), CancellationFee.id.desc())
        .limit(limit)
    )
    return [FeeRow(row[0], row[1] or "") for row in rows]


def _terms(contract: Contract | None) -> Terms | None:
    if contract is None:
        return None
    return Terms(
        contract.late_cancellation_cents,
        contract.no_show_cents,
        contract.vendor_no_show_cents,
        contract.notice_hours,
    )


def _ended_at(session: WorkSession, booking: Booking) -> datetime:
    """When the booking came into the state that it ended in."""
    ended = select(BookingChange.happened_at).where(BookingChange.subject_id == booking.id)
    newest = ended.where(BookingChange.to_state == str(booking.state)).order_by(BookingChange.id.desc())
    return session.scalars(newest.limit(1)).first() or session.now()
