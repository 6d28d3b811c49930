"""The embedded Valkey: appends every write to a file, reachable only over a private socket."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import redis

from marketplace.engines.account import Account
from marketplace.engines.binaries import Binaries
from marketplace.engines.errors import EngineStartFailed
from marketplace.engines.folder import make_private
from marketplace.engines.process import clear_out, start_tied, stop_process, wait_until
from marketplace.engines.spawn import ENVIRONMENT, end_of_log, opened_log

SOCKET = "valkey.sock"
START_SECONDS = 30.0
STOP = ((signal.SIGTERM, 5.0),)
PROGRAMS = ("valkey-server",)
SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "save": "",
    "appendfsync": "everysec",
    "maxmemory": "256mb",
    "maxmemory-policy": "noeviction",
    "databases": "64",
    "loglevel": "notice",
}


class ValkeyEngine:
    """One Valkey server on one folder."""

    name = "Valkey"

    def __init__(
        self,
        folder: Path,
        sockets: Path,
        binaries: Binaries,
        account: Account | None,
        *,
        durable: bool = True,
    ) -> None:
        self._folder = folder
        self._data = folder / "valkey"
        self._socket = sockets / SOCKET
        self._program = binaries.valkey
        self._account = account
        self._durable = durable
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """The file that the server writes to."""
        return self._folder / "valkey.log"

    @property
    def pid(self) -> int:
        """The server's process number, 0 while it does not run."""
        return self._process.pid if self.alive() and self._process else 0

    @property
    def url(self) -> str:
        """The URL for redis-py and RQ; its path holds nothing that would need escaping."""
        return f"unix://{self._socket}?db=0"

    def alive(self) -> bool:
        """Whether the server's process runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Starts the server and returns when it has loaded its data; raises EngineStartFailed."""
        clear_out(self._data, PROGRAMS)
        make_private(self._data, self._account)
        self._socket.unlink(missing_ok=True)
        settings = SETTINGS | {
            "unixsocket": str(self._socket),
            "appendonly": "yes" if self._durable else "no",
        }
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        with opened_log(self.log, self._account) as log:
            self._process = start_tied(
                [str(self._program), *options],
                folder=self._data,
                output=log,
                death_signal=signal.SIGTERM,
                account=self._account,
                environment=ENVIRONMENT,
            )
        ready = wait_until(lambda: not self.alive() or self.answers(), START_SECONDS)
        if not ready or not self.alive():
            self.stop()
            raise EngineStartFailed(
                f"Valkey did not become ready. The end of {self.log}:\n{end_of_log(self.log)}"
            )

    def stop(self) -> None:
        """Ends the server in order: its file of writes is complete."""
        if self._process is not None:
            stop_process(self._process, STOP)
            self._process = None

    def answers(self) -> bool:
        """Whether the server answers a ping now (it says no while it loads its data)."""
        with redis.Redis(unix_socket_path=str(self._socket), socket_timeout=5) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False
