"""Every component at desk and phone width, light and dark: WCAG 2.2 AA by axe, and no complaint."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.web.conftest import Opener
from tests.support.axe import LOOKS, OTHER_LOOKS, look_around, violations

PATHS = [
    "/gallery/",
    "/gallery/table",
    "/gallery/phone",
    "/gallery/panel",
    "/gallery/print",
    "/gallery/problem/409",
]
SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, select, summary, input")]
  .filter((found) => found.type !== "hidden" && found.checkVisibility())
  .filter((found) => !found.matches(".skip-link, p a, li a, .leaflet-container *"))
  .map((found) => [found.outerHTML, (found.closest("label.choice") ?? found).getBoundingClientRect()])
  .filter(([, box]) => box.width < 24 || box.height < 24)
  .map(([html, box]) => `${html} ${box.width} x ${box.height}`)"""


def test_axe_finds_nothing_on_any_page(opened: Opener) -> None:
    found = []
    for path in PATHS:
        page = opened(path)
        found += look_around(page, LOOKS + OTHER_LOOKS)
        page.close()
    assert found == []
    assert [text for text in opened.complaints if "409" not in text] == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_in_dialogs_menus_and_refused_forms(opened: Opener, dark: bool) -> None:  # noqa: FBT001
    page = opened("/gallery/", dark=dark)
    page.get_by_role("button", name="Save").click()
    page.wait_for_selector(".error-summary")
    found = violations(page)
    page.get_by_role("button", name="Account of Ada Brook").click()
    found += violations(page)
    page.keyboard.press("Escape")
    for opener in ("Control+k", "?"):
        page.keyboard.press("Escape")
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press(opener)
        page.wait_for_selector("dialog[open]")
        found += violations(page)
        page.keyboard.press("Escape")
    page.get_by_role("button", name="Open a dialog").click()
    found += violations(page)
    assert found == []


def test_the_menu_of_a_phone_opens_and_closes(opened: Opener) -> None:
    page = opened("/gallery/", width=390)
    menu = page.get_by_role("navigation", name="Main")
    expect(menu).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(menu).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()


def test_no_page_scrolls_sideways_at_320_pixels(opened: Opener) -> None:
    widths = {}
    for path in PATHS:
        page = opened(path, width=320)
        widths[path] = page.evaluate("document.documentElement.scrollWidth")
        page.close()
    assert [path for path, width in widths.items() if width > 320] == []


def test_every_target_has_24_pixels(opened: Opener) -> None:
    page = opened("/gallery/")
    small = page.evaluate(SMALL_TARGETS)
    assert small == []
