"""Looking at standing orders: the list of all, and one with its days; few statements however many rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from marketplace.bookings.models import Booking
from marketplace.bookings.words import BookingState
from marketplace.careplans.models import CarePlanTask
from marketplace.desk.standing.filling import WAITING, opened
from marketplace.desk.standing.models import StandingOccurrence, StandingOrder, StandingOrderChange
from marketplace.desk.standing.words import OccurrenceState, StandingState
from marketplace.foundation import audit
from marketplace.foundation.errors import NotFound
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Facility, Organization
from marketplace.patients.identity import identities
from marketplace.patients.words import Identity

_MOST = 200


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One day of an order with its rides as they stand."""

    row: StandingOccurrence
    there: Booking
    back: Booking | None
    vendor: str
    """Who takes the way there; empty while nobody does."""

    @property
    def waits(self) -> bool:
        """Whether the day can still be left out."""
        return self.row.state is OccurrenceState.BOOKED and self.there.state in WAITING


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """An order as its page shows it."""

    order: StandingOrder
    task: CarePlanTask
    facility: Facility
    person: Identity
    place: str
    note: str
    vendor: str
    days: tuple[Occurrence, ...]
    """The newest first, at most 200."""
    changes: tuple[StandingOrderChange, ...]


@dataclass(frozen=True, slots=True)
class OrderLine:
    """An order in the list."""

    order: StandingOrder
    title: str
    name: str
    next_day: date | None


def order_record(session: WorkSession, order_id: UUID) -> OrderRecord:
    """The order with the patient's name, opened; the look is audited. NotFound when missing or foreign."""
    session.actor.require("planner")
    found = session.execute(
        select(StandingOrder, CarePlanTask, Facility, Organization.name)
        .join(CarePlanTask, CarePlanTask.id == StandingOrder.care_plan_task_id)
        .join(Facility, Facility.id == StandingOrder.facility_id)
        .outerjoin(Organization, Organization.id == StandingOrder.vendor_organization_id)
        .where(StandingOrder.id == order_id)
    ).one_or_none()
    if found is None:
        raise NotFound
    order, task, facility, vendor = found
    audit.read(session, order.patient_id, "patients")
    place, note = opened(session, order)
    history = select(StandingOrderChange).where(StandingOrderChange.subject_id == order_id)
    return OrderRecord(
        order=order,
        task=task,
        facility=facility,
        person=identities(session, [order.patient_id])[order.patient_id],
        place=place.line,
        note=note,
        vendor=vendor or "",
        days=tuple(occurrences(session, order_id)),
        changes=tuple(session.scalars(history.order_by(StandingOrderChange.id.desc()))),
    )


def occurrences(session: WorkSession, order_id: UUID) -> list[Occurrence]:
    """The days of an order that were booked, the newest first, at most 200."""
    back = aliased(Booking)
    query = (
        select(StandingOccurrence, Booking, back, Organization.name)
        .join(Booking, Booking.id == StandingOccurrence.outward_booking_id)
        .outerjoin(back, back.id == StandingOccurrence.back_booking_id)
        .outerjoin(Organization, Organization.id == Booking.vendor_organization_id)
        .where(StandingOccurrence.standing_order_id == order_id)
        .order_by(StandingOccurrence.on_day.desc())
        .limit(_MOST)
    )
    return [Occurrence(row[0], row[1], row[2], row[3] or "") for row in session.execute(query)]


def orders(session: WorkSession, patient_id: UUID | None = None) -> list[OrderLine]:
    """The acting health system's standing orders (or a patient's), those with trouble first, at most 200."""
    session.actor.require("planner")
    coming = (
        select(StandingOccurrence.standing_order_id, func.min(StandingOccurrence.on_day).label("day"))
        .join(
            Booking,
            and_(
                Booking.id == StandingOccurrence.outward_booking_id,
                Booking.state.in_({*WAITING, BookingState.UNDER_WAY}),
            ),
        )
        .group_by(StandingOccurrence.standing_order_id)
        .subquery()
    )
    query = (
        select(StandingOrder, CarePlanTask.title, coming.c.day)
        .join(CarePlanTask, CarePlanTask.id == StandingOrder.care_plan_task_id)
        .outerjoin(coming, coming.c.standing_order_id == StandingOrder.id)
        .order_by(
            (StandingOrder.trouble == ""), (StandingOrder.state == StandingState.ENDED), coming.c.day
        )
        .limit(_MOST)
    )  # fmt: skip
    if patient_id is not None:
        query = query.where(StandingOrder.patient_id == patient_id)
    rows = session.execute(query).all()
    names = _names(session, [row[0].patient_id for row in rows])
    return [OrderLine(row[0], row[1], names.get(row[0].patient_id, ""), row[2]) for row in rows]


def order_of_task(session: WorkSession, task_id: UUID) -> StandingOrder:
    """The newest order of a task; NotFound when it has none."""
    session.actor.require("planner")
    mine = select(StandingOrder).where(StandingOrder.care_plan_task_id == task_id)
    found = session.scalars(mine.order_by(StandingOrder.id.desc()).limit(1)).first()
    if found is None:
        raise NotFound
    return found


def order_by_id(session: WorkSession, order_id: UUID) -> StandingOrder:
    """The order; NotFound when missing or foreign."""
    session.actor.require("planner")
    found = session.get(StandingOrder, order_id)
    if found is None:
        raise NotFound
    return found


def _names(session: WorkSession, patient_ids: Sequence[UUID]) -> dict[UUID, str]:
    known = identities(session, list(set(patient_ids)))
    if known:
        shown = {"patients": [str(patient_id) for patient_id in known]}
        audit.record(session, "standing_orders:list_read", "patients", None, shown)
    return {patient_id: person.listed_name for patient_id, person in known.items()}
