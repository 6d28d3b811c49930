"""One way to the engines for every command: given URLs, engines that already run, or engines of our own."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import redis

from marketplace.engines.engines import EngineOptions, Engines, running_engines
from marketplace.engines.errors import EngineError, FolderInUse
from marketplace.engines.folder import default_data_dir
from marketplace.engines.process import wait_until
from marketplace.engines.state import RunningState, read_state

JOIN_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class EngineConnection:
    """Where the engines listen; `engines` is set only when this process runs them itself."""

    database_url: str
    redis_url: str
    engines: Engines | None = None

    @property
    def owned(self) -> bool:
        """Whether the engines end with this process."""
        return self.engines is not None

    def look_after(self) -> list[str]:
        """Revives our own engines if they died, and says so; other people's are not ours to touch."""
        return self.engines.look_after() if self.engines is not None else []


@contextlib.contextmanager
def connect_or_start(
    data_dir: Path | None = None,
    environ: Mapping[str, str] | None = None,
    options: EngineOptions | None = None,
) -> Iterator[EngineConnection]:
    """Engines for the block.

    `DATABASE_URL` and `REDIS_URL` win, and nothing embedded is started for them. Otherwise the engines of
    another process on the same data folder are joined (and stay when we leave); where none run, our own are
    started and end with the block. Raises EngineError.
    """
    values = os.environ if environ is None else environ
    given = EngineConnection(values.get("DATABASE_URL", ""), values.get("REDIS_URL", ""))
    wanted = options or EngineOptions()
    wanted = replace(
        wanted,
        postgres=wanted.postgres and not given.database_url,
        valkey=wanted.valkey and not given.redis_url,
    )
    if not wanted.postgres and not wanted.valkey:
        yield given
        return
    with contextlib.ExitStack() as stack:
        yield _join_or_start(stack, (data_dir or default_data_dir(values)).absolute(), given, wanted)


def _join_or_start(
    stack: contextlib.ExitStack, data_dir: Path, given: EngineConnection, wanted: EngineOptions
) -> EngineConnection:
    try:
        engines = stack.enter_context(running_engines(data_dir, wanted))
    except FolderInUse as occupied:
        state = _joined(data_dir, wanted, occupied)
        return EngineConnection(given.database_url or state.database_url, given.redis_url or state.redis_url)
    return EngineConnection(
        given.database_url or engines.database_url, given.redis_url or engines.redis_url, engines
    )


def _joined(data_dir: Path, wanted: EngineOptions, occupied: FolderInUse) -> RunningState:
    """The engines that the holder of the folder runs, waiting for it to have started them."""
    if not wait_until(lambda: read_state(data_dir) is not None, JOIN_SECONDS):
        raise occupied
    state = read_state(data_dir)
    if state is None:
        raise occupied
    if (wanted.postgres and not state.database_url) or (wanted.valkey and not state.redis_url):
        raise EngineError(
            f"Process {state.pid} runs engines on {data_dir}, but not all that are needed: give this command "
            "the same DATABASE_URL and REDIS_URL as that one."
        )
    _require_answers(state, wanted)
    return state


def _require_answers(state: RunningState, wanted: EngineOptions) -> None:
    try:
        if wanted.postgres:
            psycopg.connect(state.database_url, connect_timeout=10).close()
        if wanted.valkey:
            with redis.Redis.from_url(state.redis_url, socket_timeout=10) as client:
                client.ping()
    except (psycopg.OperationalError, redis.RedisError) as problem:
        raise EngineError(
            f"Process {state.pid} holds the data folder, but its engines do not answer "
            f"({type(problem).__name__}). Stop it and start again."
        ) from problem
