"""The board's rows as HTML, kept while nothing that they show has changed.

A row's macro is a pure function of what stands in its key: the very values that it prints, the minute of its
countdown and the zone of its times among them. So a kept piece is never older than what was just read, and
whoever may read the values may see the piece. Thirty rows made anew were 29 % of a page's processor time.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from markupsafe import Markup

from marketplace.desk.board import PatientRow
from marketplace.web import current
from marketplace.web.display import time_left, time_tone

MOST_PIECES = 2000
"""About 4 KB each, in every web process."""


class Pieces:
    """The pieces used last, up to a number; safe to share between threads."""

    def __init__(self, most: int = MOST_PIECES) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Markup] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many pieces are kept."""
        return len(self._kept)

    def get(self, key: Hashable, make: Callable[[], Markup]) -> Markup:
        """The piece of this key, made when it is not kept."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made


def shown(row: PatientRow) -> Hashable:
    """Everything that the row's HTML is made of."""
    stay = row.departure.encounter
    return (
        current.zone().key,
        stay.id,
        stay.patient_id,
        stay.unit,
        stay.expected_discharge_at,
        time_left(stay.expected_discharge_at),
        time_tone(stay.expected_discharge_at),
        row.departure.identity.listed_name,
        row.revision,
        tuple(
            (
                line.task.id,
                line.task.title,
                line.task.service_kind,
                line.advice,
                line.booking.id if line.booking else None,
            )
            for line in row.lines
        ),
    )
