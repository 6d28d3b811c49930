"""One demo for the walk through the pages, and people who sign in at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.support.story import Story, told_story

PATIENCE_MS = 60_000
"""Generous: a plan is made in the background, on whatever machine this runs on."""

Enter = Callable[..., Page]


@pytest.fixture(scope="session")
def story() -> Iterator[Story]:
    """The demo, as `homeward demo` starts it."""
    with told_story() as running:
        yield running


@pytest.fixture
def enter(browser: Browser, story: Story) -> Iterator[Enter]:
    """Sign somebody in by address and password, at a desk or on a phone; each in a profile of their own."""
    opened = []

    def sign_in(email: str, *, phone: bool = False) -> Page:
        looks = (
            {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
            if phone
            else {"viewport": {"width": 1280, "height": 900}}
        )
        context = browser.new_context(locale="en-US", **looks)
        context.set_default_timeout(PATIENCE_MS)
        opened.append(context)
        page = context.new_page()
        page.goto(f"{story.base_url}/sign-in")
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("Password", exact=True).fill(story.password)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    yield sign_in
    for context in opened:
        context.close()
