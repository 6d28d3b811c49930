"""A whole discharge is booked by keyboard alone: few inputs, under a minute, server under two seconds.

Time is reckoned by the keystroke-level model (Card, Moran, Newell 1980): K = 0.28 s for a keystroke of an
average typist, M = 1.35 s to make up one's mind before each input and to check each part on the page, R the
server's answer as it was measured, on a worker that has loaded the optimizer (which takes seconds, once).
Nothing is pointed at, so there is no P and no H.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.story.conftest import PATIENCE_MS, Enter
from tests.support.axe import LOOKS, OTHER_LOOKS, look_around
from tests.support.story import Story

KEYSTROKE_SECONDS, MENTAL_SECONDS = 0.28, 1.35
MOST_INPUTS, MOST_SECONDS, MOST_SERVER_SECONDS = 12, 60.0, 2.0
PARTS = {"ride": 3, "equipment": 2, "home_health": 1}
"""The ride home, the ones to the follow-up and back, two items, the nurse."""


@dataclass
class Keyboard:
    """Presses keys and counts keystrokes and inputs: a field changed, an option chosen, a button pressed."""

    page: Page
    keystrokes: int = 0
    inputs: list[str] = field(default_factory=list)

    def input(self, what: str, *keys: str) -> None:
        """One input, made with these keys."""
        for key in keys:
            self.page.keyboard.press(key)
            self.keystrokes += key.count("+") + 1
        self.inputs.append(what)

    def seconds(self, checked_parts: int, server_seconds: float) -> float:
        """What it takes a practised planner."""
        thoughts = len(self.inputs) + checked_parts
        return thoughts * MENTAL_SECONDS + self.keystrokes * KEYSTROKE_SECONDS + server_seconds


class ServerTime:
    """The server's part of every request that the page makes: from sending it to its last byte."""

    def __init__(self, page: Page) -> None:
        self.seconds: dict[str, list[float]] = {}
        page.on("requestfinished", self._add)

    def _add(self, request: Request) -> None:
        timing = request.timing
        if request.resource_type in {"document", "fetch", "xhr"} and timing["responseEnd"] > 0:
            taken = (timing["responseEnd"] - max(0, timing["requestStart"])) / 1000
            self.seconds.setdefault(request.url.rsplit("/", 1)[-1], []).append(taken)

    def of(self, name: str) -> float:
        """The longest answer of the address that ends so."""
        return max(self.seconds.get(name, [0.0]))


@pytest.fixture
def somebody(story: Story) -> dict[str, Any]:
    """A patient of the demo who leaves late enough, is insured, and for whom nothing is planned yet."""
    planner, soon = "planner@st-brigid", story.now() + timedelta(hours=3)
    rows = story.ask(planner, "/encounters?planned_only=false")["items"]
    for row in rows:
        stay = row["encounter"]
        leaves = datetime.fromisoformat(stay["expected_discharge_at"])
        kinds = [task for task in row["tasks"] if task["booking_id"] or "Ride" in task["title"]]
        covered = story.ask(planner, f"/patients/{stay['patient_id']}/coverages")["items"]
        if leaves > soon and covered and not kinds and len(row["tasks"]) <= 1:
            return dict(row)
    raise AssertionError("the demo has nobody like that")


@pytest.mark.engines
def test_a_whole_discharge_takes_few_inputs_by_keyboard_alone(
    story: Story, enter: Enter, somebody: dict[str, Any]
) -> None:
    stay = somebody["encounter"]
    page = enter(story.email("planner", "st-brigid"))
    page.goto(f"{story.base_url}/patients/{stay['patient_id']}")
    keyboard, server, proposal = Keyboard(page), ServerTime(page), page.locator("#discharge-panel")

    keyboard.input("open the page", "b")
    expect(page.get_by_role("heading", level=1)).to_have_text("Book the whole discharge")
    page.wait_for_load_state("load")  # keys are heard from then on
    keyboard.input("what heart failure takes", "1")
    expect(page.get_by_text(re.compile(r"Heart failure: [78] tasks added"))).to_be_visible()
    expect(proposal).to_have_attribute(
        "data-proposal", "ready", timeout=PATIENCE_MS
    )  # the worker is warm now
    keyboard.input("the agency the patient chose", "a", "Space")
    agency = page.locator("input[name=chosen]:checked + .choice-text").inner_text().splitlines()[0]
    for _ in range(2):  # along the list to the tick below it
        if not page.evaluate("document.activeElement.name === 'list_shown'"):
            page.keyboard.press("Tab")
            keyboard.keystrokes += 1
    keyboard.input("the list was shown", "Space")
    expect(proposal).to_contain_text(agency, timeout=PATIENCE_MS)
    expect(proposal).to_have_attribute("data-proposal", "ready", timeout=PATIENCE_MS)
    proposed = story.ask("planner@st-brigid", f"/encounters/{stay['id']}/discharge-draft")
    look_at_it_filled_in(page)
    keyboard.input("confirm", "Control+Enter")
    expect(page.get_by_text("6 bookings made")).to_be_visible(timeout=PATIENCE_MS)

    made = booked(story, stay["id"])
    assert {kind: len(found) for kind, found in made.items()} == PARTS
    assert len(keyboard.inputs) <= MOST_INPUTS, keyboard.inputs
    joint = (
        datetime.fromisoformat(proposed["made_at"]) - datetime.fromisoformat(proposed["asked_at"])
    ).total_seconds()
    # waiting for a worker says what else the machine was doing; what the server did counts
    seconds = server.of("draft") + proposed["thinking_seconds"] + server.of("confirm")
    typed = f"{len(keyboard.inputs)} inputs, {keyboard.keystrokes} keystrokes"
    print(f"\n{typed}, server {seconds:.2f} s, by address {server.seconds}")
    print(f"joint proposal {joint:.2f} s, {proposed['thinking_seconds']:.2f} s of it thinking")
    assert seconds < MOST_SERVER_SECONDS
    assert keyboard.seconds(sum(PARTS.values()), seconds + joint) < MOST_SECONDS
    assert {one["basis"] for one in proposed["proposed"]} <= {"planned", "priced"}
    assert story.broken_promises() == []


def booked(story: Story, encounter_id: str) -> dict[str, list[str]]:
    """The references of the stay's bookings by kind."""
    rows = story.ask("planner@st-brigid", "/encounters?planned_only=false")["items"]
    (row,) = [row for row in rows if row["encounter"]["id"] == encounter_id]
    found: dict[str, list[str]] = {}
    for task in row["tasks"]:
        if task["booking_id"]:
            booking = story.ask("planner@st-brigid", f"/bookings/{task['booking_id']}")
            found.setdefault(booking["kind"], []).append(booking["reference"])
    return found


def look_at_it_filled_in(page: Page) -> None:
    """The page with its proposal in another tab, at desk and phone, light and dark: axe finds nothing."""
    tab = page.context.new_page()
    tab.goto(page.url)
    assert look_around(tab, LOOKS + OTHER_LOOKS) == []
    tab.close()
