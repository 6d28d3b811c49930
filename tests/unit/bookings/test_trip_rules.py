"""How a trip is laid out: windows that follow each other, miles through the air, stairs at home only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from marketplace.bookings.airfields import AIRFIELDS
from marketplace.bookings.orders import Address, PayerChoice, RequestedWindow
from marketplace.bookings.trip_orders import LegPlan, Stop, TripOrder
from marketplace.bookings.trip_rules import flight_errors, lay_out, order_errors, stops_of
from marketplace.bookings.trip_words import AirNecessity
from marketplace.bookings.words import AIR_LEVELS, LevelOfService, PayerKind, PlaceKind, WindowAnchor
from marketplace.foundation.geography import Position
from marketplace.patients.words import Needs

ZONE = ZoneInfo("America/Los_Angeles")
NOON = datetime(2026, 11, 23, 20, tzinfo=UTC)
HOSPITAL = Stop(
    Address(PlaceKind.HOSPITAL, "2801 N Gantenbein Ave", "Portland", "OR", "97227"),
    Position(45.544, -122.6703),
)
HOME = Stop(Address(PlaceKind.RESIDENCE, "12 Pine St", "Redmond", "OR", "97756"), Position(44.272, -121.174))


def order(takeoff: str = "KTTD", landing: str = "KRDM", **changes: object) -> TripOrder:
    return TripOrder(
        UUID(int=1),
        PayerChoice(PayerKind.HEALTH_SYSTEM),
        takeoff,
        landing,
        AirNecessity.TOO_FAR,
        "Four hours on the road.",
        **changes,  # type: ignore[arg-type]
    )


def legs(wanted: TripOrder, minutes: int = 60, stairs: int = 0) -> list[LegPlan]:
    stops, levels = stops_of(wanted, HOSPITAL, HOME)
    window = RequestedWindow(NOON, NOON + timedelta(minutes=minutes), WindowAnchor.DISCHARGE)
    hand_over = timedelta(minutes=wanted.hand_over_minutes)
    return lay_out(stops, levels, window, Needs(stairs_count=stairs), hand_over, ZONE)


@given(
    st.sampled_from(sorted(AIRFIELDS)), st.sampled_from(sorted(AIRFIELDS)),
    st.integers(15, 600), st.integers(0, 180),
)  # fmt: skip
def test_no_leg_begins_before_the_one_before_is_handed_over(
    takeoff: str, landing: str, minutes: int, hand_over: int
) -> None:
    found = legs(order(takeoff, landing, hand_over_minutes=hand_over), minutes)
    for before, after in zip(found, found[1:], strict=False):  # noqa: RUF007 - a pair of each
        earliest = before.done_at + timedelta(minutes=hand_over)
        assert earliest <= after.window.start < earliest + timedelta(minutes=1)
        assert after.window.end - after.window.start == timedelta(minutes=minutes)
        assert before.destination == after.origin
    assert (found[0].origin, found[-1].destination) == (HOSPITAL, HOME)
    assert [leg.level in AIR_LEVELS for leg in found] == [False, True, False]


def test_the_flight_is_as_long_as_the_great_circle() -> None:
    flight = legs(order())[1]
    straight = AIRFIELDS["KTTD"].position.meters_to(AIRFIELDS["KRDM"].position)
    assert flight.distance_meters == round(straight)
    assert (flight.origin.address.place_kind, flight.destination.address.place_kind) == (
        PlaceKind.TRANSFER_POINT,
        PlaceKind.TRANSFER_POINT,
    )


def test_stairs_are_climbed_at_home_only() -> None:
    found = legs(order(), stairs=12)
    assert [leg.needs.stairs_count for leg in found] == [0, 0, 12]


def test_helipads_on_the_spot_leave_the_ground_legs_out() -> None:
    rotor = order("helipad", "helipad", flight_level=LevelOfService.AIR_ROTOR)
    assert order_errors(rotor, Needs()) == []
    assert [leg.level for leg in legs(rotor)] == [LevelOfService.AIR_ROTOR]
    wings = order("helipad", "KRDM")
    assert [error.field for error in order_errors(wings, Needs())] == ["takeoff"]


def test_a_hop_is_no_flight() -> None:
    assert [error.field for error in flight_errors(legs(order("KRDM", "KBDN")))] == []
    hop = legs(order("helipad", "KPDX", flight_level=LevelOfService.AIR_ROTOR))
    assert [error.field for error in flight_errors(hop)] == ["landing"]


def test_every_airfield_lies_where_its_postal_code_is() -> None:
    from marketplace.foundation.geography import place_of

    for one in AIRFIELDS.values():
        assert place_of(one.postal_code).position.meters_to(one.position) < 30_000, one.code
