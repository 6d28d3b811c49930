"""Booking the days of a standing order as they come near: each day once, however often it is tried."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from marketplace.bookings import service as bookings
from marketplace.bookings.context import context_of
from marketplace.bookings.models import Booking
from marketplace.bookings.orders import Address, PayerChoice, RideOrder
from marketplace.bookings.telling import tell_planner
from marketplace.bookings.telling_models import TellingSubject
from marketplace.bookings.words import FINAL, BookingKind, BookingState, CancelReason, PlaceKind
from marketplace.careplans.models import CarePlanTask
from marketplace.careplans.service import mark_not_needed
from marketplace.careplans.standing import add_occurrence, stand_no_more
from marketplace.careplans.words import TaskState
from marketplace.desk.standing.models import StandingOccurrence, StandingOrder
from marketplace.desk.standing.rules import Terms, days_of, way_back_on, window_on
from marketplace.desk.standing.words import HORIZON_DAYS, OccurrenceState, StandingState
from marketplace.foundation import state
from marketplace.foundation.announce import announce
from marketplace.foundation.errors import Conflict, InvalidInput, NotFound
from marketplace.foundation.ids import new_id
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Facility
from vendors.sourcing import service as sourcing

Ids = Callable[[str], UUID]
"""Makes the id of a named thing, where ids come from a seed."""
PLACE = "standing_orders.sealed"
WAITING = frozenset(BookingState) - FINAL - {BookingState.UNDER_WAY}
"""States in which a ride can still be moved or called off with its order."""


def locked_order(session: WorkSession, order_id: UUID) -> StandingOrder:
    """The order as it is now, locked until the end of the transaction; NotFound when missing or foreign."""
    query = select(StandingOrder).where(StandingOrder.id == order_id).with_for_update()
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound
    return found


def zone_of(session: WorkSession, order: StandingOrder) -> ZoneInfo:
    """The zone in which the order's times are meant."""
    facility = session.get(Facility, order.facility_id)
    assert facility is not None  # a foreign key keeps it
    return ZoneInfo(facility.time_zone)


def occurrences_of(session: WorkSession, order_id: UUID) -> dict[date, StandingOccurrence]:
    """The days that were booked so far."""
    query = select(StandingOccurrence).where(StandingOccurrence.standing_order_id == order_id)
    return {row.on_day: row for row in session.scalars(query.order_by(StandingOccurrence.on_day))}


def fill(session: WorkSession, order: StandingOrder, *, strict: bool = False, ids: Ids | None = None) -> int:
    """Book every day of the next two weeks that counts and is not booked yet; returns how many were.

    The order is locked by the caller. Trouble with a day (no units left, say) is kept on the order and told
    to the planner, and later days wait for it; `strict` raises that of the first day instead. An order whose
    last day has passed ends by itself.
    """
    today, zone = _today(session, order), zone_of(session, order)
    _end_pause(session, order, today)
    if order.state is StandingState.ENDED:
        return 0
    rows, made, horizon = occurrences_of(session, order.id), 0, today + timedelta(days=HORIZON_DAYS)
    terms = rest_of(order.terms, today, rows)
    trouble = ""
    for day in days_of(terms, order.pause):
        row = rows.get(day)
        gone = window_on(terms, day, zone).end <= session.now()
        if day > horizon or trouble:
            break
        if gone or (row is not None and row.state is OccurrenceState.BOOKED):
            continue
        try:
            with session.begin_nested():
                _book(session, order, terms, day, row, zone, ids or _new_ids)
            made += 1
        except (InvalidInput, Conflict) as refused:
            if strict and not made:
                raise
            trouble = f"{day:%A, %B %-d}: {_in_words(refused)}"
    _note(session, order, trouble, horizon, rows)
    _end_when_over(session, order, terms, today)
    return made


def rest_of(terms: Terms, today: date, rows: dict[date, StandingOccurrence]) -> Terms:
    """The terms from today on: trips that were booked for days before today are used up."""
    start = max(terms.starts_on, today)
    if terms.trips is None:
        return replace(terms, starts_on=start, ends_on=terms.last_day)
    done = sum(row.state is OccurrenceState.BOOKED and day < start for day, row in rows.items())
    return replace(terms, starts_on=start, trips=max(0, terms.trips - done))


def call_off(session: WorkSession, order: StandingOrder, row: StandingOccurrence, note: str) -> bool:
    """Call one day off while its ride waits; what is under way or over stays. Says whether it did."""
    there = session.get(Booking, row.outward_booking_id)
    if there is None or there.state not in WAITING:
        return False
    bookings.cancel(session, there.id, CancelReason.STANDING_ORDER, f"{order.reference}: {note}"[:500])
    task = session.get(CarePlanTask, there.care_plan_task_id)
    if task is not None and task.state is TaskState.OPEN:
        mark_not_needed(session, task.id, f"{order.reference}: {note}"[:500])
    row.state = OccurrenceState.CALLED_OFF
    return True


