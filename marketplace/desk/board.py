"""The board's rows: departures with what vendors answered and what dispatch planned; few queries, always."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from dispatch.planning.models import Assignment, LeftOut
from marketplace.bookings.board import Cursor, Departure, departures
from marketplace.bookings.models import Booking
from marketplace.careplans.models import CarePlanTask
from marketplace.desk.advice import Advice, TaskFacts, Urgency, advise, most_urgent
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Organization
from vendors.offers.models import Offer
from vendors.offers.words import OfferState

LOOKING_AHEAD = timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One task of a patient as the board shows it."""

    task: CarePlanTask
    booking: Booking | None
    advice: Advice


@dataclass(frozen=True, slots=True)
class PatientRow:
    """One patient: when they leave, and every task with what to do about it."""

    departure: Departure
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
        return self.departure.encounter.revision + bookings + sum(line.task.revision for line in self.lines)


@dataclass(frozen=True, slots=True)
class BoardView:
    """A page of the board, the counts on top, and where the next page begins."""

    rows: tuple[PatientRow, ...]
    next: Cursor | None


def board(session: WorkSession, *, after: Cursor | None = None, rows: int = 50) -> BoardView:
    """Who leaves next and what must be done now: the same number of queries however many rows."""
    now = session.now()
    page = departures(session, until=now + LOOKING_AHEAD, after=after, rows=rows, at_a_glance=True)
    return BoardView(tuple(patient_rows(session, page.rows)), page.next)


def patient_rows(session: WorkSession, found: Sequence[Departure]) -> list[PatientRow]:
    """The departures with their advice."""
    bookings = [booking for departure in found for _, booking in departure.tasks if booking is not None]
    known = _Known(session, bookings)
    made = []
    for departure in found:
        lines = tuple(
            TaskLine(task, booking, advise(known.facts(task, booking))) for task, booking in departure.tasks
        )
        made.append(PatientRow(departure, lines, most_urgent([line.advice for line in lines])))
    return made


class _Known:
    """What other floors know of a page's bookings, asked for in one query."""

    def __init__(self, session: WorkSession, bookings: Sequence[Booking]) -> None:
        ids = [booking.id for booking in bookings]
        asked = (
            select(Offer.booking_id, func.count().label("open"), func.min(Offer.respond_by).label("due"))
            .where(Offer.booking_id.in_(ids), Offer.state == OfferState.OPEN)
            .group_by(Offer.booking_id)
            .subquery()
        )
        query = (
            select(
                Booking.id,
                asked.c.open,
                asked.c.due,
                Assignment.starts_at,
                LeftOut.reason,
                Organization.name,
            )
            .outerjoin(asked, asked.c.booking_id == Booking.id)
            .outerjoin(Assignment, Assignment.booking_id == Booking.id)
            .outerjoin(LeftOut, LeftOut.booking_id == Booking.id)
            .outerjoin(Organization, Organization.id == Booking.vendor_organization_id)
            .where(Booking.id.in_(ids))
        )
        self._rows = {row[0]: row for row in session.execute(query)} if ids else {}

    def facts(self, task: CarePlanTask, booking: Booking | None) -> TaskFacts:
        """A task's facts."""
        if booking is None:
            return TaskFacts(task.title, task.service_kind, task.state)
        known = self._rows.get(booking.id)
        return TaskFacts(
            title=task.title,
            kind=task.service_kind,
            task_state=task.state,
            booking_state=booking.state,
            service_status=booking.service_status,
            vendor_name=(known.name if known else None) or "",
            open_offers=(known.open if known else None) or 0,
            answer_by=known.due if known else None,
            planned_at=known.starts_at if known else None,
            left_out_reason=(known.reason if known else None) or "",
            hold_reason=booking.hold_reason or "",
            waits_for_word=booking.flexible and booking.ready_at is None,
        )
