"""The patient's own "I am ready": a short code, good for one flexible ride, opens a page with one button.

Six digits beside the ride's reference, neither of which says who somebody is. The code is kept as a keyed
hash only; five wrong ones kill it, and an address that keeps guessing has to wait.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, text, update

from marketplace.bookings.finding import locked_booking
from marketplace.bookings.flexible import BY_CODE, narrowed, say_ready
from marketplace.bookings.models import Booking
from marketplace.bookings.ready_code_models import MOST_TRIES, ReadyCode
from marketplace.bookings.words import FINAL, BookingState
from marketplace.foundation import audit
from marketplace.foundation.access import Actor, ActorKind
from marketplace.foundation.errors import Conflict, NotFound
from marketplace.foundation.work import WorkSession
from marketplace.identity import short_codes, throttle
from marketplace.identity.models import Facility

DIGITS = short_codes.DIGITS
LIMIT = "ready_code"
"""The name of the throttle that slows an address down."""
LASTS_AFTER_WINDOW = timedelta(days=1)
DEAD = "Ride and code do not fit together, or the code can no longer be used."
"""One answer to everything that is wrong, so that nothing can be learned by trying."""
_SEE_IT = text("SELECT set_config('homeward.ride_reference', :reference, true)")


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A fresh code for the one time it is known: to be printed or read out."""

    reference: str
    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """What a typed code opened: a ride of a health system; or nothing, with how long to wait."""

    booking_id: UUID | None = None
    organization_id: UUID | None = None
    reference: str = ""
    wait_seconds: int = 0

    @property
    def is_open(self) -> bool:
        """Whether the code was right."""
        return self.booking_id is not None


@dataclass(frozen=True, slots=True)
class PatientsRide:
    """What the page says: nobody's name, no address, no vendor."""

    reference: str
    is_ready: bool
    is_coming: bool
    """Whether a vendor has promised to come."""
    under_way: bool
    start: datetime
    end: datetime
    """Aware; from when until when it comes."""
    time_zone: str


def issue(session: WorkSession, booking_id: UUID) -> IssuedCode:
    """A code for the patient of a flexible ride; an older one of the same ride is dead.

    Raises Conflict for a ride with a fixed time, or one that has begun or ended.
    """
    session.actor.require("planner")
    booking = locked_booking(session, booking_id)
    if not booking.flexible:
        raise Conflict("This booking has a fixed time.", remedy="Only a flexible ride waits for a word.")
    if booking.state in FINAL or booking.state is BookingState.UNDER_WAY:
        raise Conflict(f"{booking.reference} is {booking.state.replace('_', ' ')} already.")
    session.execute(
        update(ReadyCode)
        .where(ReadyCode.booking_id == booking.id, ReadyCode.ended_at.is_(None))
        .values(ended_at=session.now(), ended_because="replaced")
        .execution_options(synchronize_session=False)
    )
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    row = ReadyCode(
        booking_id=booking.id,
        organization_id=booking.organization_id,
        reference=booking.reference,
        digest=_digest(session, booking.organization_id, booking.id, code),
        issued_at=session.now(),
        expires_at=max(booking.requested_end, session.now()) + LASTS_AFTER_WINDOW,
    )
    session.add(row)
    session.flush()
    audit.record(session, "ready_codes:issue", "bookings", booking.id, patient_id=booking.patient_id)
    return IssuedCode(booking.reference, code, row.expires_at)


def open_door(session: WorkSession, reference: str, code: str, address: str) -> Opened:
    """Which ride a typed code opens. The caller commits, so that wrong ones count even when it refuses.

    `session` is nobody's. Raises InvalidInput for something that is no reference or no code.
    """
    wanted, digits = short_codes.typed(
        reference, code, letter="R", hint="write the ride's number, like R-7K3QF"
    )
    wait = throttle.peek(session, LIMIT, address)
    if wait:
        return Opened(wait_seconds=wait)
    session.execute(_SEE_IT, {"reference": wanted})
    row = session.scalars(
        select(ReadyCode).where(ReadyCode.reference == wanted, ReadyCode.ended_at.is_(None)).with_for_update()
    ).one_or_none()
    if row is not None and _is_right(session, row, digits):
        return Opened(row.booking_id, row.organization_id, wanted)
    short_codes.count_wrong(session, row, LIMIT, address, MOST_TRIES)
    return Opened()


def by_code(opened: Opened) -> Actor:
    """Whoever typed the code: may look at this ride and say that they are ready, nothing else."""
    roles = frozenset({BY_CODE})
    name = f"Patient's code of {opened.reference}"
    return Actor(ActorKind.CLIENT, None, opened.organization_id, "health_system", roles, name)


def ride_of(session: WorkSession, opened: Opened) -> PatientsRide:
    """The opened ride in the patient's words; NotFound once it is over or called off."""
    session.actor.require(BY_CODE)
    booking = session.get(Booking, opened.booking_id) if opened.booking_id else None
    if booking is None or booking.state in FINAL:
        raise NotFound
    facility = session.get_one(Facility, booking.facility_id)
    start = booking.promised_start or booking.requested_start
    end = booking.promised_end or booking.requested_end
    start, end = narrowed(booking, start, end)
    return PatientsRide(
        reference=booking.reference,
        is_ready=booking.ready_at is not None,
        is_coming=booking.vendor_organization_id is not None,
        under_way=booking.state is BookingState.UNDER_WAY,
        start=start,
        end=end,
        time_zone=facility.time_zone,
    )


def ready_by_code(session: WorkSession, opened: Opened, code: str) -> Booking:
    """Release the ride as the care team's button does; pressing again changes nothing.

    Raises Conflict with the reason when the ride cannot be released, or the code died in between.
    """
    session.actor.require(BY_CODE)
    if opened.booking_id is None:
        raise NotFound
    booking = locked_booking(session, opened.booking_id)
    row = session.scalars(
        select(ReadyCode)
        .where(ReadyCode.booking_id == booking.id, ReadyCode.ended_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None or not _is_right(session, row, "".join(code.split())):
        raise Conflict(DEAD)
    if booking.ready_at is None:
        say_ready(session, booking.id)
        row.used_at = session.now()
        session.flush()
    return booking


def _digest(session: WorkSession, organization_id: UUID, booking_id: UUID, digits: str) -> bytes:
    return session.runtime.vault.blind(organization_id, "ready code", f"{booking_id}:{digits}")


def _is_right(session: WorkSession, row: ReadyCode, digits: str) -> bool:
    right = hmac.compare_digest(
        bytes(row.digest), _digest(session, row.organization_id, row.booking_id, digits)
    )
    return right and session.now() < row.expires_at
