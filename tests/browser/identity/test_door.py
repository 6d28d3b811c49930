"""The door in a browser: one press into the demo, a second factor, a refusal that axe finds nothing in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

import pyotp
import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from marketplace.foundation.work import Runtime
from marketplace.foundation.world import World
from marketplace.identity import demo
from marketplace.identity.blueprints import all_of_them
from marketplace.web import live
from marketplace.web.application import create_application, guard_last
from tests.support.axe import look_around


def application(runtime: Runtime) -> Flask:
    """The web room with identity alone; its start page is the account."""
    made = create_application(runtime)
    for blueprint in all_of_them():
        made.register_blueprint(blueprint)
    guard_last(made)
    made.add_url_rule("/", "home", lambda: made.redirect("/account"))
    return made


@pytest.fixture
def site(runtime: Runtime) -> Iterator[str]:
    """The demo's people behind a real port."""
    demo.demo(World(runtime, 7, date(2026, 3, 2), ZoneInfo("America/Los_Angeles")))
    app = application(runtime)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.port}"
    if live.EXTENSION in app.extensions:
        app.extensions[live.EXTENSION].feed.stop()
    server.shutdown()
    server.server_close()


def enter_as(page: Page, site: str, name: str) -> None:
    """Press the demo's button of this person."""
    page.goto(f"{site}/sign-in")
    page.locator(f"button[title^='{name}']").click()
    page.wait_for_url(f"{site}/account")


def test_one_press_on_a_demo_person_signs_in(site: str, page: Page) -> None:
    enter_as(page, site, "Dana Whitfield")
    expect(page.get_by_role("heading", level=1)).to_have_text("Dana Whitfield")


def test_a_second_factor_is_set_up_and_then_asked_for_at_the_door(site: str, page: Page) -> None:
    enter_as(page, site, "Priya Raman")
    page.get_by_role("link", name="Set up an authenticator app").click()
    key = page.locator("[data-copy]").first.get_attribute("data-copy")
    assert key is not None
    assert look_around(page) == []
    page.get_by_label("Code from the app").fill(pyotp.TOTP(key).now())
    page.get_by_role("button", name="Confirm").click()
    codes = page.locator("ul.mono li").all_text_contents()
    assert len(codes) == 10
    page.get_by_role("link", name="I have kept them, go on").click()
    expect(page.get_by_text("Recovery codes left")).to_be_visible()


def test_axe_finds_nothing_at_a_refused_sign_in(site: str, page: Page) -> None:
    page.goto(f"{site}/sign-in")
    page.get_by_label("E-mail address").fill("who@example.org")
    page.get_by_label("Password").fill("not the right one")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert").first).to_be_visible()
    assert look_around(page) == []
