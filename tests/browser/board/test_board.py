"""At the board by keyboard alone: assign, a refused swap with its rule, lanes that change by themselves."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from dispatch.board import hand
from marketplace.bookings.models import Booking
from tests.support.board_stage import BoardStage

Opened = Callable[..., Page]


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the wanted element has the focus."""
    for _ in range(80):
        if wanted.evaluate("found => found === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("Tab never reaches it")


def _choose(page: Page, label: str, words: str) -> None:
    """Choose in a select by typing, as one does with a keyboard."""
    tab_to(page, page.get_by_label(label, exact=True))
    page.keyboard.type(words)


def _ready(stage: BoardStage) -> tuple[Booking, Booking]:
    """One ride with oxygen on Van 1, one without on Van 3."""
    with_oxygen, without = stage.ride_at(6.2), stage.ride_at(8.5)
    stage.without_oxygen(without)
    stage.plan()
    stage.put(with_oxygen, "Van 1")
    stage.put(without, "Van 3")
    return with_oxygen, without


def test_a_leg_is_put_on_another_van_by_keyboard_alone(stage: BoardStage, opened: Opened) -> None:
    ride, _ = _ready(stage)
    page = opened("/dispatch/")
    tab_to(page, page.get_by_role("link", name=re.compile(ride.reference)).first)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("on Van 1")
    _choose(page, "Vehicle", "Van 2")
    tab_to(page, page.get_by_role("button", name="Check and assign"))
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("Checked against 26 rules, certificate"))).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("on Van 2")
    assert stage.van_of(ride) == "Van 2"


def test_a_refused_swap_names_the_rule_and_what_would_do(stage: BoardStage, opened: Opened) -> None:
    ride, other = _ready(stage)
    page = opened(f"/dispatch/legs/{ride.id}")
    tab_to(page, page.get_by_label("Exchange vehicles with"))
    page.get_by_label("Exchange vehicles with").select_option(str(other.id))
    tab_to(page, page.get_by_role("button", name="Check and swap"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Not changed. The plan does not allow it: Equipment and skills")).to_be_visible()
    expect(page.get_by_text("Van 3 lacks oxygen mount.")).to_be_visible()
    expect(page.get_by_text("Choose a vehicle and crew that have what is lacking.")).to_be_visible()
    assert (stage.van_of(ride), stage.van_of(other)) == ("Van 1", "Van 3")


def test_lanes_change_by_themselves_when_somebody_else_moves_a_leg(stage: BoardStage, opened: Opened) -> None:
    ride, _ = _ready(stage)
    page = opened("/dispatch/")
    lane = page.locator(f"#lane-{stage.vans['Van 2']}")
    expect(lane.get_by_role("link", name=re.compile(ride.reference))).to_have_count(0)
    with stage.at_the_board() as session:
        hand.assign(session, ride.id, stage.shift_of("Van 2"))
    expect(lane.get_by_role("link", name=re.compile(ride.reference))).to_have_count(1)
    gone = page.locator(f"#lane-{stage.vans['Van 1']}").get_by_role("link", name=re.compile(ride.reference))
    expect(gone).to_have_count(0)
