"""A hospital, an ambulance, an aeroplane and another ambulance: what tests of trips by air stand on."""

from __future__ import annotations

import pytest

from marketplace.foundation.work import Runtime
from tests.integration.bookings.conftest import Caller
from tests.support.ground_stage import GroundStage
from tests.support.trip_stage import TripStage


@pytest.fixture
def stage(runtime: Runtime) -> TripStage:
    return TripStage(GroundStage(runtime)).build()


@pytest.fixture
def caller(stage: TripStage) -> Caller:
    return Caller(stage.ground).act(stage.ground.hospital, "planner")
