"""A day's facts become a problem whose plan has the oxygen in the home before the patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from dispatch.optimizer import Stop, solve
from dispatch.optimizer.check import check
from dispatch.planning.building import build_problem, planned_works, split_waiting
from dispatch.planning.facts import AwardedWork, DayFacts, Order, Standing, VehicleDay
from marketplace.foundation.geography import GreatCircleTravel, Position

ZONE = ZoneInfo("America/Los_Angeles")
DAY = datetime(2026, 3, 4, tzinfo=ZONE).astimezone(UTC)
HOSPITAL, HOME, DEPOT = Position(45.52, -122.68), Position(45.46, -122.60), Position(45.55, -122.70)
TRANSPORT, SUPPLIER, HOSPITAL_ORG = uuid4(), uuid4(), uuid4()


def at(hour: int, minute: int = 0) -> datetime:
    return DAY + timedelta(hours=hour, minutes=minute)


def ride(**changes: object) -> AwardedWork:
    work = AwardedWork(
        booking_id=uuid4(),
        award_id=uuid4(),
        revision=3,
        organization_id=HOSPITAL_ORG,
        vendor_organization_id=TRANSPORT,
        kind="ride",
        reference="R-TEST",
        origin=HOSPITAL,
        destination=HOME,
        earliest=at(15),
        latest=at(15, 45),
        load=(0, 1, 0, 0),
        first_seconds=600,
        last_seconds=600,
        max_ride_seconds=5400,
        skills=frozenset({"level:wheelchair"}),
    )
    return replace(work, **changes)  # type: ignore[arg-type]


def oxygen(**changes: object) -> AwardedWork:
    work = AwardedWork(
        booking_id=uuid4(),
        award_id=uuid4(),
        revision=3,
        organization_id=HOSPITAL_ORG,
        vendor_organization_id=SUPPLIER,
        kind="equipment",
        reference="R-TEST",
        origin=HOME,
        destination=None,
        earliest=at(12),
        latest=at(16),
        load=(0, 0, 0, 120),
        first_seconds=2100,
        equipment=(("E1390", 1),),
        skills=frozenset({"crew:oxygen_setup"}),
    )
    return replace(work, **changes)  # type: ignore[arg-type]


def van(vendor: UUID, name: str, configuration: tuple[int, int, int, int], skills: set[str]) -> VehicleDay:
    return VehicleDay(
        id=name,
        vehicle_id=uuid4(),
        shift_id=uuid4(),
        vendor_organization_id=vendor,
        driver_user_id=None,
        start=DEPOT,
        home=DEPOT,
        starts_at=at(8),
        ends_at=at(18),
        configurations=(configuration,),
        depot_id=f"depot of {name}",
        skills=frozenset(skills),
    )


def facts(works: Sequence[AwardedWork], orders: Sequence[Order] = ()) -> DayFacts:
    return DayFacts(
        day_start=DAY,
        frozen_until=at(9),
        works=tuple(works),
        orders=tuple(orders),
        vehicle_days=(
            van(TRANSPORT, "chair", (2, 2, 0, 0), {"level:wheelchair"}),
            van(SUPPLIER, "cargo", (0, 0, 0, 5000), {"crew:oxygen_setup"}),
        ),
        stock={"depot of cargo": {"E1390": 2}},
    )


def solved(day: DayFacts) -> tuple[dict[UUID, tuple[datetime, datetime]], list[str]]:
    ready, _ = split_waiting(day)
    travel = GreatCircleTravel(ZONE)
    problem = build_problem(day, ready, lambda places: travel.matrix(places, at(9)))
    solution = solve(problem, Stop(iterations=200), seed=1)
    assert check(problem, solution).ok, check(problem, solution).findings
    planned = planned_works(day, ready, solution)
    return {one.work.booking_id: (one.starts_at, one.ends_at) for one in planned}, [
        left.code.value for left in solution.unserved
    ]


def test_the_oxygen_is_set_up_before_the_patient_comes_through_the_door() -> None:
    patient, gear = ride(), oxygen()
    planned, left_out = solved(
        facts([patient, gear], [Order(gear.booking_id, patient.booking_id, hard=True)])
    )
    assert left_out == []
    home_at = planned[patient.booking_id][1] - timedelta(seconds=patient.last_seconds)
    assert planned[gear.booking_id][1] <= home_at


def test_a_late_delivery_window_makes_the_ride_wait_inside_its_own_promise() -> None:
    patient, gear = ride(), oxygen(earliest=at(15, 10), latest=at(15, 20))
    planned, left_out = solved(
        facts([patient, gear], [Order(gear.booking_id, patient.booking_id, hard=True)])
    )
    assert left_out == []
    assert at(15) <= planned[patient.booking_id][0] <= at(15, 45)
    assert planned[gear.booking_id][1] <= planned[patient.booking_id][1] - timedelta(seconds=600)


def test_a_patient_whose_oxygen_nobody_accepted_waits_with_the_reason() -> None:
    patient = ride()
    day = facts([patient], [Order(uuid4(), patient.booking_id, hard=True, coming=False)])
    ready, waiting = split_waiting(day)
    assert ready == []
    assert [one.work for one in waiting] == [patient]
    assert "no vendor yet" in waiting[0].reason


def test_a_soft_order_holds_nobody_back() -> None:
    patient = ride()
    ready, waiting = split_waiting(
        facts([patient], [Order(uuid4(), patient.booking_id, hard=False, coming=False)])
    )
    assert (ready, waiting) == ([patient], [])


def test_what_is_under_way_elsewhere_bounds_the_arrival() -> None:
    patient = ride(arrive_not_before=at(16, 20))
    planned, left_out = solved(facts([patient]))
    assert left_out == []
    assert planned[patient.booking_id][1] - timedelta(seconds=600) >= at(16, 20)


def test_equipment_out_of_stock_is_left_out_with_that_reason() -> None:
    gear = oxygen(equipment=(("E1390", 3),))
    assert solved(facts([gear])) == ({}, ["stock"])


def test_work_stays_on_the_vehicle_people_were_told_of() -> None:
    day = facts([ride(standing=Standing("chair", at(15, 10)))])
    second = replace(day.vehicle_days[0], id="other chair", vehicle_id=uuid4(), shift_id=uuid4())
    day = replace(day, vehicle_days=(second, *day.vehicle_days))
    ready, _ = split_waiting(day)
    travel = GreatCircleTravel(ZONE)
    problem = build_problem(day, ready, lambda places: travel.matrix(places, at(9)))
    solution = solve(problem, Stop(iterations=200), seed=1)
    assert [route.vehicle for route in solution.routes] == ["chair"]


def test_a_visit_is_planned_after_the_patient_has_come_home() -> None:
    home = ride()
    nurse = ride(
        kind="home_health",
        vendor_organization_id=SUPPLIER,
        origin=HOME,
        destination=None,
        earliest=at(14),
        latest=at(19),
        load=(0, 0, 0, 0),
        skills=frozenset({"crew:sn"}),
        max_ride_seconds=None,
    )
    day = facts([home, nurse], [Order(home.booking_id, nurse.booking_id, hard=True)])
    car = van(SUPPLIER, "car", (1, 0, 0, 0), {"crew:sn"})
    planned, left_out = solved(replace(day, vehicle_days=(*day.vehicle_days, car)))

    assert left_out == []
    assert planned[nurse.booking_id][0] >= planned[home.booking_id][1]


def test_nobody_who_has_a_place_loses_it_to_a_newcomer_who_is_cheaper() -> None:
    far = Position(45.38, -122.50)
    newcomer = ride(load=(0, 2, 0, 0), latest=at(15, 10))
    known = ride(load=(0, 2, 0, 0), latest=at(15, 10), destination=far)
    planned, left_out = solved(facts([newcomer, known]))
    assert (set(planned), left_out) == ({newcomer.booking_id}, ["no_room"])
    stands = replace(known, standing=Standing("chair", at(15), ends_at=at(16)))
    planned, left_out = solved(facts([newcomer, stands]))
    assert (set(planned), left_out) == ({known.booking_id}, ["no_room"])
