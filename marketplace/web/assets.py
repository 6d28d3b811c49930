"""Addresses of built browser files: a plain name becomes the hashed file that may be cached forever."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from flask import url_for

DIST = Path(__file__).with_name("static") / "dist"


@lru_cache(maxsize=1)
def _manifest(changed_at: float) -> dict[str, str]:
    files: dict[str, str] = json.loads((DIST / "manifest.json").read_text("utf-8"))["files"]
    return files


def asset(name: str) -> str:
    """The address of a built file, given its plain name like "app.js".

    Raises LookupError with the command to run when the browser code has not been built.
    """
    try:
        files = _manifest((DIST / "manifest.json").stat().st_mtime)
    except OSError as missing:
        raise LookupError("The browser code is not built. Run: make frontend") from missing
    return url_for("web.static", filename=f"dist/{files[name]}")
