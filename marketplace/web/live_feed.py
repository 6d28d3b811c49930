"""The change feed of one process: listens to PostgreSQL and hands content-free messages to the open streams.

One thread and one connection per process, whatever the number of streams. A short memory lets a page that was
away catch up; when it was away longer, or the feed lost its connection, the page is told to start afresh.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import socket
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import psycopg
import structlog
from sqlalchemy import make_url

from marketplace.foundation.announce import CHANNEL

log = structlog.get_logger(__name__)
REMEMBERED = 5000
LONGEST_BACKLOG = 500
RECONNECT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Change:
    """An object of a topic changed: no content, only where to look again. `at` is in machine milliseconds."""

    at: int
    topic: str
    kind: str
    id: str
    revision: int

    def public(self) -> dict[str, object]:
        """What the page is told."""
        return {"object": self.kind, "id": self.id, "revision": self.revision}


@dataclass(eq=False)
class Subscription:
    """One open stream: its topics and the changes waiting for it; `lost` when it must start afresh."""

    topics: frozenset[str]
    waiting: queue.SimpleQueue[Change | None] = field(default_factory=queue.SimpleQueue)
    lost: bool = False


class ChangeFeed:
    """Receives the installation's announcements once it has been started by its first subscriber."""

    def __init__(self, database_url: str) -> None:
        self._dsn = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._memory: deque[Change] = deque(maxlen=REMEMBERED)
        self._subscriptions: set[Subscription] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._connection: psycopg.Connection | None = None
        self._stopping = threading.Event()
        self._listening = threading.Event()
        self._remembers_since = 0

    def start(self, wait_seconds: float = 3.0) -> None:
        """Begin to listen, once; safe to call from every request; waits so long for the connection."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="change-feed", daemon=True)
                self._thread.start()
        self._listening.wait(wait_seconds)

    def stop(self) -> None:
        """Stop listening and end every stream."""
        self._stopping.set()
        with self._lock:
            for subscription in self._subscriptions:
                subscription.waiting.put(None)
        if self._thread is not None:
            self._hang_up()
            self._thread.join(5)

    @contextlib.contextmanager
    def subscribed(self, topics: Iterable[str]) -> Iterator[Subscription]:
        """A subscription to some topics for as long as the block runs."""
        subscription = Subscription(frozenset(topics))
        with self._lock:
            self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            with self._lock:
                self._subscriptions.discard(subscription)

    def since(self, cursor: int, topics: Iterable[str]) -> list[Change] | None:
        """The changes after a cursor, oldest first; None when the memory does not reach back that far."""
        wanted = frozenset(topics)
        with self._lock:
            if cursor < self._remembers_since:
                return None
            return [change for change in self._memory if change.at > cursor and change.topic in wanted]

    def moment_for_page(self, overlap_milliseconds: int) -> int:
        """A cursor for a page being rendered now: a little back, but not before this feed began to hear."""
        moment = time.time_ns() // 1_000_000 - overlap_milliseconds
        return max(moment, self._remembers_since) if self._listening.is_set() else moment

    def receive(self, payload: str) -> None:
        """Take one announcement; one that is not in our form is dropped, for others may use the channel."""
        try:
            found = json.loads(payload)
            change = Change(
                self._next_moment(),
                str(found["topic"]),
                str(found["object"]),
                str(found["id"]),
                int(found["revision"]),
            )
        except (ValueError, KeyError, TypeError):
            log.warning("announcement not understood")
            return
        with self._lock:
            if len(self._memory) == REMEMBERED:
                self._remembers_since = self._memory[0].at
            self._memory.append(change)
            hearing = [each for each in self._subscriptions if change.topic in each.topics]
        for subscription in hearing:
            if subscription.waiting.qsize() >= LONGEST_BACKLOG:
                subscription.lost = True
            else:
                subscription.waiting.put(change)

    def _next_moment(self) -> int:
        moment = time.time_ns() // 1_000_000
        last = self._memory[-1].at if self._memory else 0
        return max(moment, last + 1)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen()
            except psycopg.OperationalError:
                log.warning("change feed lost its database, trying again")
            self._forget()
            self._stopping.wait(RECONNECT_SECONDS)

    def _listen(self) -> None:
        with psycopg.connect(self._dsn, autocommit=True, connect_timeout=5) as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            with self._lock:
                self._remembers_since = time.time_ns() // 1_000_000
            self._listening.set()
            self._connection = connection  # before looking whether to stop: `stop` looks the other way round
            while not self._stopping.is_set():
                self._hear(connection)
        self._connection = None

    def _hear(self, connection: psycopg.Connection) -> None:
        try:
            for notice in connection.notifies(timeout=1.0):
                self.receive(notice.payload)
        except psycopg.OperationalError:
            if not self._stopping.is_set():
                raise

    def _hang_up(self) -> None:
        """Let a listener that waits for the next announcement return at once."""
        connection = self._connection
        with contextlib.suppress(OSError, psycopg.OperationalError):
            if connection is not None:
                with socket.socket(fileno=os.dup(connection.fileno())) as line:
                    line.shutdown(socket.SHUT_RDWR)

    def _forget(self) -> None:
        """After a gap nothing remembered can be trusted to be complete: every stream starts afresh."""
        self._listening.clear()
        with self._lock:
            self._memory.clear()
            self._remembers_since = time.time_ns() // 1_000_000
            for subscription in self._subscriptions:
                subscription.lost = True
