"""A booking's life: offered, won by one, done in the field or called off, and what each means for others."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from marketplace.bookings import service as bookings
from marketplace.bookings.models import Booking, BookingLink, BookingParty
from marketplace.bookings.orders import RequestedWindow
from marketplace.bookings.words import (
    BookingState,
    CancelReason,
    PartyRole,
    PartyStatus,
    ServiceStatus,
    WindowAnchor,
)
from marketplace.careplans.models import CarePlanTask
from marketplace.careplans.words import TaskState
from marketplace.foundation.audit import AuditEvent
from marketplace.foundation.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    StaleRevision,
    TransitionRefused,
)
from marketplace.foundation.events import OutboxEvent
from marketplace.foundation.ids import new_id
from marketplace.patients.authorizations import release
from marketplace.patients.coverage_models import Authorization, UnitReservation
from marketplace.patients.encounters import move_discharge
from marketplace.patients.words import ReservationState
from tests.support.ground_stage import LEAVES, NOW, GroundStage


def parties(stage: GroundStage, booking: Booking) -> dict[str, tuple[str, str]]:
    names = {stage.hospital: "hospital", stage.payer: "payer"}
    names |= {vendor: f"vendor {number}" for number, vendor in enumerate(stage.vendors)}
    with stage.owner() as session:
        rows = session.scalars(select(BookingParty).where(BookingParty.booking_id == booking.id))
        return {names[row.organization_id]: (row.role.value, row.status.value) for row in rows}


def task(stage: GroundStage) -> CarePlanTask:
    with stage.owner() as session:
        return session.get(CarePlanTask, stage.ride_task)


def units_used(stage: GroundStage) -> int:
    with stage.owner() as session:
        return session.get(Authorization, stage.ride_authorization).units_used


def test_the_first_to_accept_holds_the_work_and_the_others_hear_why_not(stage: GroundStage) -> None:
    ride = stage.awarded(stage.ride())

    assert ride.state is BookingState.ACCEPTED
    assert parties(stage, ride) == {
        "hospital": ("requester", "active"),
        "payer": ("payer", "active"),
        "vendor 0": ("vendor", "active"),
        "vendor 1": ("candidate", "lost"),
        "vendor 2": ("candidate", "lost"),
    }
    loser = stage.vendors[1]
    with (
        pytest.raises(Conflict, match="Another vendor has accepted"),
        stage.acting(loser, "vendor_admin") as session,
    ):
        bookings.award(session, ride.id, loser, new_id(), LEAVES, LEAVES + timedelta(minutes=30))
    with pytest.raises(NotFound), stage.acting(stage.other_hospital, "planner") as session:
        bookings.award(session, ride.id, loser, new_id(), LEAVES, LEAVES + timedelta(minutes=30))
    assert stage.breaches() == []


def test_of_many_who_accept_at_once_exactly_one_wins(stage: GroundStage) -> None:
    ride = stage.offered(stage.ride())
    barrier, outcomes = threading.Barrier(3), []

    def press(vendor: object) -> None:
        barrier.wait()
        try:
            with stage.acting(vendor, "vendor_admin") as session:
                bookings.award(session, ride.id, vendor, new_id(), LEAVES, LEAVES + timedelta(minutes=30))
            outcomes.append("won")
        except Conflict as refused:
            outcomes.append(refused.detail)

    threads = [threading.Thread(target=press, args=(vendor,)) for vendor in stage.vendors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["Another vendor has accepted this work."] * 2 + ["won"]
    assert stage.breaches() == []


def test_offering_needs_a_booking_that_waits_and_the_vendor_the_payer_named(stage: GroundStage) -> None:
    with stage.owner() as session:
        session.get(Authorization, stage.ride_authorization).vendor_organization_id = stage.vendors[2]
    ride = stage.book(stage.ride())
    with pytest.raises(InvalidInput) as caught, stage.planning() as session:
        bookings.mark_offered(session, ride.id, stage.vendors, NOW)
    assert "good for one vendor only" in caught.value.errors[0].message
    with pytest.raises(InvalidInput), stage.planning() as session:
        bookings.mark_offered(session, ride.id, [], NOW)
    with stage.planning() as session:
        bookings.mark_offered(session, ride.id, [stage.vendors[2]], NOW)
        bookings.hold(session, ride.id, "Waits for the physician")
    with pytest.raises(Conflict, match="on hold"), stage.planning() as session:
        bookings.mark_offered(session, ride.id, [stage.vendors[2]], NOW)


def test_when_the_last_candidate_is_out_the_booking_waits_for_new_offers(stage: GroundStage) -> None:
    ride = stage.offered(stage.ride(), *stage.vendors[:2])
    with stage.acting(stage.vendors[0], "vendor_admin") as session:
        bookings.candidate_out(session, ride.id, stage.vendors[0], PartyStatus.DECLINED)
    assert stage.fresh(ride).state is BookingState.OFFERED
    with stage.acting(stage.vendors[1], "vendor_admin") as session:
        bookings.candidate_out(session, ride.id, stage.vendors[1], PartyStatus.EXPIRED)

    assert stage.fresh(ride).state is BookingState.REQUESTED
    with (
        pytest.raises(Conflict, match="You have declined"),
        stage.acting(stage.vendors[0], "vendor_admin") as session,
    ):
        bookings.award(session, ride.id, stage.vendors[0], new_id(), LEAVES, LEAVES + timedelta(minutes=1))
    assert stage.breaches() == []


def test_work_that_is_turned_back_waits_for_another_vendor(stage: GroundStage) -> None:
    ride = stage.awarded(stage.ride())
    with stage.acting(stage.vendors[0], "dispatcher") as session:
        bookings.release_award(session, ride.id, "vehicle_broken")

    found = stage.fresh(ride)
    assert (found.state, found.award_id, found.vendor_organization_id, found.promised_start) == (
        BookingState.REQUESTED,
        None,
        None,
        None,
    )
    assert parties(stage, ride)["vendor 0"] == ("vendor", "released")
    with stage.owner() as session:
        events = session.scalars(select(OutboxEvent).where(OutboxEvent.name == "BookingRequested")).all()
        assert [event.organization_id for event in events] == [stage.hospital] * 2
    with stage.planning() as session:
        bookings.mark_offered(session, ride.id, [stage.vendors[0]], NOW)
    assert parties(stage, ride)["vendor 0"] == ("candidate", "open")
    assert stage.breaches() == []


def test_a_completed_ride_closes_its_task_and_spends_its_units(stage: GroundStage) -> None:
    ride = stage.perform(stage.awarded(stage.ride()))

    assert (ride.state, ride.service_status) == (BookingState.COMPLETED, ServiceStatus.COMPLETED)
    done = task(stage)
    assert (done.state, done.evidence_booking_id) == (TaskState.COMPLETED, ride.id)
    assert units_used(stage) == 1
    with stage.owner() as session:
        states = session.scalars(select(UnitReservation.state)).all()
        assert states == [ReservationState.CONSUMED]
        said = session.scalars(
            select(AuditEvent.organization_id).where(AuditEvent.action == "care_plan_tasks:completed")
        ).all()
        assert said == [stage.hospital]
    assert parties(stage, ride)["vendor 0"] == ("vendor", "closed")
    assert stage.breaches() == []


def test_a_voided_claim_gives_the_units_back(stage: GroundStage) -> None:
    ride = stage.perform(stage.awarded(stage.ride()))
    with stage.acting(stage.payer, "reviewer") as session:
        assert release(session, ride.id, "claim voided") == 1
        assert release(session, ride.id, "claim voided") == 0
    assert units_used(stage) == 0
    assert stage.breaches() == []


def test_a_rider_who_is_not_there_ends_the_ride_and_opens_the_task(stage: GroundStage) -> None:
    ride = stage.perform(stage.awarded(stage.ride()), last=2)
    with stage.acting(stage.vendors[0], "driver") as session:
        ride = bookings.record_service_status(session, ride.id, ServiceStatus.RIDER_NO_SHOW, LEAVES)

    assert ride.state is BookingState.RIDER_NO_SHOW
    assert task(stage).state is TaskState.OPEN
    assert units_used(stage) == 0
    assert stage.breaches() == []


def test_reports_come_in_their_course_and_from_the_crew_of_the_vendor(stage: GroundStage) -> None:
    ride = stage.awarded(stage.ride())
    with pytest.raises(TransitionRefused), stage.acting(stage.vendors[0], "driver") as session:
        bookings.record_service_status(session, ride.id, ServiceStatus.ON_BOARD, LEAVES)
    with pytest.raises(TransitionRefused), stage.acting(stage.vendors[0], "driver") as session:
        bookings.record_service_status(session, ride.id, ServiceStatus.SET_UP, LEAVES)
    with pytest.raises(NotFound), stage.acting(stage.vendors[1], "driver") as session:
        bookings.record_service_status(session, ride.id, ServiceStatus.EN_ROUTE_PICKUP, LEAVES)
    with pytest.raises(Forbidden), stage.acting(stage.payer, "reviewer") as session:
        bookings.record_service_status(session, ride.id, ServiceStatus.EN_ROUTE_PICKUP, LEAVES)
    assert stage.fresh(ride).service_status is None


def test_a_patient_who_is_home_before_the_equipment_leaves_a_named_exception(stage: GroundStage) -> None:
    oxygen = stage.awarded(stage.oxygen(), stage.vendors[1])
    ride = stage.perform(stage.awarded(stage.ride()))
    with stage.owner() as session:
        link = session.scalars(select(BookingLink)).one()
    assert link.broken_note == f"{ride.reference} arrived before {oxygen.reference} was finished"
    stage.perform(oxygen, start=LEAVES + timedelta(hours=2))
    assert stage.breaches() == []


def test_equipment_that_is_there_first_leaves_no_exception(stage: GroundStage) -> None:
    stage.perform(stage.awarded(stage.oxygen(), stage.vendors[1]))
    stage.perform(stage.awarded(stage.ride()))
    with stage.owner() as session:
        assert session.scalars(select(BookingLink)).one().broken_at is None
    assert stage.breaches() == []


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (LEAVES - timedelta(days=2), BookingState.CANCELLED_ADVANCE),
        (LEAVES - timedelta(hours=23), BookingState.CANCELLED_ADVANCE),  # 16:00 the day before
        (LEAVES - timedelta(hours=21), BookingState.CANCELLED_LATE),  # 18:00 the day before
        (LEAVES - timedelta(hours=5), BookingState.CANCELLED_SAME_DAY),
    ],
)
def test_how_late_a_cancellation_is_decides_its_state(
    stage: GroundStage, moment: object, expected: BookingState
) -> None:
    ride = stage.offered(stage.ride())
    stage.at(moment)
    with stage.planning() as session:
        ride = bookings.cancel(session, ride.id, CancelReason.FAMILY_TAKES_PATIENT, "Son comes by car")

    assert ride.state is expected
    assert task(stage).state is TaskState.OPEN
    assert units_used(stage) == 0
    assert parties(stage, ride)["vendor 2"] == ("candidate", "withdrawn")
    assert stage.breaches() == []


def test_a_cancellation_at_the_door_says_so_and_one_on_board_is_refused(stage: GroundStage) -> None:
    ride = stage.perform(stage.awarded(stage.ride()), last=2)
    with stage.planning() as session:
        assert bookings.cancel(session, ride.id, CancelReason.CONDITION_CHANGED).state is (
            BookingState.CANCELLED_AT_DOOR
        )
    again = stage.perform(stage.awarded(stage.ride()), last=3)
    with pytest.raises(Conflict, match="being done already"), stage.planning() as session:
        bookings.cancel(session, again.id, CancelReason.NOT_NEEDED)
    with pytest.raises(Conflict, match="already"), stage.planning() as session:
        bookings.cancel(session, ride.id, CancelReason.NOT_NEEDED)


def test_cancelling_asks_for_a_reason_in_words_when_none_fits_and_refuses_a_stale_look(
    stage: GroundStage,
) -> None:
    ride = stage.offered(stage.ride())
    with pytest.raises(InvalidInput), stage.planning() as session:
        bookings.cancel(session, ride.id, CancelReason.OTHER)
    with pytest.raises(InvalidInput), stage.planning() as session:
        bookings.cancel(session, ride.id, CancelReason.NOT_NEEDED, "x" * 501)
    with pytest.raises(StaleRevision), stage.planning() as session:
        bookings.cancel(session, ride.id, CancelReason.NOT_NEEDED, revision=1)
    assert stage.fresh(ride).state is BookingState.OFFERED


def test_windows_move_with_the_discharge_and_promises_stay(stage: GroundStage) -> None:
    oxygen, ride = stage.awarded(stage.oxygen(), stage.vendors[1]), stage.book(stage.ride())
    later = LEAVES + timedelta(minutes=45)
    with stage.planning() as session:
        move_discharge(session, stage.encounter, later)
    stage.work_off()

    moved_ride, moved_oxygen = stage.fresh(ride), stage.fresh(oxygen)
    assert (moved_ride.requested_start, moved_ride.requested_end) == (later, later + timedelta(hours=1))
    assert moved_oxygen.requested_end == later - timedelta(minutes=30)
    assert moved_oxygen.promised_start == oxygen.promised_start
    with stage.owner() as session:
        events = session.scalars(select(OutboxEvent).where(OutboxEvent.name == "BookingWindowMoved")).all()
        assert {event.payload["booking_id"]: event.payload["revision"] for event in events} == {
            str(ride.id): moved_ride.revision,
            str(oxygen.id): moved_oxygen.revision,
        }
        due = session.get(BookingParty, (ride.id, stage.hospital)).due_at
    assert due == later
    with stage.planning() as session:
        said = [(entry.what, entry.reason_code) for entry in bookings.timeline(session, ride.id)]
    assert said == [("requested", ""), ("window_moved", "discharge_time")]
    assert stage.breaches() == []


def test_fixed_windows_and_services_under_way_do_not_move(stage: GroundStage) -> None:
    window = RequestedWindow(LEAVES, LEAVES + timedelta(hours=2), WindowAnchor.FIXED)
    fixed = stage.book(stage.ride(window=window))
    oxygen = stage.perform(stage.awarded(stage.oxygen(), stage.vendors[1]), last=1)
    with stage.planning() as session:
        move_discharge(session, stage.encounter, LEAVES + timedelta(hours=1))
    stage.work_off()
    assert stage.fresh(fixed).requested_start == LEAVES
    assert stage.fresh(oxygen).requested_start == oxygen.requested_start


def test_a_stale_discharge_event_changes_nothing(stage: GroundStage) -> None:
    ride = stage.book(stage.ride())
    for hours in (1, 2):
        with stage.planning() as session:
            move_discharge(session, stage.encounter, LEAVES + timedelta(hours=hours))
    stage.work_off()
    found = stage.fresh(ride)
    assert (found.requested_start, found.revision) == (LEAVES + timedelta(hours=2), 2)


def test_the_planner_moves_a_window_and_the_list_follows(stage: GroundStage) -> None:
    ride = stage.book(stage.ride())
    window = RequestedWindow(LEAVES + timedelta(hours=1), LEAVES + timedelta(hours=2))
    with stage.planning() as session:
        bookings.move_window(session, ride.id, window)
        page = bookings.bookings_for_board(session)
    assert [(row.booking.id, row.due_at, row.patient_name) for row in page.rows] == [
        (ride.id, window.start, "Alvarez, Rosa")
    ]
    early = RequestedWindow(LEAVES - timedelta(hours=1), LEAVES)
    with pytest.raises(InvalidInput), stage.planning() as session:
        bookings.move_window(session, ride.id, early)


def test_a_hold_stops_everything_and_gives_way_to_where_it_was(stage: GroundStage) -> None:
    ride = stage.awarded(stage.ride())
    with stage.planning() as session:
        bookings.hold(session, ride.id, "Oxygen is not yet at the home")
    with (
        pytest.raises(Conflict, match="Oxygen is not yet"),
        stage.acting(stage.vendors[0], "driver") as session,
    ):
        bookings.record_service_status(session, ride.id, ServiceStatus.EN_ROUTE_PICKUP, LEAVES)
    with stage.planning() as session:
        assert bookings.resume(session, ride.id).state is BookingState.ACCEPTED
        planned = bookings.schedule(session, ride.id, LEAVES, LEAVES + timedelta(minutes=30))
        assert planned.planned_start == LEAVES
        later = bookings.schedule(session, ride.id, LEAVES + timedelta(minutes=5), planned.planned_end)
        assert later.planned_start == LEAVES + timedelta(minutes=5)
        left_out = bookings.unschedule(session, ride.id)
        assert (left_out.state, left_out.planned_start) == (BookingState.ACCEPTED, None)
    with stage.planning() as session:
        bookings.hold(session, ride.id, "Again")
        released = bookings.release_award(session, ride.id, "vendor_asked")
        assert (released.state, released.award_id) == (BookingState.ON_HOLD, None)
        assert bookings.resume(session, ride.id).state is BookingState.REQUESTED
    assert stage.breaches() == []


def test_an_unmet_booking_can_be_asked_for_again(stage: GroundStage) -> None:
    ride = stage.offered(stage.ride())
    with stage.planning() as session:
        assert bookings.unmet(session, ride.id).state is BookingState.UNMET
        assert bookings.ask_again(session, ride.id).state is BookingState.REQUESTED
    with pytest.raises(Conflict), stage.planning() as session:
        bookings.ask_again(session, ride.id)


def test_lists_of_parties_come_a_page_at_a_time_in_order(stage: GroundStage) -> None:
    made = [stage.offered(stage.ride(payer=_hospital_pays(), task_id=task_id)) for task_id in
            [stage.ride_task, *(stage.new_task() for _ in range(4))]]  # fmt: skip
    seen, after = [], None
    while True:
        with stage.acting(stage.vendors[0], "vendor_admin") as session:
            page, after = bookings.bookings_of_party(session, PartyRole.CANDIDATE, after=after, rows=2)
        seen += [booking.id for booking, _ in page]
        if after is None:
            break
    assert seen == sorted(booking.id for booking in made)


def _hospital_pays() -> object:
    from marketplace.bookings.orders import PayerChoice
    from marketplace.bookings.words import PayerKind

    return PayerChoice(PayerKind.HEALTH_SYSTEM)
