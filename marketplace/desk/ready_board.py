"""Who is to leave today, judged by evidence; the queries are as many whether one row is shown or fifty."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from dispatch.planning.models import LeftOut
from marketplace.bookings.board import Departure, departures
from marketplace.bookings.leaving import Cursor
from marketplace.bookings.models import Booking
from marketplace.careplans.models import CarePlanTask
from marketplace.choices.models import PatientChoice
from marketplace.desk.ready_rules import StayEvidence, TaskEvidence, Verdict, verdict
from marketplace.foundation.errors import Conflict, NotFound
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Organization, User
from marketplace.patients import encounters
from marketplace.patients.models import Encounter

LOOKING_AHEAD = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class ReadyRow:
    """One patient: when they leave, and the verdict."""

    departure: Departure
    verdict: Verdict

    @property
    def followed(self) -> list[str]:
        """The live names of what the verdict stands on."""
        return [f"booking:{booking.id}" for _, booking in self.departure.tasks if booking] + [
            f"task:{task.id}" for task, _ in self.departure.tasks
        ]

    @property
    def revision(self) -> int:
        """Rises with whatever the row shows."""
        parts = sum(
            task.revision + (booking.revision if booking else 0) for task, booking in self.departure.tasks
        )
        return self.departure.encounter.revision + parts


@dataclass(frozen=True, slots=True)
class ReadyPage:
    """A page of rows, soonest first, and where the next begins."""

    rows: tuple[ReadyRow, ...]
    next: Cursor | None


def ready_board(session: WorkSession, *, after: Cursor | None = None, rows: int = 40) -> ReadyPage:
    """Everybody who is expected to leave within a day, and whoever should have left already."""
    until = session.now() + LOOKING_AHEAD
    page = departures(session, until=until, planned_only=False, after=after, rows=rows)
    return ReadyPage(tuple(judged(session, page.rows)), page.next)


def ready_row(session: WorkSession, encounter_id: UUID) -> ReadyRow:
    """One patient's row; NotFound for a stay that is foreign, missing or over."""
    page = departures(session, planned_only=False, encounter_id=encounter_id)
    if not page.rows:
        raise NotFound
    return judged(session, page.rows)[0]


def judged(session: WorkSession, found: Sequence[Departure]) -> list[ReadyRow]:
    """The departures with their verdicts."""
    known = _Known(session, found)
    return [ReadyRow(departure, verdict(known.evidence(departure))) for departure in found]


def leave(session: WorkSession, encounter_id: UUID, note: str = "") -> Encounter:
    """The patient has left now; whether everything was confirmed is kept, by the evidence of this moment.

    Raises Conflict when something is not confirmed and no `note` says why the patient left all the same.
    """
    session.actor.require("planner")
    encounters.locked_encounter(session, encounter_id)
    found = ready_row(session, encounter_id).verdict
    if not found.is_green and not note.strip():
        raise Conflict(
            f"Not everything is confirmed: {found.blockers[0].what}.",
            remedy="See to it, or write why the patient left all the same.",
        )
    return encounters.discharge(session, encounter_id, ready=found.is_green, note=note.strip())


class _Known:
    """What other rooms know of a page's patients, asked for in three queries."""

    def __init__(self, session: WorkSession, found: Sequence[Departure]) -> None:
        bookings = [booking.id for one in found for _, booking in one.tasks if booking]
        owners = {task.owner_user_id for one in found for task, _ in one.tasks}
        stays = [one.encounter.id for one in found]
        self._owners = _names(session, owners)
        self._choices = _choices(session, stays)
        self._bookings = _vendors(session, bookings)

    def evidence(self, departure: Departure) -> StayEvidence:
        """Everything the rules judge by."""
        stay = departure.encounter
        return StayEvidence(
            tasks=tuple(self._task(task, booking) for task, booking in departure.tasks),
            medically_ready_at=stay.medically_ready_at,
            choice_at=self._choices.get(stay.id),
            care_team=stay.unit or "Care team",
        )

    def _task(self, task: CarePlanTask, booking: Booking | None) -> TaskEvidence:
        vendor, left_out = self._bookings.get(booking.id, ("", "")) if booking else ("", "")
        return TaskEvidence(
            title=task.title,
            category=task.category,
            kind=task.service_kind,
            state=task.state,
            owner=self._owners.get(task.owner_user_id, ""),
            anchor=task.due_anchor,
            offset_start_minutes=task.due_offset_start_minutes,
            booking_state=booking.state if booking else None,
            service_status=booking.service_status if booking else None,
            vendor=vendor,
            why=((booking.hold_reason if booking else "") or left_out or ""),
            met_at=_met_at(task, booking),
        )


def _met_at(task: CarePlanTask, booking: Booking | None) -> datetime | None:
    if task.completed_at is not None:
        return task.completed_at
    return booking.finished_at or booking.planned_start if booking else None


def _names(session: WorkSession, user_ids: Collection[UUID]) -> dict[UUID, str]:
    rows = session.execute(select(User.id, User.name).where(User.id.in_(user_ids))) if user_ids else ()
    return {row[0]: row[1] for row in rows}


def _choices(session: WorkSession, stays: Collection[UUID]) -> dict[UUID, datetime]:
    """When each stay's patient last chose."""
    newest = select(PatientChoice.encounter_id, func.max(PatientChoice.chosen_at))
    grouped = newest.where(PatientChoice.encounter_id.in_(stays)).group_by(PatientChoice.encounter_id)
    return {row[0]: row[1] for row in session.execute(grouped)} if stays else {}


def _vendors(session: WorkSession, booking_ids: Collection[UUID]) -> dict[UUID, tuple[str, str]]:
    """Who holds each booking, and why the plan left it out."""
    query = (
        select(Booking.id, Organization.name, LeftOut.reason)
        .outerjoin(Organization, Organization.id == Booking.vendor_organization_id)
        .outerjoin(LeftOut, LeftOut.booking_id == Booking.id)
        .where(Booking.id.in_(booking_ids))
    )
    rows = session.execute(query) if booking_ids else ()
    return {row[0]: (row[1] or "", row[2] or "") for row in rows}
