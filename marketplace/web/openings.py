"""Openings in HTML that is kept beyond a page: where each page's own token and keys are put in later."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from markupsafe import Markup

_MARK = secrets.token_hex(12)


def opening(what: str) -> Markup:
    """An opening of this name; unguessable, so that no text from outside can pass for one."""
    return Markup("\x1e{} {}\x1e").format(what, _MARK)


TOKEN, KEY = opening("token"), opening("key")

_LEFT: ContextVar[bool] = ContextVar("openings_left", default=False)


@contextmanager
def left_open() -> Iterator[None]:
    """Forms that are rendered inside get openings for their hidden fields."""
    before = _LEFT.set(True)
    try:
        yield
    finally:
        _LEFT.reset(before)


def are_left() -> bool:
    """Whether what is rendered now is kept beyond this page."""
    return _LEFT.get()
