"""What a trip costs is said leg by leg before it is booked, and billed so afterwards."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from marketplace.bookings.models import Booking
from marketplace.desk.trips.quoting import quote_trip
from tests.support.trip_stage import TripStage

MINUTE = timedelta(minutes=1)


def test_the_quote_has_every_code_and_its_sum(stage: TripStage) -> None:
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        quote = quote_trip(session, stage.order())
        session.rollback()
    codes = [[line.code for line in leg.lines] for leg in quote.legs]
    assert codes == [
        ["A0428", "A0425", "A0422"],
        ["A0430", "A0435", "A0422"],
        ["A0428", "A0425", "A0422"],
    ]
    flight = quote.legs[1].lines
    miles = flight[1].quantity
    assert Decimal(108) <= miles <= Decimal(112)
    assert miles == miles.to_integral_value()  # from 100 miles on whole miles are counted
    assert [line.amount_cents for line in flight] == [3_150_00, int(miles * 11_40), 10_00]
    assert quote.complete
    assert quote.total_cents == sum(line.amount_cents for leg in quote.legs for line in leg.lines)
    with stage.ground.owner() as session:
        assert session.scalars(select(Booking)).all() == []


def test_three_claims_carry_the_codes_the_places_and_the_letters(stage: TripStage) -> None:
    _, made = stage.standing()
    at = made[0].planned_start - 10 * MINUTE
    for leg in made:
        at = stage.perform(leg, at) + 15 * MINUTE
        stage.settle()
    stage.bill()
    claims = stage.claims()
    assert [claim.findings for claim in claims] == [[], [], []]
    assert [[line.hcpcs_code for line in claim.lines] for claim in claims] == [
        ["A0428", "A0425", "A0422"],
        ["A0430", "A0435", "A0422"],
        ["A0428", "A0425", "A0422"],
    ]
    assert [{line.place_of_service for line in claim.lines} for claim in claims] == [{"41"}, {"42"}, {"41"}]
    assert [claim.lines[0].modifiers for claim in claims] == [["HI"], ["II"], ["IN"]]
    assert stage.all_breaches() == []
