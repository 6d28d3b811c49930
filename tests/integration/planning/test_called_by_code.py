"""A flexible ride goes once the patient's own code has called it; if its vendor fails, nobody calls twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from marketplace.bookings import ready_codes
from marketplace.bookings.models import Booking
from marketplace.bookings.orders import RequestedWindow
from marketplace.bookings.words import BookingState
from marketplace.foundation.access import NOBODY
from marketplace.foundation.work import Runtime
from tests.support.board_stage import BoardStage, board_stage
from tests.support.ground_stage import LEAVES
from tests.support.vendor_pages import VendorPages
from vendors.offers import service as offers
from vendors.offers.service import award_of
from vendors.offers.words import TurnBackReason

LONG = RequestedWindow(LEAVES, LEAVES + timedelta(hours=3))
CALLED_AT = LEAVES + timedelta(minutes=50)


@pytest.fixture
def stage(runtime: Runtime) -> BoardStage:
    """Three vans in the morning."""
    return board_stage(runtime)


@pytest.fixture
def pages(stage: BoardStage) -> Iterator[VendorPages]:
    """The pages of all floors, asked as anybody."""
    made = VendorPages(stage)  # type: ignore[arg-type]
    yield made
    made.close()


def call_by_code(stage: BoardStage, pages: VendorPages, ride: Booking) -> str:
    """The patient types what stands on the sheet and presses the button; what the page says."""
    with stage.ground.planning() as session:
        code = ready_codes.issue(session, ride.id)
    typed = {"reference": code.reference, "code": code.code}
    return str(pages.post(NOBODY, "/ready/now", typed).get_data(as_text=True))


def test_the_patients_code_puts_the_ride_on_a_vehicle_and_the_call_outlives_a_vendor_that_fails(
    stage: BoardStage, pages: VendorPages
) -> None:
    ride = stage.accept(stage.ground.ride(window=LONG, flexible=True), stage.driver_vendor)
    stage.oxygen_done()
    stage.plan()
    assert stage.assignment(ride) is None, "nobody has called yet"
    stage.ground.at(CALLED_AT)
    assert "We know that you are ready" in call_by_code(stage, pages, ride)
    stage.plan()
    row = stage.assignment(ride)
    assert row is not None
    assert CALLED_AT <= row.starts_at <= CALLED_AT + timedelta(hours=1)

    with stage.ground.acting(stage.driver_vendor, "vendor_admin") as session:
        offers.turn_back(session, award_of(session, ride.id).id, TurnBackReason.CREW_ILL)
    stage.plan()
    assert stage.assignment(ride) is None
    fresh = stage.ground.fresh(ride)
    assert (fresh.state, fresh.ready_at) == (BookingState.REQUESTED, CALLED_AT)

    with stage.ground.planning() as session:
        respond_by = session.now() + timedelta(minutes=5)
        (offer,) = offers.propose(session, ride.id, [stage.driver_vendor], respond_by)
    with stage.ground.acting(stage.driver_vendor, "vendor_admin") as session:
        offers.accept(session, offer.id)
    stage.plan()
    again = stage.assignment(ride)
    assert again is not None, "it goes without being called again"
    assert CALLED_AT <= again.starts_at <= CALLED_AT + timedelta(hours=1)
    assert "We know that you are ready" in call_by_code(stage, pages, ride)
    assert stage.ground.fresh(ride).ready_at == CALLED_AT
