"""How the boards feel meanwhile: somebody of each role opens theirs again and again, and is timed."""

from __future__ import annotations

import itertools
import threading
from typing import Any, Self

from marketplace.demo.acting.cast import Stagehands
from marketplace.demo.acting.figures import spread

BOARDS = (
    ("planner", "st-brigid", "/desk/"),
    ("vendor_admin", "harbor-rides", "/portal/offers"),
    ("dispatcher", "bayview-medical-transport", "/dispatch/"),
    ("driver", "harbor-rides", "/field/"),
    ("technician", "clearair-oxygen", "/field/"),
    ("reviewer", "evergreen-health-plan", "/review/"),
    ("biller", "harbor-rides", "/billing/"),
)
"""Role, organization, and the page on which they work."""
PAUSE_SECONDS = 0.7


class Watch:
    """Opens one board after the other while the block runs, as people with open pages do."""

    def __init__(self, hands: Stagehands) -> None:
        self._hands = hands
        self._seen: dict[str, list[float]] = {}
        self._bad: list[str] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._look, name="watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(30)

    def summary(self) -> dict[str, Any]:
        """Milliseconds by board, over all of them, and whatever was no page."""
        boards = {name: _figures(found) for name, found in sorted(self._seen.items())}
        together = [one for found in self._seen.values() for one in found]
        return {"all": _figures(together), "boards": boards, "troubles": self._bad[:5]}

    def _look(self) -> None:
        known = [one for one in BOARDS if f"{one[0]}@{one[1]}" in self._hands.tokens]
        for role, organization, path in itertools.cycle(known):
            if self._stopping.wait(PAUSE_SECONDS):
                return
            status, _, seconds = self._hands.line(role, organization).page(path)
            self._seen.setdefault(f"{role} {path}", []).append(seconds * 1000)
            if status != 200:
                self._bad.append(f"{role} {path}: {status}")


def _figures(milliseconds: list[float]) -> dict[str, int]:
    return {"looks": len(milliseconds), **spread(milliseconds)}
