"""The stage on which the ground's tests play."""

from __future__ import annotations

import pytest

from marketplace.foundation.work import Runtime
from tests.support.ground_stage import GroundStage


@pytest.fixture
def stage(runtime: Runtime) -> GroundStage:
    """A hospital with Rosa Alvarez to send home, a payer and three vendors."""
    return GroundStage(runtime).build()
