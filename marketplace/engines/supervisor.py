"""Several processes in one terminal: their lines with their names in front, crashed ones started again."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import TextIO

from marketplace.engines.process import kill_session, start_tied, wait_until

TURN_SECONDS = 0.25
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 10.0
STEADY_SECONDS = 20.0
"""A child that lived this long starts its next series of pauses from the beginning."""
LONGEST_LINE = 65_536


@dataclass(frozen=True, slots=True)
class Child:
    """One process to keep alive; `pass_fds` are open descriptors (a listening socket) that it inherits."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] | None = None
    pass_fds: Sequence[int] = ()


@dataclass(slots=True)
class _Slot:
    """A child's present process, its unfinished line, and when it may be started again."""

    child: Child
    process: subprocess.Popen[bytes] | None = None
    partial: bytes = b""
    started: float = 0.0
    pause: float = 0.0
    due: float = 0.0
    restarts: int = field(default=0)


class Supervisor:
    """Keeps children alive until asked to stop, and leaves none behind; for the main thread only.

    Their output goes to `output` (stderr when not given). `on_turn` is called a few times a second (the
    place to look after embedded engines) and returns sentences to be said.
    """

    def __init__(
        self,
        children: Sequence[Child],
        *,
        output: TextIO | None = None,
        on_turn: Callable[[], Sequence[str]] | None = None,
        stop_seconds: float = 3.5,
    ) -> None:
        self._slots = [_Slot(child) for child in children]
        self._output = output or sys.stderr
        self._on_turn = on_turn
        self._stop_seconds = stop_seconds
        self._selector = selectors.DefaultSelector()
        self._stopping = False
        self._width = max((len(child.name) for child in children), default=0)

    def run(self) -> None:
        """Starts the children and returns after SIGINT, SIGTERM or `request_stop`, when all have ended."""
        with self.running():
            while not self._stopping:
                self.turn()

    @contextlib.contextmanager
    def running(self) -> Iterator[Supervisor]:
        """The children run in the block; the caller calls `turn` until `stopping` says to leave."""
        previous = {
            number: signal.signal(number, self._on_signal) for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            for slot in self._slots:
                self._start(slot)
            yield self
        finally:
            self._stop_all()
            for number, handler in previous.items():
                signal.signal(number, handler)

    @property
    def stopping(self) -> bool:
        """Whether somebody asked to stop."""
        return self._stopping

    @property
    def pids(self) -> dict[str, int]:
        """The process number of each child by its name; 0 for one that waits for its restart."""
        return {slot.child.name: slot.process.pid if slot.process else 0 for slot in self._slots}

    @property
    def restarts(self) -> dict[str, int]:
        """How often each child was started again."""
        return {slot.child.name: slot.restarts for slot in self._slots}

    def request_stop(self) -> None:
        """Asks `run` to end."""
        self._stopping = True

    def turn(self, seconds: float = TURN_SECONDS) -> None:
        """Passes on what the children said within the seconds, and starts again those that ended."""
        for key, _ in self._selector.select(seconds):
            self._read(key.data)
        for slot in self._slots:
            self._look_after(slot)
        if self._on_turn is not None and not self._stopping:
            for sentence in self._on_turn():
                self.say(sentence)

    def say(self, text: str, name: str = "homeward") -> None:
        """Writes a line of our own among those of the children."""
        self._output.write(f"{name:<{self._width}} | {text}\n")
        self._output.flush()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True

    def _start(self, slot: _Slot) -> None:
        child = slot.child
        reading, writing = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        os.set_blocking(writing, True)
        try:
            slot.process = start_tied(
                child.command,
                output=writing,
                death_signal=signal.SIGTERM,
                environment=child.environment,
                pass_fds=child.pass_fds,
            )
        except OSError as problem:
            os.close(reading)
            self.say(f"cannot be started: {problem.strerror}", child.name)
            self._postpone(slot)
            return
        finally:
            os.close(writing)
        slot.started = time.monotonic()
        self._selector.register(reading, selectors.EVENT_READ, slot)

    def _read(self, slot: _Slot) -> None:
        """Takes what is there; a line is passed on when it is whole, or longer than anyone reads."""
        descriptor = self._descriptor(slot)
        while descriptor is not None:
            try:
                chunk = os.read(descriptor, LONGEST_LINE)
            except BlockingIOError:
                return
            if not chunk:
                self._selector.unregister(descriptor)
                os.close(descriptor)
                break
            *lines, slot.partial = (slot.partial + chunk).split(b"\n")
            if len(slot.partial) > LONGEST_LINE:
                lines, slot.partial = [*lines, slot.partial], b""
            for line in lines:
                self._pass_on(slot, line)

    def _pass_on(self, slot: _Slot, line: bytes) -> None:
        self.say(line.decode("utf-8", "replace").rstrip("\r"), slot.child.name)

    def _descriptor(self, slot: _Slot) -> int | None:
        for key in self._selector.get_map().values():
            if key.data is slot:
                return key.fd
        return None

    def _look_after(self, slot: _Slot) -> None:
        if slot.process is None:
            if not self._stopping and time.monotonic() >= slot.due:
                slot.restarts += 1
                self._start(slot)
            return
        code = slot.process.poll()
        if code is not None:
            self._bury(slot)
            if not self._stopping:
                self._postpone(slot)
                self.say(f"ended with {code}; starting it again in {slot.pause:g} s", slot.child.name)

    def _postpone(self, slot: _Slot) -> None:
        """Doubles the pause before the next start, up to ten seconds."""
        steady = slot.started and time.monotonic() - slot.started >= STEADY_SECONDS
        slot.pause = FIRST_PAUSE if steady or not slot.pause else min(slot.pause * 2, LONGEST_PAUSE)
        slot.due = time.monotonic() + slot.pause

    def _bury(self, slot: _Slot) -> None:
        """Ends what the child left behind in its session, reads its last words and forgets it."""
        if slot.process is not None:
            kill_session(slot.process.pid)
            slot.process.wait()
        self._read(slot)
        descriptor = self._descriptor(slot)
        if descriptor is not None:  # somebody outside the session still holds the other end
            self._selector.unregister(descriptor)
            os.close(descriptor)
        if slot.partial:
            self._pass_on(slot, slot.partial)
        slot.partial, slot.process = b"", None

    def _stop_all(self) -> None:
        """Asks all at once, gives them their seconds, then kills."""
        self._stopping = True
        living = [slot.process for slot in self._slots if slot.process is not None]
        for process in living:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        wait_until(lambda: self._all_ended(living), self._stop_seconds)
        for slot in self._slots:
            self._bury(slot)
        self._selector.close()

    def _all_ended(self, processes: Sequence[subprocess.Popen[bytes]]) -> bool:
        for key, _ in self._selector.select(0):
            self._read(key.data)
        return all(process.poll() is not None for process in processes)
