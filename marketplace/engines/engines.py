"""The pair of embedded engines on one data folder, started, watched and stopped together."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from marketplace.engines.account import engine_account
from marketplace.engines.binaries import find_binaries
from marketplace.engines.errors import EngineError
from marketplace.engines.folder import engine_folder, held, open_folder, socket_folder
from marketplace.engines.postgres import PostgresEngine
from marketplace.engines.state import RunningState, forget_state, write_state
from marketplace.engines.valkey import ValkeyEngine

PAUSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """Which engines to start, and whether their data must survive a power cut (tests may waive that)."""

    postgres: bool = True
    valkey: bool = True
    durable: bool = True


class Engines:
    """Running engines; made by `running_engines`, which also ends them."""

    def __init__(self, data_dir: Path, options: EngineOptions) -> None:
        account = engine_account()
        folder = engine_folder(data_dir, account)
        sockets = socket_folder(folder, account)
        binaries = find_binaries(account)
        postgres = PostgresEngine(folder, sockets, binaries, account, durable=options.durable)
        valkey = ValkeyEngine(folder, sockets, binaries, account, durable=options.durable)
        self.data_dir = data_dir
        self.postgres = postgres if options.postgres else None
        self.valkey = valkey if options.valkey else None
        self._next_try = 0.0

    @property
    def database_url(self) -> str:
        """The superuser's URL of the product's database; empty when PostgreSQL was not asked for."""
        return self.postgres.url if self.postgres else ""

    @property
    def redis_url(self) -> str:
        """The URL for redis-py and RQ; empty when Valkey was not asked for."""
        return self.valkey.url if self.valkey else ""

    @property
    def pids(self) -> dict[str, int]:
        """The process number of each engine by its name; 0 for one that died."""
        return {engine.name: engine.pid for engine in self._all()}

    def start(self) -> None:
        """Starts both; raises EngineStartFailed."""
        for engine in self._all():
            engine.start()

    def revive(self) -> list[str]:
        """Starts again what died (killed, out of memory) and returns the names; for the main thread only."""
        dead = [engine for engine in self._all() if not engine.alive()]
        for engine in dead:
            engine.start()
        return [engine.name for engine in dead]

    def look_after(self) -> list[str]:
        """Revives what died and says so in sentences; meant for `Supervisor(on_turn=...)`.

        An engine that cannot be started again is tried anew every five seconds.
        """
        if time.monotonic() < self._next_try:
            return []
        try:
            return [f"{name} had ended and was started again" for name in self.revive()]
        except EngineError as problem:
            self._next_try = time.monotonic() + PAUSE_SECONDS
            return [str(problem)]

    def stop(self) -> None:
        """Ends both in order; the queue goes first, for nothing of value is only there."""
        for engine in reversed(self._all()):
            engine.stop()

    def _all(self) -> list[PostgresEngine | ValkeyEngine]:
        return [engine for engine in (self.postgres, self.valkey) if engine is not None]


@contextlib.contextmanager
def running_engines(data_dir: Path, options: EngineOptions | None = None) -> Iterator[Engines]:
    """Engines on the data folder while the block runs; they end with it, and with this process in any case.

    A fork that leaves the block (a web process, say) ends nothing. Call it from the main thread. Raises
    FolderInUse when another process holds the folder, EngineStartFailed, EngineMissing, or another
    EngineError.
    """
    data_dir, owner = data_dir.absolute(), os.getpid()
    open_folder(data_dir)
    with held(data_dir):
        forget_state(data_dir)
        engines = Engines(data_dir, options or EngineOptions())
        try:
            engines.start()
            write_state(data_dir, RunningState.of_this_process(engines.database_url, engines.redis_url))
            yield engines
        finally:
            if os.getpid() == owner:
                forget_state(data_dir)
                engines.stop()
