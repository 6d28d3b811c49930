"""Rosa's hospital with vendors on shift, and the pages of all floors."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from marketplace.foundation.work import Runtime
from tests.support.board_stage import BoardStage, board_stage
from tests.support.vendor_pages import VendorPages


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
