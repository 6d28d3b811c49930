"""Rows that change under the reader's eyes, with a stream, without one, and without a network."""

from __future__ import annotations

import json
from uuid import uuid4

import psycopg
from playwright.sync_api import expect
from sqlalchemy import make_url

from marketplace.foundation.announce import CHANNEL
from marketplace.web import live
from tests.browser.web.conftest import Opener, Site
from tests.integration.web.sample import ORGANIZATION


def tell(site: Site, thing: str, revision: int = 2) -> None:
    """Announce a change as another process would."""
    url = make_url(site.app.extensions["homeward"].databases.url("web")).set(drivername="postgresql")
    message = {"topic": f"organization:{ORGANIZATION}", "object": "thing", "id": thing, "revision": revision}
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, json.dumps(message)))


def test_a_changed_row_is_fetched_marked_and_announced_in_place(opened: Opener, site: Site) -> None:
    page = opened("/gallery/table")
    expect(page.locator(".connection")).to_have_text("Live")
    page.evaluate("document.querySelector('#thing-3 .row-link').textContent = 'old'")
    with page.expect_response("**/gallery/rows/3"):
        tell(site, "3")
    expect(page.locator("#thing-3[data-changed] .row-link")).to_have_text("Dmitri Evans")
    expect(page.locator("#announcer")).to_contain_text("Dmitri Evans changed")
    assert page.locator("tbody tr").nth(3).get_attribute("id") == "thing-3"


def test_an_old_revision_changes_nothing(opened: Opener, site: Site) -> None:
    page = opened("/gallery/table")
    expect(page.locator(".connection")).to_have_text("Live")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    tell(site, "3", revision=1)
    tell(site, str(uuid4()))
    expect(page.locator("[data-live-news]")).to_be_visible()
    assert not [url for url in asked if "/rows/" in url]


def test_a_new_row_waits_behind_a_button(opened: Opener, site: Site) -> None:
    page = opened("/gallery/table")
    expect(page.locator(".connection")).to_have_text("Live")
    tell(site, str(uuid4()))
    button = page.get_by_role("button", name="1 change to this list. Show it")
    button.click()
    expect(button).to_be_hidden()
    expect(page.locator("tbody tr")).to_have_count(7)


def test_a_list_that_grows_waits_behind_the_button_only_while_a_hand_is_in_it(
    opened: Opener, site: Site
) -> None:
    page = opened("/gallery/")
    expect(page.locator(".connection")).to_have_text("Live")
    news = page.locator("#things [data-live-news]")
    page.locator("#things").hover()
    tell(site, str(uuid4()))
    expect(news).to_be_visible()
    page.mouse.move(0, 0)
    with page.expect_response(lambda answer: answer.url.endswith("/gallery/")):
        tell(site, str(uuid4()))
    expect(news).to_be_hidden()


def test_without_a_free_stream_the_page_polls(opened: Opener, site: Site) -> None:
    with site.app.test_request_context():
        live.streams().limit = 0
    page = opened("/gallery/table")
    expect(page.locator(".connection[data-state=polling]")).to_be_visible()
    with page.expect_response("**/gallery/rows/2", timeout=15_000):
        tell(site, "2")


def test_a_page_without_network_says_so(opened: Opener) -> None:
    page = opened("/gallery/table")
    expect(page.locator(".connection")).to_have_text("Live")
    page.context.set_offline(True)
    expect(page.locator(".connection[data-state=offline]")).to_contain_text("Offline, updated")
    page.context.set_offline(False)
    expect(page.locator(".connection[data-state=live]")).to_be_visible()


def test_an_action_in_a_dead_zone_waits_visibly_and_is_sent_once(opened: Opener, site: Site) -> None:
    page = opened("/gallery/phone", width=390)
    page.context.set_offline(True)
    page.get_by_role("button", name="I have arrived").click()
    queue = page.locator("#queue")
    expect(queue).to_contain_text("1 action not sent yet")
    expect(queue).to_contain_text("I have arrived")
    assert site.posts == []
    page.context.set_offline(False)
    expect(queue).to_be_hidden()
    [(path, fields)] = site.posts
    assert path == "/gallery/phone"
    assert fields["header_key"] == fields["idempotency_key"]
    assert fields["happened_at"].endswith("Z")


def test_waiting_actions_survive_closing_the_page(opened: Opener, site: Site) -> None:
    page = opened("/gallery/phone", width=390)
    page.route(
        "**/gallery/phone",
        lambda route: route.abort() if route.request.method == "POST" else route.continue_(),
    )
    page.get_by_role("button", name="I have arrived").click()
    expect(page.locator("#queue")).to_contain_text("1 action not sent yet")
    page.unroute("**/gallery/phone")
    # The list is hidden until the script has read it, so only the answer tells that the action was sent.
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.reload()
    expect(page.locator("#queue")).to_be_hidden()
    assert [path for path, _ in site.posts] == ["/gallery/phone"]


def test_a_field_page_polls_and_holds_no_stream(opened: Opener, site: Site) -> None:
    asked: list[str] = []
    page = opened("/gallery/panel", width=390)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site.url + "/gallery/phone")
    with page.expect_response("**/live/changes?*"):
        pass
    assert not [url for url in asked if "/live?" in url]
    assert opened.complaints == []
