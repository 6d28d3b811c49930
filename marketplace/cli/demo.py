"""`homeward demo`: a whole hospital day with everything it needs, in one terminal."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import click

from marketplace.cli.payments import payments_child, payments_environment, running_payments
from marketplace.cli.processes import children, listening
from marketplace.cli.schema import upgrade_database
from marketplace.config import connected, data_folder, runtime_for
from marketplace.demo.card import DemoCard, card_of, forget_card, kept_card
from marketplace.demo.making import make_world, resume_clock
from marketplace.engines import Supervisor
from marketplace.foundation.errors import Unavailable
from marketplace.foundation.settings import Settings

DEFAULT_PORT = 8000
READY_SECONDS = 60


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
def demo(seed: int, size: str, port: int | None, host: str, as_json: bool, fresh: bool) -> None:  # noqa: FBT001
    """Make a demo hospital day from the SEED, serve it, and say how to sign in. Ends with Ctrl-C."""
    began = time.monotonic()
    with _door(host, port) as door:
        chosen = int(door.getsockname()[1])
        base_url = f"http://{host}:{chosen}"
        folder = data_folder() / "demo" / hashlib.sha256(f"{size}:{seed}:{chosen}".encode()).hexdigest()[:12]
        payments_port = _free_port()
        with (
            _environment(base_url, payments_environment(payments_port, base_url)),
            connected(folder) as (settings, engines),
        ):
            card = _card(settings, seed, size, payments_port, fresh=fresh)
            extra = [payments_child(settings, payments_port)]
            supervisor = Supervisor(children(settings, door, extra=extra), on_turn=engines.look_after)
            with supervisor.running():
                _wait_until_ready(supervisor, base_url)
                _say(card, base_url, time.monotonic() - began, as_json=as_json)
                while not supervisor.stopping:
                    supervisor.turn()


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
