"""One loaded page under axe at desk and phone width, light and dark, without loading it again.

Width and theme follow media queries, so both are switched in place. Each width and each theme is judged once
with every rule: what depends on both at a time, no rule knows.
"""

from __future__ import annotations

from typing import Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

Look = tuple[int, Literal["light", "dark"]]
LOOKS: tuple[Look, ...] = ((1280, "light"), (390, "dark"))
OTHER_LOOKS: tuple[Look, ...] = ((1280, "dark"), (390, "light"))
"""For what is seen a second time."""
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
_REPAINTED_MS = 1_500
_TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
_REMEMBER = """(() => {
  const colour = axe.commons.color.Color.prototype, parse = colour.parseString, known = new Map();
  colour.parseString = function (text) {
    const found = known.get(text);
    if (found) [this.r, this.g, this.b, this.alpha] = found;
    else known.set(text, (parse.call(this, text), [this.r, this.g, this.b, this.alpha]));
    return this;
  };
})();"""
"""A page has a dozen colours, and axe reads each anew for every element: half of all its time."""
_JUDGE = """async (options) => {
  scrollTo(0, 0);
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  for (const found of document.getAnimations()) {
    if (found.effect?.getComputedTiming().endTime !== Infinity) found.finish();
  }
  return (await axe.run(document, options)).violations
    .flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 160)}`));
}"""
"""A page that is still being drawn anew, or a colour on its way to the other theme, is neither of the two."""


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it stands, a line each; from the top, where the bar covers nothing."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT + _REMEMBER)
    found = page.evaluate(_JUDGE, RULES)
    if any(line.startswith("color-contrast") for line in found):  # a busy browser may still be repainting
        page.wait_for_timeout(_REPAINTED_MS)
        found = page.evaluate(_JUDGE, RULES)
    return [f"{page.url}: {line}" for line in found]


def look_around(page: Page, looks: tuple[Look, ...] = LOOKS) -> list[str]:
    """What is wrong with a loaded page in each look, a line each."""
    wrong = []
    for width, scheme in looks:
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        wrong += [f"{width} {scheme} {line}" for line in [*violations(page), *too_wide(page, width)]]
    return wrong


def too_wide(page: Page, width: int = 390) -> list[str]:
    """A line when the page has to be moved sideways at this width."""
    if page.viewport_size != (size := {"width": width, "height": 844}):
        page.set_viewport_size(size)  # type: ignore[arg-type]
    return [f"{width} {page.url}: wider than the screen"] if page.evaluate(_TOO_WIDE) else []
