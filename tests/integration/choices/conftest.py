"""The stage on which the tests of choices and visits play."""

from __future__ import annotations

import pytest

from marketplace.foundation.work import Runtime
from tests.support.ground_stage import GroundStage
from tests.support.home_health_stage import HomeHealthStage


@pytest.fixture
def stage(runtime: Runtime) -> GroundStage:
    """A hospital with Rosa Alvarez to send home, a payer and three vendors."""
    return GroundStage(runtime).build()


@pytest.fixture
def home_health(stage: GroundStage) -> HomeHealthStage:
    """Three agencies that serve her home, and a task for a nurse."""
    return HomeHealthStage(stage).build()
