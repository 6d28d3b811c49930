"""Demos for the walks through the pages, shared as long as their day suits who asks; people who sign in."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import time
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.simulation.stand import FIRST_WORK_SECONDS, drained
from tests.support.story import Story, told_story

PATIENCE_MS = 60_000
"""Generous: a plan is made in the background, on whatever machine this runs on."""
MORNING_ENDS = time(10, 30)

Enter = Callable[..., Page]


class Stories:
    """The demo that this test process runs; another takes its place when somebody needs the morning again."""

    def __init__(self) -> None:
        self._running = contextlib.ExitStack()
        self._story: Story | None = None
        self.signed_in: dict[tuple[str, str], Any] = {}
        """What the browser keeps of somebody's sign-in, by the demo's address and the e-mail address."""

    def latest(self) -> Story:
        """The demo at whatever hour it is; started, with its first plan made, where none runs."""
        if self._story is None:
            self._story = self._running.enter_context(told_story())
            assert drained(self._story.stand, FIRST_WORK_SECONDS) is not None, "the first plan was never made"
        return self._story

    def morning(self) -> Story:
        """A demo at the beginning of its day, in which nobody has booked anything for Mrs. Alvarez."""
        story = self.latest()
        if story.now().time() < MORNING_ENDS and story.is_untouched():
            return story
        self.close()
        return self.latest()

    def close(self) -> None:
        """End the demo, if one runs."""
        self._story = None
        self._running.close()


@pytest.fixture(scope="session")
def stories() -> Iterator[Stories]:
    """The demos of this test process, one at a time."""
    told = Stories()
    yield told
    told.close()


@pytest.fixture
def story(stories: Stories) -> Story:
    """The demo, as `homeward demo` starts it, in the morning."""
    return stories.morning()


@pytest.fixture
def enter(browser: Browser, stories: Stories, story: Story) -> Iterator[Enter]:
    """Sign somebody in by address and password, at a desk or on a phone; each in a profile of their own.

    Who has signed in before comes back with what the browser kept, to the page where they start.
    """
    opened = []

    def sign_in(email: str, *, phone: bool = False) -> Page:
        looks = (
            {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
            if phone
            else {"viewport": {"width": 1280, "height": 900}}
        )
        kept = stories.signed_in.get((story.base_url, email))
        context = browser.new_context(locale="en-US", storage_state=kept, **looks)
        context.set_default_timeout(PATIENCE_MS)
        opened.append(context)
        page = context.new_page()
        if kept is not None:
            page.goto(f"{story.base_url}/")
            return page
        page.goto(f"{story.base_url}/sign-in")
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("Password", exact=True).fill(story.password)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
        stories.signed_in[story.base_url, email] = context.storage_state()
        return page

    yield sign_in
    for context in opened:
        context.close()
