"""The board's rows: departures with what vendors answered and what dispatch planned; few queries, always.

A page shows some thirty patients with a hundred and fifty tasks, and is asked for all day long. It reads the
columns that it shows, with statements that were built once; mapped objects would cost more than the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, func, select, true

from dispatch.planning.models import Assignment, LeftOut
from marketplace.bookings.board import names_shown
from marketplace.bookings.leaving import Cursor, Leaving
from marketplace.bookings.models import Booking
from marketplace.bookings.words import BookingState, ServiceStatus
from marketplace.careplans.models import CarePlan, CarePlanTask
from marketplace.careplans.words import ServiceKind, TaskState
from marketplace.desk.advice import Advice, TaskFacts, Urgency, advise, most_urgent
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Organization
from marketplace.patients.models import Encounter
from vendors.offers.models import Offer
from vendors.offers.words import OfferState

LOOKING_AHEAD = timedelta(hours=36)


class StayGlance(NamedTuple):
    """Of a stay what a row shows."""

    id: UUID
    patient_id: UUID
    unit: str
    expected_discharge_at: datetime
    revision: int


class TaskGlance(NamedTuple):
    """Of a care-plan task what a row shows."""

    id: UUID
    encounter_id: UUID
    title: str
    service_kind: ServiceKind
    state: TaskState
    revision: int


class BookingGlance(NamedTuple):
    """Of a booking what a row shows, with what vendors and dispatch know of it."""

    id: UUID
    task_id: UUID
    state: BookingState
    service_status: ServiceStatus | None
    hold_reason: str | None
    flexible: bool
    ready_at: datetime | None
    revision: int
    open_offers: int | None
    answer_by: datetime | None
    planned_at: datetime | None
    left_out_reason: str | None
    vendor_name: str | None


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One task of a patient as the board shows it."""

    task: TaskGlance
    booking: BookingGlance | None
    advice: Advice


@dataclass(frozen=True, slots=True)
class PatientRow:
    """One patient: when they leave, and every task with what to do about it."""

    stay: StayGlance
    name: str
    """As lists write it: family name first."""
    lines: tuple[TaskLine, ...]
    urgency: Urgency

    @property
    def unbooked(self) -> int:
        """How many tasks wait for their first booking."""
        return sum(line.advice.action == "Book" for line in self.lines)

    @property
    def followed(self) -> list[str]:
        """The bookings whose changes the row shows, as live names."""
        return [f"booking:{line.booking.id}" for line in self.lines if line.booking]

    @property
    def revision(self) -> int:
        """Rises with whatever the row shows."""
        bookings = sum(line.booking.revision for line in self.lines if line.booking)
        return self.stay.revision + bookings + sum(line.task.revision for line in self.lines)


@dataclass(frozen=True, slots=True)
class BoardView:
    """A page of the board, the counts on top, and where the next page begins."""

    rows: tuple[PatientRow, ...]
    next: Cursor | None


def board(session: WorkSession, *, after: Cursor | None = None, rows: int = 50) -> BoardView:
    """Who leaves next and what must be done now: the same number of queries however many rows."""
    session.actor.require("planner")
    asked = Leaving(until=session.now() + LOOKING_AHEAD, after=after)
    stays = _stays(session, asked, rows)
    shown = stays[:rows]
    more = (shown[-1].expected_discharge_at, shown[-1].id) if len(stays) > rows else None
    return BoardView(tuple(_rows(session, shown)), more)


def row_of(session: WorkSession, encounter_id: UUID) -> PatientRow | None:
    """One patient's row, whatever is still to be done; None when the stay is over, missing or foreign."""
    session.actor.require("planner")
    found = _rows(session, _stays(session, Leaving(planned_only=False, encounter_id=encounter_id), 1))
    return found[0] if found else None


def _stays(session: WorkSession, asked: Leaving, rows: int) -> list[StayGlance]:
    statement, values = asked.ask(session, _STAY, rows)
    return [StayGlance._make(row) for row in session.execute(statement, values)]


def _rows(session: WorkSession, stays: Sequence[StayGlance]) -> list[PatientRow]:
    names = names_shown(session, [stay.patient_id for stay in stays], "encounters:board_read")
    shown = {"stays": [stay.id for stay in stays]}
    bookings = map(BookingGlance._make, session.execute(_BOOKINGS, shown))
    newest = {booking.task_id: booking for booking in bookings}
    lines: dict[UUID, list[TaskLine]] = {stay.id: [] for stay in stays}
    for task in map(TaskGlance._make, session.execute(_TASKS, shown)):
        booking = newest.get(task.id)
        lines[task.encounter_id].append(TaskLine(task, booking, advise(_facts(task, booking))))
    return [
        PatientRow(
            stay,
            names[stay.patient_id].listed_name,
            tuple(lines[stay.id]),
            most_urgent([line.advice for line in lines[stay.id]]),
        )
        for stay in stays
    ]


def _facts(task: TaskGlance, booking: BookingGlance | None) -> TaskFacts:
    if booking is None:
        return TaskFacts(task.title, task.service_kind, task.state)
    return TaskFacts(
        title=task.title,
        kind=task.service_kind,
        task_state=task.state,
        booking_state=booking.state,
        service_status=booking.service_status,
        vendor_name=booking.vendor_name or "",
        open_offers=booking.open_offers or 0,
        answer_by=booking.answer_by,
        planned_at=booking.planned_at,
        left_out_reason=booking.left_out_reason or "",
        hold_reason=booking.hold_reason or "",
        waits_for_word=booking.flexible and booking.ready_at is None,
    )


_STAY = (
    Encounter.id,
    Encounter.patient_id,
    Encounter.unit,
    Encounter.expected_discharge_at,
    Encounter.revision,
)
_GIVEN = bindparam("stays", type_=ARRAY(Uuid))
_PLANS = select(CarePlan.id).where(CarePlan.encounter_id == any_(_GIVEN)).scalar_subquery()
# the plans as an array first, then their tasks by key: plainly joined, the database may read every task
_TASKS = (
    select(
        CarePlanTask.id,
        CarePlan.encounter_id,
        CarePlanTask.title,
        CarePlanTask.service_kind,
        CarePlanTask.state,
        CarePlanTask.revision,
    )
    .join(CarePlan, CarePlan.id == CarePlanTask.care_plan_id)
    .where(
        CarePlanTask.care_plan_id == func.any(func.array(_PLANS)),
        CarePlanTask.occurrence_of_task_id.is_(None),
    )
    .order_by(CarePlanTask.due_offset_start_minutes, CarePlanTask.id)
)
_ASKED = (
    select(func.count().label("open"), func.min(Offer.respond_by).label("due"))
    .where(Offer.booking_id == Booking.id, Offer.state == OfferState.OPEN)
    .lateral("asked")
)
_BOOKINGS = (
    select(
        Booking.id,
        Booking.care_plan_task_id,
        Booking.state,
        Booking.service_status,
        Booking.hold_reason,
        Booking.flexible,
        Booking.ready_at,
        Booking.revision,
        _ASKED.c.open,
        _ASKED.c.due,
        Assignment.starts_at,
        LeftOut.reason,
        Organization.name,
    )
    .select_from(Booking)
    .outerjoin(_ASKED, true())
    .outerjoin(Assignment, Assignment.booking_id == Booking.id)
    .outerjoin(LeftOut, LeftOut.booking_id == Booking.id)
    .outerjoin(Organization, Organization.id == Booking.vendor_organization_id)
    .where(Booking.encounter_id == any_(_GIVEN))
    .order_by(Booking.id)
)
"""Everything that other floors know of the bookings, the newest of each task last."""
