"""The planner's ready-to-leave board by keyboard."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.board.test_board import tab_to
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
