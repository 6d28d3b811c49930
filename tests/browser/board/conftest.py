"""The board behind a real port, and a browser in which the dispatcher looks at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from marketplace.foundation.work import Runtime
from tests.browser.web.screenshot import open_page
from tests.support.board_stage import BoardStage, board_stage
from tests.support.served import served
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


@pytest.fixture
def opened(browser: Browser, stage: BoardStage, pages: VendorPages) -> Iterator[Callable[..., Page]]:
    """`opened("/dispatch/")` gives a loaded page of the dispatcher."""
    found: list[Page] = []
    with served(pages, stage.dispatcher) as address:

        def at(path: str, *, width: int = 1280, dark: bool = False) -> Page:
            page = open_page(browser, width=width, dark=dark)
            page.set_default_timeout(15_000)
            page.goto(address + path)
            found.append(page)
            return page

        yield at
        for page in found:
            page.context.close()
