"""One pair of real engines for a whole test run, shared by all its processes."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from marketplace.engines import EngineOptions, connect_or_start
from tests.support.schema import build_template


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the run's engines listen; `trouble` says why the template database was not built."""

    database_url: str
    redis_url: str
    trouble: str = ""


class SharedServers:
    """Starts the engines, or takes `HOMEWARD_TEST_DATABASE_URL` and `HOMEWARD_TEST_REDIS_URL`; ends them."""

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()
        self._servers: Servers | None = None

    def get(self) -> Servers:
        """The engines, started at the first call, with the template database built; main thread only.

        Trouble is kept in the result, so that tests without a database still run.
        """
        if self._servers is None:
            self._servers = self._start()
        return self._servers

    def close(self) -> None:
        """Ends what was started."""
        self._stack.close()
        self._servers = None

    def _start(self) -> Servers:
        given = {name: os.environ.get(f"HOMEWARD_TEST_{name}", "") for name in ("DATABASE_URL", "REDIS_URL")}
        folder = Path(tempfile.mkdtemp(prefix="homeward-test-"))
        folder.chmod(0o711)  # the engines' account passes through
        self._stack.callback(shutil.rmtree, folder, ignore_errors=True)
        connection = self._stack.enter_context(
            connect_or_start(folder / "data", given, EngineOptions(durable=False))
        )
        try:
            build_template(connection.database_url)
        except Exception as problem:  # noqa: BLE001 - reported by every test that needs the database
            trouble = f"the template database could not be built: {type(problem).__name__}: {problem}"
            return Servers(connection.database_url, connection.redis_url, trouble)
        return Servers(connection.database_url, connection.redis_url)


def redis_database(url: str, number: int) -> str:
    """The URL of another numbered database of the same server."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        query = dict(parse_qsl(parts.query)) | {"db": str(number)}
        return f"unix://{parts.path}?{urlencode(query)}"
    return urlunsplit(parts._replace(path=f"/{number}"))
