"""The sample application behind a real port, and pages of somebody who is signed in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from flask import Flask, request
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from marketplace.foundation.work import Runtime
from marketplace.web import live
from tests.browser.web.screenshot import open_page
from tests.integration.web.sample import sample_application


@dataclass
class Site:
    """Where the application answers, itself, and every POST it got as (path, fields)."""

    url: str
    app: Flask
    posts: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@pytest.fixture
def site(runtime: Runtime) -> Iterator[Site]:
    """The running application."""
    app = sample_application(runtime)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = True
    made = Site(f"http://127.0.0.1:{server.port}", app)

    @app.before_request
    def note() -> None:
        if request.method == "POST":
            made.posts.append(
                (request.path, {**request.form, "header_key": request.headers.get("Idempotency-Key", "")})
            )

    with app.app_context():
        live.streams().feed.start()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    if live.EXTENSION in app.extensions:
        app.extensions[live.EXTENSION].feed.stop()
    server.shutdown()
    server.server_close()


@dataclass
class Opener:
    """Opens pages of a signed-in planner and remembers what the browser complained about."""

    browser: Browser
    site: Site
    complaints: list[str] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)

    def __call__(self, path: str, *, width: int = 1280, dark: bool = False) -> Page:
        page = open_page(self.browser, width=width, dark=dark)
        page.context.add_cookies([{"name": "actor", "value": "planner", "url": self.site.url}])
        page.set_default_timeout(8000)
        page.on(
            "console", lambda said: said.type in {"error", "warning"} and self.complaints.append(said.text)
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(self.site.url + path)
        self.pages.append(page)
        return page


@pytest.fixture
def opened(browser: Browser, site: Site) -> Iterator[Opener]:
    """`opened("/path")` gives a loaded page; its context is closed after the test."""
    opener = Opener(browser, site)
    yield opener
    for page in opener.pages:
        page.context.close()
