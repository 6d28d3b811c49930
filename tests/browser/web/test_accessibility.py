"""Every component at desk and phone width, light and dark: WCAG 2.2 AA by axe, and no complaint."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.web.conftest import Opener

PATHS = [
    "/gallery/",
    "/gallery/table",
    "/gallery/phone",
    "/gallery/panel",
    "/gallery/print",
    "/gallery/problem/409",
]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, select, summary, input")]
  .filter((found) => found.type !== "hidden" && found.checkVisibility())
  .filter((found) => !found.matches(".skip-link, p a, li a, .leaflet-container *"))
  .map((found) => [found.outerHTML, (found.closest("label.choice") ?? found).getBoundingClientRect()])
  .filter(([, box]) => box.width < 24 || box.height < 24)
  .map(([html, box]) => `${html} ${box.width} x ${box.height}`)"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(opened: Opener, width: int, dark: bool) -> None:  # noqa: FBT001
    found = []
    for path in PATHS:
        page = opened(path, width=width, dark=dark)
        page.wait_for_timeout(300)
        result = Axe().run(page, options=RULES)
        found += [
            f"{path}: {violation['id']}: {node['html'][:160]}"
            for violation in result.response["violations"]
            for node in violation["nodes"]
        ]
        page.close()
    assert found == []
    assert [text for text in opened.complaints if "409" not in text] == []


@pytest.mark.parametrize("path", PATHS)
def test_no_page_scrolls_sideways_at_320_pixels(opened: Opener, path: str) -> None:
    page = opened(path, width=320)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_every_target_has_24_pixels(opened: Opener) -> None:
    page = opened("/gallery/")
    small = page.evaluate(SMALL_TARGETS)
    assert small == []
