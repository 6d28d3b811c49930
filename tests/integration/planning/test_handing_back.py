"""A crew that cannot do its work gives it back from the phone: with all that follows, once, and in time."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import select

from dispatch.field import service as field
from dispatch.field.handing_back import hand_back
from dispatch.field.service import Step
from dispatch.field.words import FieldStatus
from marketplace.bookings.models import Booking
from marketplace.bookings.telling_models import Audience, Telling, TellingSubject
from marketplace.bookings.words import BookingState
from marketplace.foundation.access import Actor, ActorKind
from marketplace.foundation.errors import Conflict, InvalidInput, NotFound
from marketplace.foundation.work import Runtime, unit_of_work
from tests.integration.planning.conftest import PlanningStage
from tests.integration.planning.test_holding import both
from tests.support.board_stage import board_stage
from tests.support.vendor_pages import VendorPages
from vendors.offers import service as offers
from vendors.offers.words import TurnBackReason

BREAKDOWN = TurnBackReason.VEHICLE_BREAKDOWN


def go(stage: PlanningStage, ride: Booking, *statuses: FieldStatus) -> None:
    """The driver records these steps."""
    for status in statuses:
        with stage.ground.acting(stage.driver_vendor, "driver") as session:
            field.record(session, ride.id, Step(status, session.now(), str(uuid4())))


def give_back(
    stage: PlanningStage, booking: Booking, key: str = "key", reason: TurnBackReason = BREAKDOWN
) -> None:
    """The crew of the booking's vendor gives it back, and everything that follows is done."""
    vendor = stage.ground.fresh(booking).vendor_organization_id or stage.driver_vendor
    role = "driver" if vendor == stage.driver_vendor else "technician"
    with stage.ground.acting(vendor, role) as session:
        hand_back(session, booking.id, Step(FieldStatus.WITHDRAWN, session.now(), key), reason, "Gearbox")
    stage.plan()


def tellings(stage: PlanningStage, booking: Booking) -> dict[tuple[Audience, TellingSubject], str]:
    """What was told about a booking, by audience and subject."""
    with stage.ground.owner() as session:
        rows = session.scalars(select(Telling).where(Telling.booking_id == booking.id))
        return {(row.audience, row.subject): row.text for row in rows}


def test_a_van_that_breaks_down_on_its_way_gives_the_ride_back_and_planner_and_office_know(
    stage: PlanningStage,
) -> None:
    ride, _ = both(stage)
    go(stage, ride, FieldStatus.EN_ROUTE_PICKUP)
    give_back(stage, ride)
    stage.ground.work_off()
    fresh = stage.ground.fresh(ride)
    assert fresh.state in {BookingState.REQUESTED, BookingState.OFFERED}
    assert (fresh.vendor_organization_id, fresh.service_status, fresh.promised_start) == (None, None, None)
    assert stage.assignment(ride) is None
    with stage.ground.owner() as session:
        assert offers.award_of(session, ride.id) is None
        last = field.events_of(session, ride.id)[-1]
        assert (last.status, last.facts) == (FieldStatus.WITHDRAWN, {"turn_back_reason": "vehicle_breakdown"})
    told = tellings(stage, ride)
    assert (
        "turned the work back: its vehicle broke down." in told[Audience.PLANNER, TellingSubject.TURNED_BACK]
    )
    assert "gave the work back: the vehicle broke down." in told[Audience.OFFICE, TellingSubject.TURNED_BACK]


def test_equipment_given_back_at_the_door_keeps_the_patient_at_the_hospital(stage: PlanningStage) -> None:
    ride, oxygen = both(stage)
    for status in (FieldStatus.LOADED, FieldStatus.EN_ROUTE, FieldStatus.ARRIVED):
        with stage.ground.acting(stage.supplier, "technician") as session:
            field.record(session, oxygen.id, Step(status, session.now(), str(status)))
    give_back(stage, oxygen, reason=TurnBackReason.UNSAFE)
    held = stage.ground.fresh(ride)
    assert held.state is BookingState.ON_HOLD
    assert f"Waits for {oxygen.reference}" in (held.hold_reason or "")


def test_with_the_rider_on_board_nothing_can_be_given_back(stage: PlanningStage) -> None:
    ride = stage.accept(stage.ground.ride(), stage.driver_vendor)
    stage.plan()
    go(stage, ride, FieldStatus.EN_ROUTE_PICKUP, FieldStatus.ARRIVED_PICKUP, FieldStatus.ON_BOARD)
    with pytest.raises(Conflict, match="no longer be given back"):
        give_back(stage, ride)
    assert stage.ground.fresh(ride).state is BookingState.UNDER_WAY


def test_a_crew_gives_no_reason_of_the_office_and_nobody_elses_work_back(stage: PlanningStage) -> None:
    ride, _ = both(stage)
    with pytest.raises(InvalidInput, match="reason_code"):
        give_back(stage, ride, reason=TurnBackReason.RUNNING_LATE)
    stranger = Actor(
        ActorKind.USER, uuid4(), stage.driver_vendor, "vendor", frozenset({"driver"}), "Somebody"
    )
    with pytest.raises(NotFound), unit_of_work(stage.ground.runtime, stranger) as session:
        hand_back(session, ride.id, Step(FieldStatus.WITHDRAWN, session.now(), "key"), BREAKDOWN)
    assert stage.ground.fresh(ride).state is BookingState.SCHEDULED


def test_the_phone_page_asks_why_and_leads_back_to_the_day(runtime: Runtime) -> None:
    stage = board_stage(runtime)
    ride, _ = both(stage)
    pages = VendorPages(stage)  # type: ignore[arg-type]
    driver = stage.ground.actor(stage.driver_vendor, "driver")
    try:
        page = pages.get(driver, f"/field/stops/{ride.id}").get_data(as_text=True)
        assert "I cannot do this" in page
        refused = pages.post(driver, f"/field/stops/{ride.id}/hand-back")
        assert (refused.status_code, "Why: " in refused.get_data(as_text=True)) == (422, True)
        form = {"reason_code": "crew_ill", "idempotency_key": str(uuid4())}
        for _ in range(2):  # the queue of a phone sends again what it saw no answer to
            sent = pages.post(driver, f"/field/stops/{ride.id}/hand-back", form)
            assert (sent.status_code, sent.headers["Location"]) == (303, "/field/")
    finally:
        pages.close()
    assert stage.running(ride).status is FieldStatus.WITHDRAWN
