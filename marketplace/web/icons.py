"""Small line icons drawn for this product on a 16 by 16 grid, put into pages as inline SVG."""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup, escape


def _read_paths() -> dict[str, str]:
    lines = Path(__file__).with_name("icons.txt").read_text("utf-8").splitlines()
    return dict(line.split(" ", 1) for line in lines)


PATHS = _read_paths()
"""Icon name -> SVG path data; to add an icon, add a line to icons.txt."""

_MARK = (
    '<svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">'
    '<path class="house" d="M3.5 15.4 14.6 4.8a2 2 0 0 1 2.8 0l11.1 10.6a1.5 1.5 0 0 1-1 2.6H26v8.5'
    'a1.5 1.5 0 0 1-1.5 1.5h-17A1.5 1.5 0 0 1 6 26.5V18H4.5a1.5 1.5 0 0 1-1-2.6z"/>'
    '<path class="path" d="M9.5 28c.5-4.5 8.5-3.6 8.5-8" stroke-linecap="round"/>'
    '<circle class="lamp" cx="18" cy="16" r="3.4"/></svg>'
)


def icon(name: str, label: str = "") -> Markup:
    """The icon as inline SVG: decoration for assistive technology, unless a label gives it a meaning.

    Raises KeyError for a name that is not in PATHS, so that a typing error shows in the first test.
    """
    role = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return Markup(  # noqa: S704 - paths are ours, the label is escaped
        f'<svg class="icon" viewBox="0 0 16 16" {role} focusable="false"><path d="{PATHS[name]}"/></svg>'
    )


def mark() -> Markup:
    """The product's mark: a house, the way to it, and a lamp in the window."""
    return Markup(_MARK)  # noqa: S704 - a constant of ours
