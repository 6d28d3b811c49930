"""Looking at one booking: who it is for, what it carries, what happened; identity only with an audit row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, or_, select

from marketplace.bookings.finding import booking
from marketplace.bookings.models import (
    Booking,
    BookingChange,
    BookingItem,
    BookingLink,
    BookingParty,
    BookingRider,
    BookingSubscriber,
    BookingWindowMove,
)
from marketplace.bookings.sealed import Rider, Subscriber, open_rider, open_subscriber
from marketplace.careplans.models import CarePlanTask
from marketplace.foundation import audit
from marketplace.foundation.errors import NotFound
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Facility, Organization

LOOKERS = (
    "planner", "vendor_admin", "dispatcher", "driver", "technician", "clinician", "biller", "reviewer",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BookingRecord:
    """A booking as its requester's page shows it."""

    booking: Booking
    facility: Facility
    task: CarePlanTask
    rider: Rider
    parties: tuple[BookingParty, ...]
    names: dict[UUID, str]
    """Names of the parties, by organization."""
    links: tuple[tuple[BookingLink, Booking], ...]
    """Each link with the booking at its other end."""


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Something that happened to a booking."""

    happened_at: datetime
    what: str
    """A state, or `window_moved`."""
    actor_name: str
    reason_code: str = ""
    note: str = ""
    window: tuple[datetime, datetime] | None = None
    """The requested window from then on, when it was moved."""


def rider(session: WorkSession, booking_id: UUID) -> Rider:
    """Who rides or receives, opened, for the requester and the awarded vendor; the look is audited.

    NotFound for everybody else, as if there were nothing.
    """
    session.actor.require(*LOOKERS)
    found = booking(session, booking_id)
    row = session.get(BookingRider, booking_id)
    if row is None:
        raise NotFound
    audit.read(session, found.patient_id, "bookings", booking_id)
    return open_rider(session, row)


def subscriber(session: WorkSession, booking_id: UUID) -> Subscriber:
    """Who is insured, opened, for the requester, the awarded vendor and the payer; the look is audited."""
    session.actor.require(*LOOKERS)
    found = booking(session, booking_id)
    row = session.get(BookingSubscriber, booking_id)
    if row is None:
        raise NotFound
    audit.read(session, found.patient_id, "bookings", booking_id)
    return open_subscriber(session, row)


def riders(session: WorkSession, booking_ids: list[UUID]) -> dict[UUID, Rider]:
    """The riders of many bookings in one query, as far as the actor may see them; one audit row names all."""
    session.actor.require(*LOOKERS)
    rows = session.scalars(select(BookingRider).where(BookingRider.booking_id.in_(booking_ids))).all()
    if rows:
        shown = {"bookings": [str(row.booking_id) for row in rows]}
        audit.record(session, "bookings:riders_read", "bookings", None, shown)
    return {row.booking_id: open_rider(session, row) for row in rows}


def items_of(session: WorkSession, booking_ids: list[UUID]) -> dict[UUID, list[BookingItem]]:
    """The items of deliveries, by booking."""
    found: dict[UUID, list[BookingItem]] = {booking_id: [] for booking_id in booking_ids}
    query = select(BookingItem).where(BookingItem.booking_id.in_(booking_ids)).order_by(BookingItem.id)
    for item in session.scalars(query):
        found[item.booking_id].append(item)
    return found


def links_of(session: WorkSession, booking_ids: list[UUID]) -> list[BookingLink]:
    """Every link that touches one of the bookings."""
    query = select(BookingLink).where(
        BookingLink.predecessor_booking_id.in_(booking_ids)
        | BookingLink.successor_booking_id.in_(booking_ids)
    )
    return list(session.scalars(query))


def timeline(session: WorkSession, booking_id: UUID) -> list[TimelineEntry]:
    """What happened to the booking, oldest first."""
    changes = session.scalars(select(BookingChange).where(BookingChange.subject_id == booking_id))
    entries = [
        TimelineEntry(row.happened_at, row.to_state, row.actor_name, row.reason_code or "", row.note or "")
        for row in changes.all()
    ]
    moves = session.scalars(select(BookingWindowMove).where(BookingWindowMove.booking_id == booking_id))
    entries += [
        TimelineEntry(
            row.happened_at,
            "window_moved",
            row.actor_name,
            row.cause,
            window=(row.current_start, row.current_end),
        )
        for row in moves.all()
    ]
    return sorted(entries, key=lambda entry: entry.happened_at)


def bookings_of_encounter(session: WorkSession, encounter_id: UUID) -> list[tuple[Booking, str]]:
    """The stay's bookings in the order they were made, each with its vendor's name (empty without one)."""
    query = (
        select(Booking, Organization.name)
        .outerjoin(Organization, Organization.id == Booking.vendor_organization_id)
        .where(Booking.encounter_id == encounter_id)
        .order_by(Booking.id)
    )
    return [(row[0], row[1] or "") for row in session.execute(query)]


def booking_record(session: WorkSession, booking_id: UUID) -> BookingRecord:
    """Everything about a booking, opened, for its requester; the look is audited."""
    session.actor.require("planner")
    query = (
        select(Booking, Facility, CarePlanTask, BookingRider)
        .join(Facility, Facility.id == Booking.facility_id)
        .join(CarePlanTask, CarePlanTask.id == Booking.care_plan_task_id)
        .join(BookingRider, BookingRider.booking_id == Booking.id)
        .where(Booking.id == booking_id)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound
    row, facility, task, sealed = found
    audit.read(session, row.patient_id, "bookings", booking_id)
    shared = (
        select(BookingParty, Organization.name)
        .join(Organization, Organization.id == BookingParty.organization_id)
        .where(BookingParty.booking_id == booking_id)
    )
    parties = [(party, name) for party, name in session.execute(shared)]
    return BookingRecord(
        booking=row,
        facility=facility,
        task=task,
        rider=open_rider(session, sealed),
        parties=tuple(party for party, _ in parties),
        names={party.organization_id: name for party, name in parties},
        links=tuple(_linked(session, booking_id)),
    )


def _linked(session: WorkSession, booking_id: UUID) -> list[tuple[BookingLink, Booking]]:
    other = case(
        (BookingLink.successor_booking_id == booking_id, BookingLink.predecessor_booking_id),
        else_=BookingLink.successor_booking_id,
    )
    query = (
        select(BookingLink, Booking)
        .join(Booking, Booking.id == other)
        .where(
            or_(
                BookingLink.predecessor_booking_id == booking_id,
                BookingLink.successor_booking_id == booking_id,
            )
        )
    )
    return [(link, found) for link, found in session.execute(query)]
