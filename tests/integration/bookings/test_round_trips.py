"""Round trips: the way back is asked at once, moves and ends with the way there, and waits for a call."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from marketplace.bookings import service as bookings
from marketplace.bookings.models import Booking, BookingWindowMove
from marketplace.bookings.orders import Address, RequestedWindow, RideOrder, WayBack
from marketplace.bookings.telling_models import Telling, TellingSubject
from marketplace.bookings.words import (
    BookingState,
    CancelReason,
    PlaceKind,
    ServiceStatus,
    WindowAnchor,
)
from marketplace.careplans import service as careplans
from marketplace.careplans.models import CarePlanTask
from marketplace.careplans.ways_back import add_way_back
from marketplace.careplans.words import DueAnchor, ServiceKind, TaskCategory, TaskState
from marketplace.foundation.errors import Conflict, InvalidInput, NotFound
from marketplace.patients.coverage_models import Authorization
from tests.integration.bookings.conftest import Caller, fields_refused, ride_body
from tests.support.ground_stage import NOW, GroundStage
from tests.support.html_forms import forms_of

HOME = Address(PlaceKind.RESIDENCE, "2316 SE Ash St", "Portland", "OR", "97214")
CLINIC = Address(PlaceKind.DIALYSIS, "5051 NE Hoyt St", "Portland", "OR", "97213", "Hoyt Dialysis")
APPOINTMENT = NOW + timedelta(days=3, hours=1)
THERE = RequestedWindow(
    APPOINTMENT - timedelta(minutes=75), APPOINTMENT - timedelta(minutes=30), WindowAnchor.FIXED
)
BACK = RequestedWindow(
    APPOINTMENT + timedelta(minutes=30), APPOINTMENT + timedelta(hours=3), WindowAnchor.FIXED
)


@pytest.fixture
def task(stage: GroundStage) -> UUID:
    """A ride to the dialysis centre, on an appointment that the discharge does not move."""
    with stage.planning() as session:  # type: ignore[attr-defined]
        new = careplans.NewTask(
            category=TaskCategory.FOLLOW_UP,
            title="Ride to dialysis",
            owner_user_id=stage.people[stage.hospital],
            service_kind=ServiceKind.RIDE,
            due_anchor=DueAnchor.FIXED,
            due_at=APPOINTMENT,
            due_offset_start_minutes=-75,
            due_offset_end_minutes=-30,
        )
        return careplans.add_task(session, stage.plan, new).id


def order(stage: GroundStage, task: UUID, **changes: object) -> RideOrder:
    usual: dict[str, object] = {"task_id": task, "window": THERE, "origin": HOME, "destination": CLINIC}
    return stage.ride(**{**usual, **changes})


def round_trip(
    stage: GroundStage, task: UUID, back: WayBack | None = None, **changes: object
) -> tuple[Booking, Booking]:
    with stage.planning() as session:  # type: ignore[attr-defined]
        return bookings.request_round_trip(session, order(stage, task, **changes), back or WayBack(BACK))


def units_used(stage: GroundStage) -> int:
    with stage.owner() as session:
        return session.get(Authorization, stage.ride_authorization).units_used


def task_states(stage: GroundStage, *bookings_made: Booking) -> list[TaskState]:
    with stage.owner() as session:
        return [session.get(CarePlanTask, made.care_plan_task_id).state for made in bookings_made]


def test_the_way_there_and_back_are_two_bookings_of_tasks_of_their_own(
    stage: GroundStage, task: UUID
) -> None:
    there, back = round_trip(stage, task)

    assert (there.outward_booking_id, back.outward_booking_id) == (None, there.id)
    assert (back.origin_postal_code, back.destination_postal_code) == ("97213", "97214")
    assert (back.origin_place_kind, back.destination_place_kind) == ("J", "R")
    assert (back.flexible, back.level_of_service) == (True, there.level_of_service)
    with stage.planning() as session:  # type: ignore[attr-defined]
        rider = bookings.rider(session, back.id)
    assert rider.pickup == "Hoyt Dialysis, 5051 NE Hoyt St, Portland, OR 97213"
    assert rider.destination == "2316 SE Ash St, Portland, OR 97214"
    assert task_states(stage, there, back) == [TaskState.BOOKED, TaskState.BOOKED]
    assert units_used(stage) == 2, "each way is a unit"
    assert stage.breaches() == []


def test_a_way_back_that_cannot_be_leaves_nothing_behind(stage: GroundStage, task: UUID) -> None:
    early = RequestedWindow(THERE.start, THERE.start + timedelta(hours=2), WindowAnchor.FIXED)
    with pytest.raises(InvalidInput) as refused:
        round_trip(stage, task, WayBack(early))
    assert [error.field for error in refused.value.errors] == ["way_back.requested_start"]
    short = RequestedWindow(BACK.start, BACK.start + timedelta(hours=1), WindowAnchor.FIXED)
    with pytest.raises(InvalidInput) as refused:
        round_trip(stage, task, WayBack(short))
    assert [error.field for error in refused.value.errors] == ["way_back.requested_end"]

    with stage.owner() as session:
        assert session.scalars(select(Booking)).all() == []
        assert session.scalars(
            select(CarePlanTask).where(CarePlanTask.way_back_of_task_id == task)
        ).all() == []  # fmt: skip
    assert units_used(stage) == 0


def test_calling_the_way_there_off_calls_the_way_back_off_for_the_same_reason(
    stage: GroundStage, task: UUID
) -> None:
    there, back = round_trip(stage, task)
    with stage.planning() as session:  # type: ignore[attr-defined]
        bookings.cancel(session, there.id, CancelReason.CONDITION_CHANGED, "fever")

    assert stage.fresh(there).state is stage.fresh(back).state is BookingState.CANCELLED_ADVANCE
    with stage.planning() as session:  # type: ignore[attr-defined]
        last = bookings.timeline(session, back.id)[-1]
    assert last.reason_code == "condition_changed"
    assert last.note == f"With {there.reference}, the way there. fever"
    assert units_used(stage) == 0
    assert task_states(stage, there, back) == [TaskState.OPEN, TaskState.OPEN]
    assert stage.breaches() == []


def test_a_way_back_can_be_kept_and_belongs_to_the_ride_that_is_booked_anew(
    stage: GroundStage, task: UUID
) -> None:
    there, back = round_trip(stage, task)
    with stage.planning() as session:  # type: ignore[attr-defined]
        bookings.cancel(session, there.id, CancelReason.WRONG_DETAILS, with_way_back=False)
    assert stage.fresh(back).state is BookingState.REQUESTED

    again = stage.book(order(stage, task))

    assert stage.fresh(back).outward_booking_id == again.id
    with stage.planning() as session:  # type: ignore[attr-defined]
        assert bookings.way_back_of(session, again.id).id == back.id
    assert stage.breaches() == []


def test_the_way_back_alone_can_be_called_off_and_asked_again(stage: GroundStage, task: UUID) -> None:
    there, back = round_trip(stage, task)
    with stage.planning() as session:  # type: ignore[attr-defined]
        bookings.cancel(session, back.id, CancelReason.FAMILY_TAKES_PATIENT)
    assert stage.fresh(there).state is BookingState.REQUESTED

    with stage.planning() as session:  # type: ignore[attr-defined]
        anew = bookings.request_ride(
            session, RideOrder(back.care_plan_task_id, there.level_of_service, stage.ride().payer, BACK)
        )
    assert (anew.outward_booking_id, anew.origin_postal_code) == (there.id, "97213")
    assert stage.breaches() == []


def test_a_way_back_needs_its_way_there(stage: GroundStage, task: UUID) -> None:
    with stage.planning() as session:  # type: ignore[attr-defined]
        back_task = add_way_back(session, task)
        assert add_way_back(session, task).id == back_task.id, "once is enough"
        with pytest.raises(Conflict, match="way back itself"):
            add_way_back(session, back_task.id)
        with pytest.raises(InvalidInput, match="only a ride"):
            add_way_back(session, stage.oxygen_task)
    with pytest.raises(InvalidInput) as refused:
        stage.book(stage.ride(task_id=back_task.id, window=BACK))
    assert [error.field for error in refused.value.errors] == ["origin"]


def test_a_task_that_nobody_needs_takes_its_way_back_along(stage: GroundStage, task: UUID) -> None:
    with stage.planning() as session:  # type: ignore[attr-defined]
        back_task = add_way_back(session, task).id
        careplans.mark_not_needed(session, task, "the clinic comes to her")
    with stage.planning() as session:  # type: ignore[attr-defined]
        assert careplans.task(session, back_task).state is TaskState.NOT_NEEDED
        with pytest.raises(NotFound):
            bookings.way_back_of(session, bookings.booking(session, back_task).id)
    assert stage.breaches() == []


def test_an_appointment_that_slips_moves_both_windows(stage: GroundStage, task: UUID) -> None:
    there, back = round_trip(stage, task)
    later = timedelta(hours=2, minutes=15)
    slipped = RequestedWindow(THERE.start + later, THERE.end + later, WindowAnchor.FIXED)
    with stage.planning() as session:  # type: ignore[attr-defined]
        bookings.move_window(session, there.id, slipped)

    moved = stage.fresh(back)
    assert (moved.requested_start, moved.requested_end) == (BACK.start + later, BACK.end + later)
    with stage.owner() as session:
        causes = dict(session.execute(select(BookingWindowMove.booking_id, BookingWindowMove.cause)).all())
    assert causes == {there.id: "planner", back.id: "way_there"}
    longer = RequestedWindow(slipped.start, slipped.end + timedelta(minutes=30), WindowAnchor.FIXED)
    with stage.planning() as session:  # type: ignore[attr-defined]
        bookings.move_window(session, there.id, longer)
    assert stage.fresh(back).requested_start == BACK.start + later, "a longer wait is no slip"
    with stage.planning() as session, pytest.raises(InvalidInput, match="not there yet"):  # type: ignore[attr-defined]
        bookings.move_window(
            session, back.id, RequestedWindow(slipped.start, slipped.end, WindowAnchor.FIXED)
        )
    assert stage.breaches() == []


def test_a_way_back_that_is_under_way_stays_where_it_is(stage: GroundStage, task: UUID) -> None:
    there, back = round_trip(stage, task)
    with stage.planning() as session:  # type: ignore[attr-defined]
        bookings.mark_offered(session, back.id, stage.vendors[:1], NOW + timedelta(hours=1))
    vendor = stage.vendors[0]
    with stage.acting(vendor, "vendor_admin") as session:
        bookings.award(session, back.id, vendor, back.id, BACK.start, BACK.end)
    with stage.acting(vendor, "driver") as session:
        bookings.record_service_status(session, back.id, ServiceStatus.EN_ROUTE_PICKUP, NOW)
    with stage.planning() as session:  # type: ignore[attr-defined]
        bookings.cancel(session, there.id, CancelReason.NOT_NEEDED)

    assert stage.fresh(there).state is BookingState.CANCELLED_ADVANCE
    assert stage.fresh(back).state is BookingState.UNDER_WAY


def test_the_planner_hears_that_the_rider_did_not_come_to_the_way_there(
    stage: GroundStage, task: UUID
) -> None:
    there, back = round_trip(stage, task)
    vendor = stage.vendors[0]
    with stage.planning() as session:  # type: ignore[attr-defined]
        bookings.mark_offered(session, there.id, stage.vendors[:1], NOW + timedelta(hours=1))
    with stage.acting(vendor, "vendor_admin") as session:
        bookings.award(session, there.id, vendor, there.id, THERE.start, THERE.end)
    for status in (ServiceStatus.EN_ROUTE_PICKUP, ServiceStatus.ARRIVED_PICKUP, ServiceStatus.RIDER_NO_SHOW):
        with stage.acting(vendor, "driver") as session:
            bookings.record_service_status(session, there.id, status, THERE.start)
    stage.work_off()

    with stage.owner() as session:
        told = session.scalars(select(Telling).where(Telling.booking_id == back.id)).one()
    assert (told.subject, told.organization_id, told.urgent) == (
        TellingSubject.WAY_BACK, stage.hospital, True,
    )  # fmt: skip
    assert "rider no show" in told.text
    assert stage.fresh(back).state is BookingState.REQUESTED


def test_a_round_trip_is_asked_as_json(caller: Caller, stage: GroundStage, task: UUID) -> None:
    places = {
        name: {"place_kind": one.place_kind.value, "address_line": one.address_line, "city": one.city,
               "state": one.state, "postal_code": one.postal_code}
        for name, one in {"origin": HOME, "destination": CLINIC}.items()
    }  # fmt: skip
    window = {"requested_start": THERE.start.isoformat(), "requested_end": THERE.end.isoformat()}
    back = {"requested_start": BACK.start.isoformat(), "requested_end": BACK.end.isoformat()}
    body = ride_body(stage, task_id=str(task), anchor="fixed", way_back=back, **window, **places)

    wrong = {**back, "requested_start": window["requested_start"]}
    assert fields_refused(caller.client.post("/api/v1/bookings", json={**body, "way_back": wrong})) == {
        "way_back.requested_start"
    }
    made = caller.client.post("/api/v1/bookings", json=body)
    assert made.status_code == 201, made.text
    found = caller.client.get(f"/api/v1/bookings/{made.json['id']}/way-back").json["booking"]
    assert (found["outward_booking_id"], found["flexible"]) == (made.json["id"], True)
    assert caller.client.get(f"/api/v1/bookings/{found['id']}/way-back").json == {"booking": None}
    ended = caller.client.post(
        f"/api/v1/bookings/{made.json['id']}/cancel", json={"reason_code": "not_needed"}
    )
    assert ended.status_code == 200
    assert caller.client.get(f"/api/v1/bookings/{found['id']}").json["state"] == "cancelled_advance"


def test_the_form_asks_for_the_way_back_at_once_and_the_page_moves_both(
    caller: Caller, stage: GroundStage, task: UUID
) -> None:
    address = f"/bookings/new?task={task}"
    found = forms_of(caller.client.get(address).text, address)
    form = next(one for one in found if "requested_start" in one.controls)
    sent = form.values()
    assert (sent["way_back"], sent["back_start"]) == ("will_call", "2026-11-26T10:30")
    place = {"place_kind": "J", "address_line": "5051 NE Hoyt St", "city": "Portland", "state": "OR"}
    emptied = caller.client.post(address, data={**sent, **place, "postal_code": "97213", "back_end": ""})
    assert emptied.status_code == 422
    assert "Say from when until when the patient may be fetched back" in emptied.text
    made = caller.client.post(address, data={**sent, **place, "postal_code": "97213"})
    assert made.status_code == 303, made.text
    with stage.owner() as session:
        there, back = session.scalars(select(Booking).order_by(Booking.id)).all()
    shown = caller.client.get(f"/bookings/{there.id}").text
    assert f'Way back: <a href="/bookings/{back.id}">{back.reference}' in " ".join(shown.split())
    assert "Cancel the way back too" in shown
    answer = caller.client.post(
        f"/bookings/{there.id}/window",
        data={"requested_start": "2026-11-26T12:00", "requested_end": "2026-11-26T12:45"},
    )
    assert answer.status_code == 303, answer.text
    assert stage.fresh(back).requested_start - back.requested_start == timedelta(hours=3, minutes=15)
    answer = caller.client.post(
        f"/bookings/{there.id}/cancel", data={"reason_code": "not_needed", "note": ""}
    )
    assert answer.status_code == 303
    assert stage.fresh(back).state is BookingState.REQUESTED, "the box was not ticked"
