"""Asking for rides and deliveries: one order, one booking, or nothing at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from marketplace.bookings import service as bookings
from marketplace.bookings.models import Booking, BookingLink, BookingParty
from marketplace.bookings.orders import (
    Address,
    ItemOrder,
    PayerChoice,
    RequestedWindow,
)
from marketplace.bookings.words import (
    BookingState,
    LevelOfService,
    PartyRole,
    PayerKind,
    PlaceKind,
    WindowAnchor,
)
from marketplace.careplans.models import CarePlanTask
from marketplace.careplans.words import ServiceKind, TaskState
from marketplace.foundation.errors import Conflict, Forbidden, InvalidInput, NotFound
from marketplace.foundation.events import OutboxEvent
from marketplace.foundation.ids import new_id, normalise_reference
from marketplace.patients import service as patients
from marketplace.patients.coverage_models import Authorization
from marketplace.patients.words import MobilityAid, Needs, Receiver
from tests.support.ground_stage import LEAVES, ROSA_NEEDS, GroundStage


def refused(stage: GroundStage, order: object) -> dict[str, str]:
    with pytest.raises(InvalidInput) as caught:
        stage.book(order)
    with stage.owner() as session:
        assert session.scalar(select(func.count()).select_from(Booking)) == 0
        assert session.scalar(select(func.count()).select_from(BookingParty)) == 0
        assert session.get(CarePlanTask, stage.ride_task).state is TaskState.OPEN
    return {error.field: error.message for error in caught.value.errors}


def test_a_ride_takes_everything_it_needs_from_the_task_and_the_record(stage: GroundStage) -> None:
    ride = stage.fresh(stage.book(stage.ride()))

    assert ride.state is BookingState.REQUESTED
    assert normalise_reference("reference", ride.reference) == ride.reference
    assert (ride.requested_start, ride.requested_end) == (LEAVES, LEAVES + timedelta(hours=1))
    assert (ride.anchor, ride.offset_start_minutes, ride.offset_end_minutes) == (
        WindowAnchor.DISCHARGE,
        0,
        60,
    )
    assert (ride.origin_postal_code, ride.origin_place_kind) == ("97227", "H")
    assert (ride.destination_postal_code, ride.destination_place_kind) == ("97214", "R")
    assert 5_000 < ride.distance_meters < 9_000
    assert (ride.payer_kind, ride.payer_organization_id) == (PayerKind.COVERAGE, stage.payer)
    assert Needs.from_json(ride.needs) == ROSA_NEEDS
    assert (ride.service_seconds, ride.dropoff_seconds) == (720, 600 + 3 * 8)


def test_a_ride_is_shared_with_requester_and_payer_and_its_task_is_booked(stage: GroundStage) -> None:
    ride = stage.book(stage.ride())

    with stage.owner() as session:
        parties = {
            row.organization_id: row.role
            for row in session.scalars(select(BookingParty))
            if row.status == "active"
        }
        assert parties == {stage.hospital: PartyRole.REQUESTER, stage.payer: PartyRole.PAYER}
        assert session.get(CarePlanTask, stage.ride_task).state is TaskState.BOOKED
        assert session.get(Authorization, stage.ride_authorization).units_used == 1
        events = session.scalars(select(OutboxEvent).where(OutboxEvent.name == "BookingRequested")).all()
        assert [event.payload for event in events] == [{"booking_id": str(ride.id), "revision": 1}]
    assert stage.breaches() == []


def test_a_delivery_takes_the_receiver_of_the_record_and_the_catalogues_set_up(stage: GroundStage) -> None:
    oxygen = stage.book(stage.oxygen())

    assert oxygen.level_of_service is None
    assert oxygen.origin_postal_code is None
    assert oxygen.service_seconds == 35 * 60 + 300
    assert (oxygen.requested_start, oxygen.requested_end) == (
        LEAVES - timedelta(hours=4),
        LEAVES - timedelta(minutes=30),
    )
    with stage.planning() as session:
        items = bookings.items_of(session, [oxygen.id])[oxygen.id]
        assert [(item.hcpcs_code, item.quantity, item.modifier) for item in items] == [
            ("E1390", 1, "RR"),
            ("E0431", 1, "RR"),
        ]
        rider = bookings.rider(session, oxygen.id)
    assert (rider.name, rider.receiver_name, rider.receiver_phone) == (
        "Rosa Alvarez",
        "Elena Alvarez",
        "503 555 0177",
    )
    assert rider.destination == "2316 SE Ash St, Portland, OR 97214"


def test_bookings_are_linked_as_their_tasks_precede_each_other_whichever_is_booked_first(
    stage: GroundStage,
) -> None:
    ride = stage.book(stage.ride())
    oxygen = stage.book(stage.oxygen())

    with stage.owner() as session:
        links = session.scalars(select(BookingLink)).all()
    assert [(link.predecessor_booking_id, link.successor_booking_id, link.hardness) for link in links] == [
        (oxygen.id, ride.id, "hard")
    ]


def test_a_window_that_can_never_keep_a_hard_precedence_is_refused(stage: GroundStage) -> None:
    stage.book(stage.ride())
    late = RequestedWindow(LEAVES + timedelta(hours=4), LEAVES + timedelta(hours=6))
    with pytest.raises(InvalidInput) as caught:
        stage.book(stage.oxygen(window=late))

    assert [error.field for error in caught.value.errors] == ["requested_start"]
    assert "before R-" in caught.value.errors[0].message


@pytest.mark.parametrize(
    ("needs", "level", "says"),
    [
        (Needs(mobility_aid=MobilityAid.STRETCHER), LevelOfService.WHEELCHAIR, "choose stretcher"),
        (Needs(mobility_aid=MobilityAid.WHEELCHAIR), LevelOfService.AMBULATORY_ASSIST, "choose wheelchair"),
        (
            Needs(mobility_aid=MobilityAid.POWER_WHEELCHAIR),
            LevelOfService.WHEELCHAIR,
            "choose wheelchair_bariatric",
        ),
        (
            Needs(mobility_aid=MobilityAid.WHEELCHAIR, weight_kg=150),
            LevelOfService.WHEELCHAIR,
            "choose wheelchair_bariatric",
        ),
        (Needs(oxygen_lpm=Decimal(2)), LevelOfService.AMBULATORY, "vehicle that carries it"),
        (Needs(oxygen_lpm=Decimal(8)), LevelOfService.STRETCHER, "choose bls or more"),
    ],
)
def test_a_level_of_service_that_does_not_fit_the_needs_is_refused_with_one_that_does(
    stage: GroundStage, needs: Needs, level: LevelOfService, says: str
) -> None:
    with stage.planning() as session:
        patients.update_needs(session, stage.patient, needs)

    assert says in refused(stage, stage.ride(level_of_service=level))["level_of_service"]


def test_windows_that_make_no_sense_are_refused(stage: GroundStage) -> None:
    hour = timedelta(hours=1)
    cases = {
        (LEAVES + hour, LEAVES): "requested_end",
        (LEAVES, LEAVES + timedelta(minutes=5)): "requested_end",
        (LEAVES, LEAVES + 30 * hour): "requested_end",
        (LEAVES - 9 * hour, LEAVES - 8 * hour): "requested_start",
        (LEAVES - 2 * hour, LEAVES): "requested_start",
        (LEAVES + 24 * 90 * hour, LEAVES + 24 * 90 * hour + hour): "requested_start",
    }
    for (start, end), field in cases.items():
        assert list(refused(stage, stage.ride(window=RequestedWindow(start, end)))) == [field]


def test_a_payer_is_named_and_good_or_the_order_is_refused(stage: GroundStage) -> None:
    kind = PayerKind.COVERAGE
    assert list(refused(stage, stage.ride(payer=PayerChoice(kind)))) == ["coverage_id"]
    assert list(refused(stage, stage.ride(payer=PayerChoice(kind, new_id())))) == ["coverage_id"]
    wrong = PayerChoice(kind, stage.coverage, new_id())
    assert list(refused(stage, stage.ride(payer=wrong))) == ["authorization_id"]
    mixed = PayerChoice(PayerKind.SELF_PAY, stage.coverage)
    assert list(refused(stage, stage.ride(payer=mixed))) == ["coverage_id"]
    later = datetime(2027, 1, 10, 20, tzinfo=UTC)
    after = RequestedWindow(later, later + timedelta(hours=1), WindowAnchor.FIXED)
    assert (
        "valid from 2026-11-01 to 2026-12-31 only"
        in refused(stage, stage.ride(window=after))["authorization_id"]
    )


def test_a_trip_beyond_the_authorized_units_is_stopped_at_booking(stage: GroundStage) -> None:
    stage.book(stage.ride())
    stage.book(stage.ride(task_id=stage.new_task()))
    with pytest.raises(InvalidInput) as caught:
        stage.book(stage.ride(task_id=stage.new_task()))

    assert [error.field for error in caught.value.errors] == ["authorization_id"]
    assert "0 of 2 units left and 1 are needed" in caught.value.errors[0].message
    assert stage.breaches() == []


def test_the_hospital_or_the_patient_can_pay(stage: GroundStage) -> None:
    ride = stage.book(stage.ride(payer=PayerChoice(PayerKind.HEALTH_SYSTEM)))
    chair_task = stage.new_task(ServiceKind.EQUIPMENT, "E0240")
    chair = stage.book(
        stage.oxygen(task_id=chair_task, items=(ItemOrder("E0240"),), payer=PayerChoice(PayerKind.SELF_PAY))
    )

    assert (ride.payer_kind, ride.payer_organization_id) == (PayerKind.HEALTH_SYSTEM, stage.hospital)
    assert (chair.payer_kind, chair.payer_organization_id) == (PayerKind.SELF_PAY, stage.hospital)
    assert stage.breaches() == []


def test_a_bed_needs_somebody_to_receive_it_while_the_van_can_come(stage: GroundStage) -> None:
    bed_task = stage.new_task(ServiceKind.EQUIPMENT, "E0260")
    items = (ItemOrder("E0260"),)
    with stage.planning() as session:
        patients.update_needs(session, stage.patient, ROSA_NEEDS)
    errors = refused(stage, stage.oxygen(task_id=bed_task, items=items))
    assert "name who is at the home" in errors["receiver_name"]

    with stage.planning() as session:
        patients.update_needs(
            session,
            stage.patient,
            ROSA_NEEDS,
            receiver=Receiver("Elena Alvarez", "5035550177"),
            receiver_from=LEAVES + timedelta(hours=3),
            receiver_until=LEAVES + timedelta(hours=4),
        )
    errors = refused(stage, stage.oxygen(task_id=bed_task, items=items))
    assert "nobody is at the home then" in errors["requested_start"]


def test_items_are_listed_strong_enough_and_what_the_task_asks_for(stage: GroundStage) -> None:
    def errors(*items: ItemOrder) -> dict[str, str]:
        return refused(stage, stage.oxygen(items=items))

    assert list(errors()) == ["items"]
    assert list(errors(ItemOrder("X9999"))) == ["items.0.hcpcs_code"]
    assert list(errors(ItemOrder("E1390", quantity=0))) == ["items.0.quantity"]
    assert errors(ItemOrder("E1390", modifier="NU")) == {"items.0.modifier": "E1390 is ordered as RR"}
    assert "asks for E1390" in errors(ItemOrder("E0431"))["items"]
    with stage.planning() as session:
        patients.update_needs(session, stage.patient, Needs(weight_kg=200))
    assert "holds 136 kg" in errors(ItemOrder("E0143"))["items.0.hcpcs_code"]


def test_an_address_is_complete_and_its_postal_code_exists(stage: GroundStage) -> None:
    nowhere = Address(PlaceKind.RESIDENCE, "", "Portland", "Oregon", "97214")
    assert set(refused(stage, stage.ride(destination=nowhere))) == {
        "destination.address_line",
        "destination.state",
    }
    unknown = Address(PlaceKind.RESIDENCE, "1 Nowhere St", "Portland", "OR", "00000")
    assert list(refused(stage, stage.ride(destination=unknown))) == ["destination.postal_code"]


def test_a_task_is_booked_once_and_only_for_what_it_is(stage: GroundStage) -> None:
    stage.book(stage.ride())
    with pytest.raises(Conflict, match="booked already"):
        stage.book(stage.ride())
    with pytest.raises(InvalidInput) as caught:
        stage.book(stage.ride(task_id=stage.oxygen_task))
    assert [error.field for error in caught.value.errors] == ["task_id"]
    with pytest.raises(Conflict, match="Nothing is booked"):
        stage.book(stage.ride(task_id=stage.new_task(ServiceKind.OTHER)))


def test_a_missing_task_and_a_foreign_one_answer_alike(stage: GroundStage) -> None:
    with pytest.raises(NotFound) as missing:
        stage.book(stage.ride(task_id=new_id()))
    with pytest.raises(NotFound) as foreign, stage.acting(stage.other_hospital, "planner") as session:
        bookings.request_ride(session, stage.ride())
    assert str(missing.value) == str(foreign.value)


def test_only_planners_and_administrators_book(stage: GroundStage) -> None:
    with pytest.raises(Forbidden), stage.acting(stage.hospital, "driver") as session:
        bookings.request_ride(session, stage.ride())