def end(session: WorkSession, order: StandingOrder, note: str) -> None:
    """The order is over; its task is done by the last ride that was completed, else open again."""
    last = session.scalars(
        select(Booking.id)
        .join(StandingOccurrence, StandingOccurrence.outward_booking_id == Booking.id)
        .where(
            StandingOccurrence.standing_order_id == order.id, Booking.state == BookingState.COMPLETED
        )
        .order_by(StandingOccurrence.on_day.desc())
        .limit(1)
    ).first()  # fmt: skip
    order.paused_from = order.paused_until = None
    state.move(session, order, StandingState.ENDED, note=note)
    stand_no_more(session, order.care_plan_task_id, last, order.reference)


def seal(session: WorkSession, order: StandingOrder, destination: Address, note: str) -> None:
    """Put where to and the note for the crew under seal."""
    text = json.dumps({**asdict(destination), "note": note})
    order.sealed = session.runtime.vault.seal(session, order.organization_id, PLACE, order.id, text)


def opened(session: WorkSession, order: StandingOrder) -> tuple[Address, str]:
    """Where to and the note, opened. Whoever calls it owes an audit row for the patient."""
    text = session.runtime.vault.open(session, order.organization_id, PLACE, order.id, order.sealed)
    found: dict[str, Any] = json.loads(text)
    note = found.pop("note")
    return Address(**{**found, "place_kind": PlaceKind(found["place_kind"])}), note


def _book(
    session: WorkSession,
    order: StandingOrder,
    terms: Terms,
    day: date,
    row: StandingOccurrence | None,
    zone: ZoneInfo,
    ids: Ids,
) -> None:
    window, back = window_on(terms, day, zone), way_back_on(terms, day, zone)
    parent = session.get(CarePlanTask, order.care_plan_task_id)
    assert parent is not None  # a foreign key keeps it
    task = add_occurrence(session, parent, window.start, terms.window_minutes, ids(f"task:{day}"))
    destination, note = opened(session, order)
    ride = RideOrder(
        task.id,
        order.level_of_service,
        PayerChoice(order.payer_kind, order.coverage_id, order.authorization_id),
        window,
        origin=context_of(session, task.id, BookingKind.RIDE).home(),
        destination=destination,
        note=note,
        booking_id=ids(f"ride:{day}"),
    )
    pair: list[Booking] = []
    if back is None:
        pair.append(bookings.request_ride(session, ride))
    else:
        back = replace(back, booking_id=ids(f"back:{day}"))
        pair.extend(bookings.request_round_trip(session, ride, back, back_task_id=ids(f"back-task:{day}")))
    for one in pair:
        sourcing.start(session, one.id, first=order.vendor_organization_id)
    if row is None:
        row = StandingOccurrence(
            standing_order_id=order.id, on_day=day, organization_id=order.organization_id
        )
        session.add(row)
    row.state, row.booked_at = OccurrenceState.BOOKED, session.now()
    row.outward_booking_id = pair[0].id
    row.back_booking_id = pair[1].id if back is not None else None
    session.flush()


def _note(
    session: WorkSession,
    order: StandingOrder,
    trouble: str,
    horizon: date,
    rows: dict[date, StandingOccurrence],
) -> None:
    news = trouble and trouble != order.trouble
    order.trouble = trouble
    if not trouble:
        order.filled_until = horizon
    order.revision += 1
    if news and rows:
        last = session.get(Booking, max(rows.items())[1].outward_booking_id)
        assert last is not None  # a foreign key keeps it
        tell_planner(
            session,
            last,
            TellingSubject.STANDING_ORDER,
            f"Standing order {order.reference} could not be booked further. {trouble}",
            remedy="Open the standing order, mend what is named, then press Book again.",
            urgent=True,
        )
    announce(session, [order.organization_id], "standing_order", order.id, order.revision)


def _end_pause(session: WorkSession, order: StandingOrder, today: date) -> None:
    pause = order.pause
    if pause is not None and pause.last is not None and pause.last < today:
        order.paused_from = order.paused_until = None
        state.move(session, order, StandingState.ACTIVE, note="The pause is over.")


def _end_when_over(session: WorkSession, order: StandingOrder, terms: Terms, today: date) -> None:
    if order.pause is not None or any(day >= today for day in days_of(terms)):
        return
    live = (
        select(Booking.id)
        .join(StandingOccurrence, StandingOccurrence.outward_booking_id == Booking.id)
        .where(StandingOccurrence.standing_order_id == order.id, Booking.state.not_in(FINAL))
    )
    if session.scalars(live.limit(1)).first() is None:
        end(session, order, "Its last day has passed.")


def _in_words(refused: InvalidInput | Conflict) -> str:
    """What a planner is told; the names of fields mean nothing there."""
    if isinstance(refused, InvalidInput):
        return "; ".join(error.message for error in refused.errors) + "."
    return str(refused)


def _new_ids(_name: str) -> UUID:
    return new_id()


def _today(session: WorkSession, order: StandingOrder) -> date:
    moment: datetime = session.now()
    return moment.astimezone(zone_of(session, order)).date()
