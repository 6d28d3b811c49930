"""The embedded PostgreSQL: made once, tuned for a small machine, reachable only over a private socket."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg

from marketplace.engines.account import Account, borrowed_name, hand_over
from marketplace.engines.binaries import Binaries
from marketplace.engines.errors import EngineStartFailed
from marketplace.engines.process import clear_out, start_tied, stop_process, wait_until
from marketplace.engines.spawn import ENVIRONMENT, end_of_log, opened_log

DATABASE = "homeward"
SUPERUSER = "homeward_owner"
PORT = 5432  # part of the socket's name only: no network address is listened on
START_SECONDS = 60.0
STOP = ((signal.SIGINT, 8.0), (signal.SIGQUIT, 3.0))
PROGRAMS = ("postgres", "initdb")

# Measured to suit two cores and a few hundred megabytes. Log lines carry neither values nor statements,
# for both may hold a patient's data.
SETTINGS = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "port": str(PORT),
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "huge_pages": "off",
    "io_method": "sync",
    "jit": "off",
    "random_page_cost": "1.1",
    "max_worker_processes": "4",
    "max_parallel_workers_per_gather": "0",
    "autovacuum_max_workers": "2",
    "autovacuum_naptime": "20s",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "wal_compression": "on",
    "checkpoint_timeout": "15min",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
}
# For tests: a crash of the machine may cost the whole folder, which is thrown away anyway.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresEngine:
    """One PostgreSQL server on one folder."""

    name = "PostgreSQL"

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
        self._data = folder / "postgres"
        self._sockets = sockets
        self._binaries = binaries
        self._account = account
        self._settings = SETTINGS if durable else SETTINGS | CARELESS
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """The file that the server writes to."""
        return self._folder / "postgres.log"

    @property
    def pid(self) -> int:
        """The server's process number, 0 while it does not run."""
        return self._process.pid if self.alive() and self._process else 0

    @property
    def url(self) -> str:
        """The superuser's URL of the product's database, for psycopg and (with a driver name) SQLAlchemy."""
        return self._url(DATABASE)

    def alive(self) -> bool:
        """Whether the server's process runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Makes the data where there is none and starts the server; returns when it takes connections.

        Raises EngineStartFailed with the end of the log.
        """
        clear_out(self._data, PROGRAMS)
        if not (self._data / "PG_VERSION").exists():
            self._initialize()
        self._remove_leftovers()
        self._write_settings()
        with opened_log(self.log, self._account) as log:
            self._process = start_tied(
                [str(self._binaries.postgres), "-D", str(self._data)],
                folder=self._data,
                output=log,
                death_signal=signal.SIGQUIT,  # as after a crash: at once, and recovered at the next start
                account=self._account,
                environment=ENVIRONMENT,
            )
        self._wait_until_ready()
        self._ensure_database()

    def stop(self) -> None:
        """Ends the server in order: running statements are cancelled, everything is on disk."""
        if self._process is not None:
            stop_process(self._process, STOP)
            self._process = None

    def _initialize(self) -> None:
        """Makes the data under another name and renames it when whole, so that a kill leaves no half."""
        password = self._folder / "password"
        password.write_text(secrets.token_hex(24), "ascii")
        password.chmod(0o600)
        hand_over(password, self._account)
        scratch = self._folder / "postgres.new"
        shutil.rmtree(scratch, ignore_errors=True)
        options = (
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        )
        command = [str(self._binaries.initdb), "-D", str(scratch), "-U", SUPERUSER, "--pwfile", str(password)]
        with tempfile.TemporaryFile() as output:
            if self._run_initdb([*command, *options, "--no-instructions"], output):
                output.seek(0)
                said = output.read().decode("utf-8", "replace")[-2000:]
                raise EngineStartFailed(f"PostgreSQL could not make its data folder {scratch}:\n{said}")
        scratch.rename(self._data)

    def _run_initdb(self, command: list[str], output: IO[bytes]) -> int:
        """Runs initdb, which insists on a name for its user: one without is lent a name for the moment."""
        try:
            return start_tied(
                command,
                folder=self._folder,
                output=output,
                death_signal=signal.SIGKILL,
                account=self._account,
                environment=ENVIRONMENT,
                appear_as=borrowed_name(),
            ).wait()
        except subprocess.SubprocessError as problem:
            raise EngineStartFailed(
                f"User {os.geteuid()} has no name on this system, which PostgreSQL insists on for making its "
                "data, and none can be lent here. Run as a named user, or set DATABASE_URL and REDIS_URL."
            ) from problem

    def _remove_leftovers(self) -> None:
        """Removes lock files of a killed server: we hold the folder's lock, and nobody lives in it."""
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
            (self._sockets / name).unlink(missing_ok=True)

    def _write_settings(self) -> None:
        """Writes both configuration files anew; own wishes belong into ALTER SYSTEM, which wins."""
        lines = [f"{name} = {value}" for name, value in self._settings.items()]
        sockets = str(self._sockets).replace("'", "''")
        lines.append(f"unix_socket_directories = '{sockets}'")
        for name, text in (
            ("postgresql.conf", "# Written at every start.\n" + "\n".join(lines) + "\n"),
            ("pg_hba.conf", "# Written at every start.\nlocal all all scram-sha-256\n"),
        ):
            path = self._data / name
            path.write_text(text, "utf-8")
            path.chmod(0o600)
            hand_over(path, self._account)

    def _wait_until_ready(self) -> None:
        ready = wait_until(lambda: not self.alive() or self.answers(), START_SECONDS)
        if not ready or not self.alive():
            self.stop()
            raise EngineStartFailed(
                f"PostgreSQL did not become ready. The end of {self.log}:\n{end_of_log(self.log)}"
            )

    def answers(self) -> bool:
        """Whether the server takes a connection now."""
        try:
            psycopg.connect(self._url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _ensure_database(self) -> None:
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if known is None:
                connection.execute(f"CREATE DATABASE {DATABASE}".encode())

    def _url(self, database: str) -> str:
        password = (self._folder / "password").read_text("ascii")
        host = quote(str(self._sockets), safe="")
        return f"postgresql://{SUPERUSER}:{password}@/{database}?host={host}&port={PORT}"
