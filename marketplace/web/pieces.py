"""Rows of lists as HTML, kept while nothing that they show has changed.

A row's macro is a pure function of what stands in its key: the very values that it prints, the words of its
countdown and the zone of its times among them. So a kept piece is never older than what was just read, and
whoever may read the values may see the piece. Forms inside a piece have holes where each page puts a token
and keys of its own.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from markupsafe import Markup

from marketplace.web import csrf, idempotency, openings

MOST_PIECES = 2000
"""About 4 KB each, in every web process."""


class Pieces:
    """The pieces used last, up to a number; safe to share between threads."""

    def __init__(self, most: int = MOST_PIECES) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, str] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many pieces are kept."""
        return len(self._kept)

    def get(self, key: Hashable, make: Callable[[], str]) -> Markup:
        """The piece of this key for this page, made when it is not kept."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
        if found is None:
            with openings.left_open():
                found = str(make())
            self._keep(key, found)
        return _filled(found)

    def _keep(self, key: Hashable, made: str) -> None:
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)


def _filled(piece: str) -> Markup:
    # as plain text: Markup would escape what it is joined with
    if _TOKEN in piece:
        piece = piece.replace(_TOKEN, str(csrf.field()))
    first, *parts = piece.split(_KEY)
    filled = first + "".join([f"{idempotency.field()}{part}" for part in parts])
    return Markup(filled)  # noqa: S704  made by our own templates, which escape


_TOKEN, _KEY = str(openings.TOKEN), str(openings.KEY)
