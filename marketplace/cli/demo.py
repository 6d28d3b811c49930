"""`homeward demo`: a whole hospital day with everything it needs, in one terminal."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click

from marketplace.cli.payments import payments_child, payments_environment, running_payments
from marketplace.cli.processes import children, listening
from marketplace.cli.schema import upgrade_database
from marketplace.config import connected, data_folder, runtime_for
from marketplace.demo.card import DemoCard, card_of, forget_card, kept_card
from marketplace.demo.making import ZONE, ending, make_world, resume_clock
from marketplace.engines import Supervisor
from marketplace.foundation.access import system_actor
from marketplace.foundation.errors import Unavailable
from marketplace.foundation.settings import Settings
from marketplace.foundation.work import Runtime, unit_of_work

DEFAULT_PORT = 8000
READY_SECONDS = 60
WORKERS = {"S": 1, "M": 2}
"""Worker processes: a metro's plans must not keep its claims and payments waiting."""
T = TypeVar("T")


@click.command()
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=1, show_default=True)
@click.option(
    "--size",
    type=click.Choice(["S", "M"]),
    default="S",
    show_default=True,
    help="S: one hospital. M: a metro of six, with 91 days behind it.",
)
@click.option("--port", type=click.IntRange(0, 65535), envvar="HOMEWARD_PORT", help="0 takes a free one.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout once ready.")
@click.option("--fresh", is_flag=True, help="Begin the day again, forgetting what was done in it.")
@click.option("--play", "is_played", is_flag=True, help="Let actors live the day while you watch or join in.")
@click.option("--speed", type=click.FloatRange(1, 3600), default=60.0, show_default=True, help="With --play.")
def demo(
    seed: int,
    size: str,
    port: int | None,
    host: str,
    speed: float,
    *,
    as_json: bool,
    fresh: bool,
    is_played: bool,
) -> None:
    """Make a demo hospital day from the SEED, serve it, and say how to sign in. Ends with Ctrl-C."""
    folder = data_folder() / "demo"
    with running_demo(folder, seed, size, port=port, host=host, fresh=fresh) as running:
        _say(running.card, running.base_url, running.seconds, as_json=as_json)
        if is_played:
            running.attend(lambda: _play(running, speed))
        while not running.supervisor.stopping:
            running.supervisor.turn()


@dataclass(frozen=True)
class RunningDemo:
    """A demo that answers, and what its own process holds of it."""

    card: DemoCard
    base_url: str
    runtime: Runtime
    supervisor: Supervisor
    seconds: float
    """From the command to the first answer."""
    making_seconds: float
    """Of these for making the world; near nothing when it was there."""

    def attend(self, work: Callable[[], T]) -> T | None:
        """Do something beside the running processes, looking after them; None when told to stop before."""
        with ThreadPoolExecutor(1, thread_name_prefix="play") as hands:
            doing = hands.submit(work)
            while not doing.done() and not self.supervisor.stopping:
                self.supervisor.turn()
            return doing.result() if doing.done() else None


@contextlib.contextmanager
def running_demo(
    folder: Path,
    seed: int,
    size: str,
    *,
    port: int | None = 0,
    host: str = "127.0.0.1",
    fresh: bool = False,
    values: Mapping[str, str] | None = None,
) -> Iterator[RunningDemo]:
    """The demo of this seed and size with its data below `folder`, answering for the block.

    `values` are settings for it that the user's own environment overrules.
    """
    began = time.monotonic()
    with _door(host, port) as door:
        chosen = int(door.getsockname()[1])
        base_url = f"http://{host}:{chosen}"
        own = folder / hashlib.sha256(f"{size}:{seed}:{chosen}".encode()).hexdigest()[:12]
        payments_port = _free_port()
        with (
            _environment(base_url, {**(values or {}), **payments_environment(payments_port, base_url)}),
            connected(own) as (settings, engines),
        ):
            card = _card(settings, seed, size, payments_port, fresh=fresh)
            made = time.monotonic() - began
            extra = [payments_child(settings, payments_port)]
            crew = children(settings, door, workers=WORKERS[size], extra=extra)
            supervisor = Supervisor(crew, on_turn=engines.look_after)
            runtime = runtime_for(settings)
            try:
                with supervisor.running():
                    _wait_until_ready(supervisor, base_url)
                    seconds = time.monotonic() - began
                    yield RunningDemo(card, base_url, runtime, supervisor, seconds, made)
            finally:
                runtime.databases.dispose()


