"""Flights in a day's plan: straight and fast between airfields, in order with the legs on the ground."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from dispatch.planning.air import mode_of, mode_of_vehicle, travel_between
from dispatch.planning.building import split_waiting
from dispatch.planning.facts import DayFacts, Mode, Order
from marketplace.foundation.geography import GreatCircleTravel, Position
from tests.unit.planning.test_building import DAY, ZONE, at, facts, ride, solved, van

HOSPITAL, FIELD = Position(45.544, -122.6703), Position(45.5494, -122.4013)
FAR, CLINIC = Position(44.2541, -121.15), Position(44.26, -121.18)
WINGS, DESERT = uuid4(), uuid4()
LAG = timedelta(minutes=15)


def trip_day(hour: int = 13) -> tuple[DayFacts, list[object]]:
    lies = {"load": (0, 0, 1, 0)}
    first = ride(
        origin=HOSPITAL, destination=FIELD, earliest=at(hour), latest=at(hour + 1),
        skills=frozenset({"level:bls"}), **lies,
    )  # fmt: skip
    flight = ride(
        vendor_organization_id=WINGS, origin=FIELD, destination=FAR, mode=Mode.AIR_FIXED,
        earliest=at(hour, 30), latest=at(hour + 3), skills=frozenset({"level:air_fixed"}), **lies,
    )  # fmt: skip
    last = ride(
        vendor_organization_id=DESERT, origin=FAR, destination=CLINIC,
        earliest=at(hour), latest=at(hour + 4), skills=frozenset({"level:bls"}), **lies,
    )  # fmt: skip
    seconds = int(LAG.total_seconds())
    orders = [
        Order(first.booking_id, flight.booking_id, True, seconds, at_pickup=True),
        Order(flight.booking_id, last.booking_id, True, seconds, at_pickup=True),
    ]
    room = (1, 0, 1, 0)
    plane = replace(
        van(WINGS, "plane", room, {"level:air_fixed"}), start=FIELD, home=FIELD, mode=Mode.AIR_FIXED
    )
    desert = replace(van(DESERT, "desert", room, {"level:bls"}), start=CLINIC, home=CLINIC)
    metro = van(first.vendor_organization_id, "metro", room, {"level:bls"})
    day = replace(facts([first, flight, last], orders), vehicle_days=(metro, plane, desert), stock={})
    return day, [first, flight, last]


def test_the_same_field_is_two_rows_and_a_flight_goes_straight() -> None:
    road = GreatCircleTravel(ZONE)
    places, modes = [FIELD, FAR, FIELD, FAR], [Mode.ROAD, Mode.ROAD, Mode.AIR_FIXED, Mode.AIR_FIXED]
    seconds, metres = travel_between(places, modes, lambda known: road.matrix(known, DAY))
    assert metres[2][3] == round(FIELD.meters_to(FAR))
    assert metres[0][1] == round(FIELD.meters_to(FAR) * 1.3)
    assert seconds[2][3] < seconds[0][1] / 2
    assert [row[number] for number, row in enumerate(seconds)] == [0, 0, 0, 0]


def test_a_helicopter_is_slower_aloft_and_sooner_up() -> None:
    road = GreatCircleTravel(ZONE)
    near = [HOSPITAL, FIELD]

    def flown(mode: Mode, places: list[Position]) -> int:
        return travel_between(places, [mode, mode], lambda known: road.matrix(known, DAY))[0][0][1]

    assert flown(Mode.AIR_ROTOR, near) < flown(Mode.AIR_FIXED, near)
    assert flown(Mode.AIR_FIXED, [FIELD, FAR]) < flown(Mode.AIR_ROTOR, [FIELD, FAR])


def test_modes_follow_from_levels() -> None:
    assert (mode_of("bls"), mode_of("air_rotor")) == (Mode.ROAD, Mode.AIR_ROTOR)
    assert (mode_of_vehicle(["bls"]), mode_of_vehicle(["air_fixed"])) == (Mode.ROAD, Mode.AIR_FIXED)


def test_three_vendors_vehicles_keep_the_order_with_time_to_hand_over() -> None:
    day, works = trip_day()
    planned, left = solved(day)
    assert left == []
    first, flight, last = (planned[work.booking_id] for work in works)
    assert flight[0] >= first[1] + LAG
    assert last[0] >= flight[1] + LAG


def test_a_leg_waits_while_the_one_before_has_no_vendor() -> None:
    day, works = trip_day()
    missing = replace(day.orders[0], coming=False)
    ready, waiting = split_waiting(replace(day, orders=(missing, day.orders[1])))
    assert [work.booking_id for work in ready] == [works[0].booking_id]
    assert [one.reason for one in waiting] == [
        "The leg of the trip before it has no vendor yet, or did not take place.",
        "The leg of the trip before it waits itself, for a vendor or for another time.",
    ]


def test_a_leg_that_is_ready_only_after_its_promise_is_left_to_people() -> None:
    day, works = trip_day()
    late = replace(works[1], start_not_before=works[1].latest + timedelta(minutes=1))
    _, waiting = split_waiting(replace(day, works=(late,), orders=()))
    assert [one.work.booking_id for one in waiting] == [late.booking_id]
    on_time = replace(works[1], start_not_before=works[1].latest - timedelta(minutes=1))
    planned, left = solved(replace(day, works=(on_time,), orders=()))
    assert left == []
    assert planned[on_time.booking_id][0] >= on_time.start_not_before
