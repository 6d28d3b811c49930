"""The stage and its pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from marketplace.foundation.work import Runtime
from tests.support.vendor_pages import VendorPages
from tests.support.vendor_stage import VendorStage, second_floor


@pytest.fixture
def stage(runtime: Runtime) -> VendorStage:
    """A hospital, two transport companies and a supplier at nine in the morning."""
    return VendorStage(second_floor(runtime)).build()


@pytest.fixture
def pages(stage: VendorStage) -> Iterator[VendorPages]:
    """The second floor's pages."""
    made = VendorPages(stage)
    yield made
    made.close()
