"""The planner's ready-to-leave board by keyboard, and what axe says of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.board.test_board import TOO_WIDE, tab_to
from tests.browser.web.test_accessibility import violations
from tests.support.board_stage import BoardStage
from tests.support.vendor_pages import VendorPages

Opened = Callable[..., Page]


def _as_planner(stage: BoardStage, pages: VendorPages) -> None:
    pages.become(stage.ground.actor(stage.ground.hospital, "planner"))


def test_a_patient_becomes_ready_and_leaves_by_keyboard_alone(
    stage: BoardStage, opened: Opened, pages: VendorPages
) -> None:
    stage.accept(stage.ground.ride(), stage.driver_vendor)
    stage.oxygen_done()
    stage.plan()
    _as_planner(stage, pages)
    page = opened("/desk/ready/")
    row = page.get_by_role("listitem").filter(has_text="Alvarez, Rosa").first
    expect(row).to_contain_text("1 in the way")
    expect(row).to_contain_text("Nobody has said that the patient is medically ready")
    tab_to(page, page.get_by_role("button", name="Medically ready: Alvarez, Rosa"))
    page.keyboard.press("Enter")
    expect(row.get_by_text("Ready to leave")).to_be_visible()
    tab_to(page, page.get_by_role("link", name="Alvarez, Rosa has left"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Everything is confirmed")).to_be_visible()
    tab_to(page, page.get_by_role("button", name="Has left"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Alvarez, Rosa has left.")).to_be_visible()
    page.get_by_role("link", name="Avoidable hours").click()
    expect(page.get_by_text("with everything confirmed")).to_be_visible()


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_axe_finds_nothing_on_the_ready_board(
    stage: BoardStage,
    opened: Opened,
    pages: VendorPages,
    width: int,
    dark: bool,  # noqa: FBT001
) -> None:
    _as_planner(stage, pages)
    found = []
    for path in ("/desk/ready/", f"/desk/ready/{stage.ground.encounter}/left", "/desk/ready/hours"):
        page = opened(path, width=width, dark=dark)
        page.wait_for_timeout(300)
        found += violations(page)
        assert not page.evaluate(TOO_WIDE), path
    assert found == []
