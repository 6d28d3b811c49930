"""Pages of a stage behind a real port, seen by one person."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug.serving import make_server

from marketplace.foundation.access import Actor
from marketplace.web import live
from tests.support.vendor_pages import VendorPages


@contextmanager
def served(pages: VendorPages, actor: Actor) -> Iterator[str]:
    """The address at which `actor` sees the pages, live."""
    pages.become(actor)
    server = make_server("127.0.0.1", 0, pages.app, threaded=True)
    server.daemon_threads = True
    with pages.app.app_context():
        live.streams().feed.start()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        server.server_close()
