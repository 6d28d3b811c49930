"""Home-health visits: referred under the patient's choice only, started in time, after the homecoming."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from marketplace.bookings import service as bookings
from marketplace.bookings.models import BookingLink
from marketplace.bookings.orders import Address, PayerChoice, RequestedWindow
from marketplace.bookings.words import (
    BookingState,
    CancelReason,
    MissedReason,
    PayerKind,
    PlaceKind,
    ServiceStatus,
    VisitPurpose,
    WindowAnchor,
)
from marketplace.careplans.disciplines import Discipline
from marketplace.careplans.models import CarePlanTask
from marketplace.careplans.words import Hardness, ServiceKind, TaskState
from marketplace.foundation.errors import Conflict, InvalidInput, TransitionRefused
from marketplace.patients import authorizations, encounters
from marketplace.patients.words import DischargeReason, ServiceLine
from tests.support.ground_stage import LEAVES, NOW, GroundStage
from tests.support.home_health_stage import HomeHealthStage

HOUR = timedelta(hours=1)
PORTLAND = ZoneInfo("America/Los_Angeles")


def refused(stage: GroundStage, order: object) -> dict[str, str]:
    with pytest.raises(InvalidInput) as caught:
        stage.book(order)
    return {error.field: error.message for error in caught.value.errors}


def test_a_visit_takes_everything_from_the_task_and_stays_within_48_hours(
    stage: GroundStage, home_health: HomeHealthStage
) -> None:
    choice = home_health.choose(home_health.agencies[0])
    visit = stage.fresh(stage.book(home_health.visit()))

    assert visit.state is BookingState.REQUESTED
    assert (visit.discipline, visit.visit_purpose) == (Discipline.SKILLED_NURSING, VisitPurpose.START_OF_CARE)
    assert (visit.requested_start, visit.requested_end) == (LEAVES + 18 * HOUR, LEAVES + 26 * HOUR)
    assert (visit.anchor, visit.offset_start_minutes) == (WindowAnchor.DISCHARGE, 18 * 60)
    assert (visit.destination_postal_code, visit.service_seconds) == ("97214", 90 * 60)
    assert visit.patient_choice_id == choice.id
    assert stage.breaches() == []


def test_without_a_recorded_choice_nothing_is_referred_and_a_draft_stays_a_draft(
    stage: GroundStage, home_health: HomeHealthStage
) -> None:
    assert set(refused(stage, home_health.visit())) == {"patient_choice"}
    with stage.planning() as session:
        draft = bookings.draft_visit(session, home_health.visit())
    with stage.planning() as session, pytest.raises(InvalidInput) as caught:
        bookings.refer(session, draft.id)
    with stage.planning() as session, pytest.raises(Conflict):
        bookings.mark_offered(session, draft.id, [stage.vendors[0]], NOW + HOUR)

    assert [error.field for error in caught.value.errors] == ["patient_choice"]
    assert stage.fresh(draft).state is BookingState.DRAFT
    assert stage.breaches() == []


def test_a_draft_is_referred_once_the_choice_is_there_or_called_off(
    stage: GroundStage, home_health: HomeHealthStage
) -> None:
    with stage.planning() as session:
        draft = bookings.draft_visit(session, home_health.visit())
    home_health.choose()
    with stage.planning() as session:
        assert bookings.refer(session, draft.id).state is BookingState.REQUESTED
    with stage.planning() as session, pytest.raises(Conflict):
        bookings.refer(session, draft.id)
    with stage.planning() as session:
        bookings.cancel(session, draft.id, CancelReason.NOT_NEEDED)
        again = bookings.draft_visit(session, home_health.visit())
        bookings.cancel(session, again.id, CancelReason.NOT_NEEDED)
        assert session.get(CarePlanTask, home_health.nurse_task).state is TaskState.OPEN
    assert stage.breaches() == []


def test_a_choice_for_another_home_does_not_count(stage: GroundStage, home_health: HomeHealthStage) -> None:
    home_health.choose()
    with_daughter = Address(PlaceKind.RESIDENCE, "77 NE Knott St", "Portland", "OR", "97212")

    assert "97214" in refused(stage, home_health.visit(destination=with_daughter))["patient_choice"]


@pytest.mark.parametrize(
    ("start", "end", "anchor", "field"),
    [
        (LEAVES - HOUR, LEAVES + HOUR, WindowAnchor.DISCHARGE, "requested_start"),
        (LEAVES + 40 * HOUR, LEAVES + 49 * HOUR, WindowAnchor.DISCHARGE, "requested_end"),
        (LEAVES + 18 * HOUR, LEAVES + 26 * HOUR, WindowAnchor.FIXED, "anchor"),
    ],
)
def test_a_start_of_care_is_within_48_hours_and_moves_with_the_discharge(
    stage: GroundStage,
    home_health: HomeHealthStage,
    start: datetime,
    end: datetime,
    anchor: WindowAnchor,
    field: str,
) -> None:
    home_health.choose()

    assert set(refused(stage, home_health.visit(window=RequestedWindow(start, end, anchor)))) == {field}


def test_a_physician_may_order_a_later_day(stage: GroundStage, home_health: HomeHealthStage) -> None:
    home_health.choose()
    ordered = date(2026, 11, 27)
    wrong = RequestedWindow(LEAVES + 60 * HOUR, LEAVES + 64 * HOUR, WindowAnchor.FIXED)
    assert set(refused(stage, home_health.visit(start_of_care_on=ordered, window=wrong))) == {
        "requested_start"
    }

    visit = stage.book(home_health.visit(start_of_care_on=ordered))

    start = datetime(2026, 11, 27, 9, tzinfo=PORTLAND)
    assert (visit.requested_start, visit.anchor) == (start, WindowAnchor.FIXED)
    assert stage.breaches() == []


def test_care_is_not_started_by_an_aide_and_a_further_visit_may_come_later(
    stage: GroundStage, home_health: HomeHealthStage
) -> None:
    home_health.choose()
    stage.book(home_health.visit())
    aide_task = stage.new_task(ServiceKind.HOME_HEALTH, discipline=Discipline.AIDE)
    late = RequestedWindow(LEAVES + 60 * HOUR, LEAVES + 64 * HOUR)
    aide = home_health.visit(task_id=aide_task, window=late)

    start = home_health.visit(task_id=aide_task, window=late, purpose=VisitPurpose.START_OF_CARE)
    assert "discipline" in refused(stage, start)
    assert refused(
        stage, home_health.visit(task_id=aide_task, discipline=Discipline.SPEECH_THERAPY)
    ).keys() == {"discipline"}
    assert stage.book(aide).visit_purpose is VisitPurpose.FURTHER


def test_the_window_moves_with_the_discharge(stage: GroundStage, home_health: HomeHealthStage) -> None:
    home_health.choose()
    visit = stage.book(home_health.visit())
    with stage.planning() as session:
        encounters.move_discharge(
            session, stage.encounter, LEAVES + 3 * HOUR, reason_code=DischargeReason.CLINICAL
        )
    stage.work_off()

    assert stage.fresh(visit).requested_start == LEAVES + 21 * HOUR
    assert stage.breaches() == []
    late = RequestedWindow(LEAVES + 50 * HOUR, LEAVES + 55 * HOUR)
    with stage.planning() as session, pytest.raises(InvalidInput) as caught:
        bookings.move_window(session, visit.id, late)
    assert [error.field for error in caught.value.errors] == ["requested_end"]


@pytest.mark.parametrize("first", ["ride", "visit"])
def test_a_visit_is_linked_hard_behind_the_ride_home(
    stage: GroundStage, home_health: HomeHealthStage, first: str
) -> None:
    home_health.choose()
    orders = [stage.ride(), home_health.visit()]
    made = {stage.book(order).kind: True for order in (orders if first == "ride" else reversed(orders))}

    assert len(made) == 2
    with stage.owner() as session:
        links = session.query(BookingLink).all()
        assert [(link.hardness, link.min_lag_seconds) for link in links] == [(Hardness.HARD, 0)]
    assert stage.breaches() == []


def test_only_agencies_of_the_choice_are_asked(stage: GroundStage, home_health: HomeHealthStage) -> None:
    home_health.choose(home_health.agencies[0])
    visit = stage.book(home_health.visit())
    with stage.planning() as session, pytest.raises(InvalidInput) as caught:
        bookings.mark_offered(session, visit.id, [stage.vendors[1]], NOW + HOUR)
    assert "Agency 0" in caught.value.errors[0].message

    stage.at(NOW + timedelta(minutes=10))
    second = home_health.choose(home_health.agencies[1])
    with stage.planning() as session:
        offered = bookings.mark_offered(session, visit.id, [stage.vendors[1]], NOW + HOUR)
        assert offered.patient_choice_id == second.id


def test_a_visit_uses_units_of_an_authorization_for_home_health(
    stage: GroundStage, home_health: HomeHealthStage
) -> None:
    home_health.choose(home_health.agencies[0])
    with stage.planning() as session:
        good = authorizations.add_authorization(
            session,
            stage.coverage,
            number="PA-H-1",
            service_line=ServiceLine.HOME_HEALTH,
            units_approved=1,
            valid_from=date(2026, 11, 1),
            valid_to=date(2026, 12, 31),
            hcpcs_codes=["S9131"],
        ).id
    nurse = home_health.visit(payer=PayerChoice(PayerKind.COVERAGE, stage.coverage, good))
    assert "T1030" in refused(stage, nurse)["authorization_id"]

    task = stage.new_task(ServiceKind.HOME_HEALTH, discipline=Discipline.PHYSICAL_THERAPY)
    therapy = home_health.visit(
        task_id=task, payer=nurse.payer, window=RequestedWindow(LEAVES + 18 * HOUR, LEAVES + 20 * HOUR)
    )
    assert stage.book(therapy).authorization_units == 1
    assert stage.breaches() == []


def awarded_visit(stage: GroundStage, home_health: HomeHealthStage) -> object:
    home_health.choose(home_health.agencies[0])
    return stage.awarded(home_health.visit(), offered_to=(stage.vendors[0],))


def test_a_visit_runs_its_course_and_closes_its_task(
    stage: GroundStage, home_health: HomeHealthStage
) -> None:
    visit = stage.perform(awarded_visit(stage, home_health))

    assert (visit.state, visit.service_status) == (BookingState.COMPLETED, ServiceStatus.COMPLETED)
    with stage.owner() as session:
        assert session.get(CarePlanTask, home_health.nurse_task).state is TaskState.COMPLETED
    assert stage.breaches() == []


@pytest.mark.parametrize(
    ("reason", "ends_as"),
    [
        (MissedReason.PATIENT_NOT_HOME, BookingState.TURNED_DOWN),
        (MissedReason.CLINICIAN_UNAVAILABLE, BookingState.VENDOR_NO_SHOW),
    ],
)
def test_a_missed_visit_says_why_and_opens_its_task_again(
    stage: GroundStage, home_health: HomeHealthStage, reason: MissedReason, ends_as: BookingState
) -> None:
    visit = stage.perform(awarded_visit(stage, home_health), last=1)
    with stage.acting(visit.vendor_organization_id, "clinician") as session, pytest.raises(InvalidInput):
        bookings.record_service_status(session, visit.id, ServiceStatus.MISSED, NOW)
    with stage.acting(visit.vendor_organization_id, "clinician") as session:
        done = bookings.record_service_status(session, visit.id, ServiceStatus.MISSED, NOW, missed=reason)
        assert done.state is ends_as
    with stage.owner() as session:
        assert session.get(CarePlanTask, home_health.nurse_task).state is TaskState.OPEN
    assert stage.breaches() == []


def test_a_visit_does_not_end_before_it_began(stage: GroundStage, home_health: HomeHealthStage) -> None:
    visit = stage.perform(awarded_visit(stage, home_health), last=2)
    with stage.acting(visit.vendor_organization_id, "clinician") as session, pytest.raises(TransitionRefused):
        bookings.record_service_status(session, visit.id, ServiceStatus.ENDED, NOW)
    assert stage.fresh(visit).service_status is ServiceStatus.ARRIVED
