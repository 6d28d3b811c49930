"""Finding a Chromium for the tests that walk the pages."""

from __future__ import annotations

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def find_chromium() -> str:
    """The program to start: `HOMEWARD_CHROMIUM`, else the first known name on the PATH; else empty."""
    given = os.environ.get("HOMEWARD_CHROMIUM", "")
    return given or next(filter(None, map(shutil.which, NAMES)), "") or ""
