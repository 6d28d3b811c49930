"""Take a picture of any page: `python -m tests.browser.web.screenshot URL OUT.png --width 390 --dark`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.chromium import find_chromium


def open_page(browser: Browser, *, width: int = 1280, dark: bool = False, height: int | None = None) -> Page:
    """A fresh page of the given width; at most 480 pixels wide it is a phone with a finger."""
    context = browser.new_context(
        viewport={"width": width, "height": height or (844 if width <= 480 else 900)},
        color_scheme="dark" if dark else "light",
        has_touch=width <= 480,
        is_mobile=width <= 480,
        device_scale_factor=2 if width <= 480 else 1,
    )
    return context.new_page()


def take(page: Page, url: str, target: Path, *, whole: bool = True) -> None:
    """Load a page, wait until it is quiet (its event stream aside), and write the picture."""
    page.goto(url, wait_until="load")
    page.wait_for_timeout(400)
    page.screenshot(path=str(target), full_page=whole)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; `--cookie name=value` signs in, `--screen` keeps to what is visible without scrolling."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("target", type=Path)
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--screen", action="store_true")
    parser.add_argument("--cookie", action="append", default=[], metavar="NAME=VALUE")
    given = parser.parse_args(arguments)
    chromium = find_chromium()
    if not chromium:
        sys.stderr.write("No Chromium found: install one, or set HOMEWARD_CHROMIUM.\n")
        return 4
    place = urlsplit(given.url)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = open_page(browser, width=given.width, dark=given.dark)
        for name, _, value in (cookie.partition("=") for cookie in given.cookie):
            page.context.add_cookies(
                [{"name": name, "value": value, "url": f"{place.scheme}://{place.netloc}"}]
            )
        take(page, given.url, given.target, whole=not given.screen)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