def _play(running: RunningDemo, speed: float) -> None:
    """Let the rest of the day be lived at this speed, from wherever business time stands."""
    from marketplace.demo.acting.day import Pace, play

    with unit_of_work(running.runtime, system_actor()) as session:
        now = session.now()
    evening = ending(now.astimezone(ZONE).date())
    stop = threading.Event()
    thread = threading.Thread(target=_stop_with, args=(running.supervisor, stop), name="stop", daemon=True)
    thread.start()
    if now < evening:
        click.echo(f"The day is played at {speed:g} times the clock's speed.", err=True)
        play(running.runtime, running.card, running.base_url, Pace(now, evening, speed), stop)
        click.echo("The day is over.", err=True)


def _stop_with(supervisor: Supervisor, stop: threading.Event) -> None:
    while not supervisor.stopping and not stop.is_set():
        time.sleep(0.2)
    stop.set()


def _card(settings: Settings, seed: int, size: str, payments_port: int, *, fresh: bool) -> DemoCard:
    """The card of the world in this folder, made now if it is not there or was to be forgotten."""
    runtime = runtime_for(settings)
    try:
        known = None if fresh else kept_card(settings.data_dir, seed, size)
        if known is not None:
            upgrade_database(runtime)
            resume_clock(runtime)
            return known
        click.echo("Making the demo's world ...", err=True)
        forget_card(settings.data_dir)
        with running_payments(settings, payments_port, empty=True):
            card = card_of(make_world(runtime, seed, size, upgrade_database))
        card.keep(settings.data_dir)
        return card
    finally:
        runtime.databases.dispose()


def _say(card: DemoCard, base_url: str, seconds: float, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(card.printed(base_url)))
        sys.stdout.flush()
        return
    click.echo(f"\nHomeward is ready after {seconds:.0f} s: {base_url}\n")
    click.echo(f"  {'role':<18} {'organization':<28} {'e-mail':<52} password")
    for user in card.users:
        click.echo(f"  {user['role']:<18} {user['organization']:<28} {user['email']:<52} {user['password']}")
    click.echo("\nCtrl-C ends it; the same command goes on where you left off, --fresh begins the day again.")


def _wait_until_ready(supervisor: Supervisor, base_url: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and not supervisor.stopping:
        supervisor.turn()
        if _answers(f"{base_url}/readyz"):
            return
    if not supervisor.stopping:
        raise Unavailable(f"The demo was not ready within {READY_SECONDS} seconds; the lines above say why.")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _door(host: str, port: int | None) -> socket.socket:
    """The listening socket: the named port, or from 8000 on the first that is free."""
    if port is not None:
        return listening(host, port)
    for candidate in range(DEFAULT_PORT, DEFAULT_PORT + 50):
        with contextlib.suppress(Unavailable):
            return listening(host, candidate)
    raise Unavailable(f"no port from {DEFAULT_PORT} to {DEFAULT_PORT + 49} is free; name one with --port")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _environment(base_url: str, values: dict[str, str]) -> Iterator[None]:
    """The demo's settings for this process and its children; what the user set himself stays."""
    wanted = {"HOMEWARD_ENVIRONMENT": "demo", "HOMEWARD_BASE_URL": base_url, **values}
    before = dict(os.environ)
    os.environ.update({key: value for key, value in wanted.items() if key not in before})
    os.environ["HOMEWARD_BASE_URL"] = base_url
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
