"""The stage on which searches for vendors are tested."""

from __future__ import annotations

import pytest

from marketplace.foundation.work import Runtime
from tests.support.vendor_stage import VendorStage, second_floor


@pytest.fixture
def stage(runtime: Runtime) -> VendorStage:
    """A hospital, three transport companies and a supplier at nine in the morning."""
    return VendorStage(second_floor(runtime)).build(vendors=3)
