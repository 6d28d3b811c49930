"""Lists of bookings and departures, from the acting organization's own rows, a page at a time by key."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import aliased

from marketplace.bookings.leaving import AnySelect, Cursor, Leaving
from marketplace.bookings.models import Booking, BookingParty
from marketplace.bookings.words import BookingKind, BookingState, PartyRole, PartyStatus
from marketplace.careplans.models import CarePlan, CarePlanTask
from marketplace.foundation import audit
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Organization
from marketplace.patients.identity import identities
from marketplace.patients.models import Encounter, HandlingNeeds
from marketplace.patients.service import needs_of
from marketplace.patients.words import Identity, Needs

USUAL_ROWS = 50
LIVE = (PartyStatus.OPEN, PartyStatus.ACTIVE)


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A booking as a list shows it; the name is empty for anybody but the requester."""

    booking: Booking
    due_at: datetime
    task_title: str
    vendor_name: str
    patient_name: str
    expected_discharge_at: datetime | None
    unit: str


@dataclass(frozen=True, slots=True)
class BoardPage:
    """One page of bookings; `next` is None on the last."""

    rows: tuple[BoardRow, ...]
    next: Cursor | None


@dataclass(frozen=True, slots=True)
class Departure:
    """A patient who is to leave, with everything that is to happen: one row of the planner's board."""

    encounter: Encounter
    identity: Identity
    needs: Needs
    tasks: tuple[tuple[CarePlanTask, Booking | None], ...]
    """Each task of the plan with the newest booking made for it."""


@dataclass(frozen=True, slots=True)
class DeparturePage:
    """One page of departures, soonest first; `next` is None on the last."""

    rows: tuple[Departure, ...]
    next: Cursor | None


def bookings_for_board(
    session: WorkSession,
    *,
    states: Collection[BookingState] = (),
    kind: BookingKind | None = None,
    facility_id: UUID | None = None,
    live_only: bool = True,
    after: Cursor | None = None,
    rows: int = USUAL_ROWS,
) -> BoardPage:
    """The health system's bookings, soonest first: 2 queries and one audit row, however many rows."""
    session.actor.require("planner")
    query = _party_list(session, PartyRole.REQUESTER, LIVE if live_only else (*LIVE, PartyStatus.CLOSED))
    query = _filtered(query, states, kind, facility_id)
    vendor = aliased(Organization)
    query = query.add_columns(
        CarePlanTask.title, vendor.name, Encounter.expected_discharge_at, Encounter.unit
    )
    query = query.join(CarePlanTask, CarePlanTask.id == Booking.care_plan_task_id)
    query = query.join(Encounter, Encounter.id == Booking.encounter_id)
    query = query.outerjoin(vendor, vendor.id == Booking.vendor_organization_id)
    found = session.execute(_paged(query, after, rows)).all()
    names = names_shown(session, [row[0].patient_id for row in found[:rows]], "bookings:board_read")
    made = tuple(
        BoardRow(row[0], row[1], row[2], row[3] or "", names[row[0].patient_id].listed_name, row[4], row[5])
        for row in found[:rows]
    )
    more = (made[-1].due_at, made[-1].booking.id) if len(found) > rows else None
    return BoardPage(made, more)


def bookings_of_party(
    session: WorkSession,
    role: PartyRole,
    *,
    statuses: Collection[PartyStatus] = LIVE,
    states: Collection[BookingState] = (),
    kind: BookingKind | None = None,
    after: Cursor | None = None,
    rows: int = USUAL_ROWS,
) -> tuple[list[tuple[Booking, datetime]], Cursor | None]:
    """Bookings to which the acting organization is `role`, by what is due first, and the next page's cursor.

    No identity: a vendor's inbox and schedule, a payer's list. One query.
    """
    query = _filtered(_party_list(session, role, statuses), states, kind, None)
    found = [(row[0], row[1]) for row in session.execute(_paged(query, after, rows)).all()]
    ended = found[:rows]
    more = (ended[-1][1], ended[-1][0].id) if len(found) > rows else None
    return ended, more


