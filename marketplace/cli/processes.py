"""The product's processes: all in one terminal (`up`), or one by one (`serve`, `worker`, `relay`)."""

from __future__ import annotations

import socket
import sys
from collections.abc import Sequence

import click

from marketplace.cli.schema import upgrade_database
from marketplace.config import child_environment, configured, connected, open_runtime, runtime_for
from marketplace.engines import Child, Supervisor
from marketplace.foundation.errors import Unavailable
from marketplace.foundation.settings import Settings


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=int, envvar="HOMEWARD_PORT", default=8000, show_default=True)
@click.option("--workers", type=int, default=1, show_default=True, help="Worker processes.")
def up(host: str, port: int, workers: int) -> None:
    """Run everything in this terminal: engines where none are given, web, worker and relay."""
    with connected() as (settings, engines):
        runtime = runtime_for(settings)
        click.echo(upgrade_database(runtime), err=True)
        runtime.databases.dispose()
        with listening(host, port) as door:
            click.echo(f"Homeward is at http://{host}:{door.getsockname()[1]}", err=True)
            Supervisor(children(settings, door, workers=workers), on_turn=engines.look_after).run()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=int, envvar="HOMEWARD_PORT", default=8000, show_default=True)
@click.option("--fd", type=int, default=None, hidden=True, help="An open listening socket, from `up`.")
@click.option("--processes", type=int, envvar="HOMEWARD_WEB_PROCESSES", default=2, show_default=True)
@click.option("--threads", type=int, envvar="HOMEWARD_WEB_THREADS", default=64, show_default=True)
def serve(host: str, port: int, fd: int | None, processes: int, threads: int) -> None:
    """Serve the pages and the JSON API."""
    from marketplace.cli.web_server import WebServer

    with configured() as settings:
        bind = f"fd://{fd}" if fd is not None else f"{host}:{port}"
        WebServer(settings, bind, processes, threads).run()


@click.command(name="worker")
@click.option("--burst", is_flag=True, help="Stop when the queue is empty.")
def worker_command(*, burst: bool) -> None:
    """Run background jobs from the queue."""
    from marketplace.worker import work

    with open_runtime() as runtime:
        work(runtime, burst=burst)


@click.command(name="relay")
def relay_command() -> None:
    """Bring due jobs to the queue, take back expired leases, fire schedules, seal the audit chain."""
    from marketplace.worker import relay

    with open_runtime(pool_size=2) as runtime:
        relay(runtime)


def children(
    settings: Settings, door: socket.socket, *, workers: int = 1, extra: Sequence[Child] = ()
) -> list[Child]:
    """The child processes of a whole installation, with the listening socket handed to the web process."""
    program, environment = [sys.executable, "-m", "marketplace"], child_environment(settings)
    web = Child("web", [*program, "serve", "--fd", str(door.fileno())], environment, pass_fds=[door.fileno()])
    names = ["worker"] if workers == 1 else [f"worker-{number + 1}" for number in range(workers)]
    crew = [Child(name, [*program, "worker"], environment) for name in names]
    return [*extra, web, *crew, Child("relay", [*program, "relay"], environment)]


def listening(host: str, port: int) -> socket.socket:
    """A socket bound before anything starts, so that nobody else's server answers in our place.

    Raises Unavailable when the port is taken.
    """
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
    except OSError as problem:
        door.close()
        raise Unavailable(
            f"port {port} on {host} is taken ({problem.strerror}); name another with --port"
        ) from None
    door.listen(512)
    door.set_inheritable(True)
    return door
