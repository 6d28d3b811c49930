"""The double's memory: Stripe objects by kind, changed in all-or-nothing steps and kept in a journal file."""

from __future__ import annotations

import contextlib
import copy
import json
import secrets
import string
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from billing.settlement.double.faults import missing

Object = dict[str, Any]
_LETTERS = string.ascii_letters + string.digits


def fresh_id(prefix: str) -> str:
    """Make an identifier of Stripe's kind, for example `tr_` and 24 letters or digits."""
    return f"{prefix}_" + "".join(secrets.choice(_LETTERS) for _ in range(24))


class Book:
    """Every object the double knows, with one lock around each change.

    A change is one line of the journal, written before the change can be seen; a line torn by a killed
    process is dropped when the journal is read again: an object is there whole or not at all.
    """

    def __init__(self, journal: Path | None = None) -> None:
        """Read the journal if there is one; without a path the double remembers only while it runs."""
        self.lock = threading.RLock()
        self._kinds: dict[str, dict[str, Object]] = {}
        self._journal = journal
        self._changes: list[tuple[str, str, Object]] | None = None
        if journal is not None:
            journal.parent.mkdir(parents=True, exist_ok=True)
            self._replay(journal)

    @contextlib.contextmanager
    def change(self) -> Iterator[None]:
        """Make the puts inside one step: all are kept, or none when the block raises. Steps may nest."""
        with self.lock:
            if self._changes is not None:
                yield
                return
            self._changes = []
            before = {kind: dict(items) for kind, items in self._kinds.items()}
            try:
                yield
                self._append(self._changes)
            except BaseException:
                self._kinds = before
                raise
            finally:
                self._changes = None

    def put(self, kind: str, item: Object) -> Object:
        """Keep a new object, or a new state of one, under its id; only inside `change`."""
        if self._changes is None:
            raise RuntimeError("an object can only be kept inside Book.change()")
        kept = copy.deepcopy(item)
        self._kinds.setdefault(kind, {})[kept["id"]] = kept
        self._changes.append((kind, kept["id"], kept))
        return item

    def get(self, kind: str, identifier: str) -> Object:
        """Return a copy of one object, or refuse as Stripe does when there is none."""
        found = self.find(kind, identifier)
        if found is None:
            raise missing(kind, identifier)
        return found

    def find(self, kind: str, identifier: str) -> Object | None:
        """Return a copy of one object, or None."""
        with self.lock:
            found = self._kinds.get(kind, {}).get(identifier)
            return None if found is None else copy.deepcopy(found)

    def every(self, kind: str) -> list[Object]:
        """Return copies of all objects of a kind, oldest first."""
        with self.lock:
            return [copy.deepcopy(item) for item in self._kinds.get(kind, {}).values()]

    def view(self, kind: str) -> list[Object]:
        """Return the objects of a kind themselves, oldest first, for reading only."""
        with self.lock:
            return list(self._kinds.get(kind, {}).values())

    def forget_everything(self) -> None:
        """Start afresh with an empty journal; only between tests."""
        with self.lock:
            self._kinds = {}
            if self._journal is not None:
                self._journal.write_text("", encoding="utf-8")

    def _append(self, changes: list[tuple[str, str, Object]]) -> None:
        """Write one step as one line."""
        if self._journal is None or not changes:
            return
        line = json.dumps({"at": int(time.time()), "put": changes}, separators=(",", ":"))
        with self._journal.open("a", encoding="utf-8") as out:
            out.write(line + "\n")

    def _replay(self, journal: Path) -> None:
        """Take over every whole line; cut off a torn last one."""
        if not journal.exists():
            return
        whole = 0
        for raw in journal.read_bytes().splitlines(keepends=True):
            if not raw.endswith(b"\n"):
                break
            for kind, identifier, item in json.loads(raw)["put"]:
                self._kinds.setdefault(kind, {})[identifier] = item
            whole += len(raw)
        with journal.open("r+b") as out:
            out.truncate(whole)