def departures(
    session: WorkSession,
    *,
    until: datetime | None = None,
    facility_ids: Collection[UUID] = (),
    planned_only: bool = True,
    encounter_id: UUID | None = None,
    after: Cursor | None = None,
    rows: int = USUAL_ROWS,
) -> DeparturePage:
    """Who is to leave, soonest first, with tasks and bookings: 6 queries and one audit row a page.

    For the other conditions see `Leaving`; `encounter_id` asks for one stay.
    """
    session.actor.require("planner")
    asked = Leaving(until, facility_ids, planned_only, encounter_id, after)
    statement, values = asked.ask(session, (Encounter, HandlingNeeds), rows)
    found = session.execute(statement, values).all()
    stays = [row[0] for row in found[:rows]]
    names = names_shown(session, [stay.patient_id for stay in stays], "encounters:board_read")
    tasks = _tasks(session, [stay.id for stay in stays])
    made = tuple(
        Departure(stay, names[stay.patient_id], needs_of(needs), tuple(tasks.get(stay.id, ())))
        for stay, needs in found[:rows]
    )
    more = (stays[-1].expected_discharge_at, stays[-1].id) if len(found) > rows else None
    return DeparturePage(made, more)


def _party_list(session: WorkSession, role: PartyRole, statuses: Collection[PartyStatus]) -> AnySelect:
    return (
        select(Booking, BookingParty.due_at)
        .select_from(BookingParty)
        .join(Booking, Booking.id == BookingParty.booking_id)
        .where(
            BookingParty.organization_id == session.actor.organization(),
            BookingParty.role == role,
            BookingParty.status.in_(statuses),
        )
    )


def _filtered(
    query: AnySelect,
    states: Collection[BookingState],
    kind: BookingKind | None,
    facility_id: UUID | None,
) -> AnySelect:
    if states:
        query = query.where(Booking.state.in_(states))
    if kind is not None:
        query = query.where(Booking.kind == kind)
    if facility_id is not None:
        query = query.where(Booking.facility_id == facility_id)
    return query


def _paged(query: AnySelect, after: Cursor | None, rows: int) -> AnySelect:
    place = tuple_(BookingParty.due_at, BookingParty.booking_id)
    if after is not None:
        query = query.where(place > after)
    return query.order_by(BookingParty.due_at, BookingParty.booking_id).limit(rows + 1)


def names_shown(session: WorkSession, patient_ids: list[UUID], action: str) -> dict[UUID, Identity]:
    """The names of a page; one audit row lists every patient that was shown."""
    known = identities(session, patient_ids)
    if known:
        shown = {"patients": [str(patient_id) for patient_id in known]}
        audit.record(session, action, "patients", None, shown)
    return known


def _tasks(
    session: WorkSession, encounter_ids: list[UUID]
) -> dict[UUID, list[tuple[CarePlanTask, Booking | None]]]:
    # plans first, then their tasks by key: joined, the database may read every task there is
    plans = select(CarePlan.id, CarePlan.encounter_id).where(CarePlan.encounter_id.in_(encounter_ids))
    stay_of = {row[0]: row[1] for row in session.execute(plans)}
    ordered = (
        select(CarePlanTask)
        .where(CarePlanTask.care_plan_id.in_(stay_of), CarePlanTask.occurrence_of_task_id.is_(None))
        .order_by(CarePlanTask.due_offset_start_minutes, CarePlanTask.id)
    )
    chosen = select(Booking).where(Booking.encounter_id.in_(encounter_ids)).order_by(Booking.id)
    made = session.scalars(chosen)
    newest = {booking.care_plan_task_id: booking for booking in made}
    found: dict[UUID, list[tuple[CarePlanTask, Booking | None]]] = {}
    for task in session.scalars(ordered):
        found.setdefault(stay_of[task.care_plan_id], []).append((task, newest.get(task.id)))
    return found
