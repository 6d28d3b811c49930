"""Run the double on loopback, in this process or as a program of its own."""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from werkzeug.serving import BaseWSGIServer, make_server

from billing.settlement.double.app import create_app
from billing.settlement.double.world import World

POLL_SECONDS = 0.05


@dataclass
class Running:
    """A double that is up: its address and its parts."""

    url: str
    world: World


@contextlib.contextmanager
def running(data: Path | None = None, *, port: int = 0, clearing_seconds: int = 172_800) -> Iterator[Running]:
    """Run a double in this process while the block lasts; port 0 takes a free one."""
    app = create_app(data, clearing_seconds=clearing_seconds)
    server = _server(app, "127.0.0.1", port)
    world: World = app.extensions["stripe_double"]
    thread = threading.Thread(
        target=server.serve_forever, args=(POLL_SECONDS,), name="stripe-double", daemon=True
    )
    thread.start()
    world.courier.start()
    try:
        yield Running(f"http://127.0.0.1:{server.server_port}", world)
    finally:
        world.courier.stop()
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()


def serve(
    data: Path,
    *,
    host: str,
    port: int,
    clearing_seconds: int,
    fresh: bool = False,
    webhook: tuple[str, str] = ("", ""),
) -> None:
    """Serve until interrupted; `webhook` is an address for events and the secret to sign them with."""
    app = create_app(data, clearing_seconds=clearing_seconds)
    server = _server(app, host, port)
    world: World = app.extensions["stripe_double"]
    if fresh:
        world.book.forget_everything()
    if webhook[0]:
        _deliver_to(world, *webhook)
    world.courier.start()
    sys.stderr.write(f"Stripe double at http://{host}:{server.server_port}/\n")
    sys.stderr.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        world.courier.stop()
        server.server_close()


def _deliver_to(world: World, url: str, secret: str) -> None:
    """Register an address for events, once; older addresses get none any more."""
    known = [point for point in world.book.every("webhook_endpoint") if point["status"] == "enabled"]
    if any((point["url"], point["secret"]) == (url, secret) for point in known):
        return
    with world.book.change():
        for point in known:
            world.desk.delete_webhook_endpoint(point["id"])
        world.desk.create_webhook_endpoint({"url": url, "secret": secret})


def _server(app: Flask, host: str, port: int) -> BaseWSGIServer:
    """Open the listening socket of a threaded server that keeps quiet."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    return make_server(host, port, app, threaded=True)
