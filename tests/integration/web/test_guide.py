"""The guide of a first run: shown where its steps lead, put away by role, fetched again from the menu."""

from __future__ import annotations

import re

from tests.support.lived_in import HOSPITAL, RIDES, LivedIn

TITLE = 'id="first-steps-title"'


def page(world: LivedIn, role: str, organization: str, path: str, cookie: str = "") -> str:
    """A page as its reader gets it."""
    headers = {"Cookie": cookie} if cookie else {}
    answer = world.ask("GET", path, world.token(role, organization), headers=headers)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_the_guide_names_where_one_is_and_links_the_other_steps(lived_in_world: LivedIn) -> None:
    board = page(lived_in_world, "planner", HOSPITAL, "/desk/")
    guide = board[board.index("first-steps") : board.index("</section>", board.index("first-steps"))]
    assert guide.count("<li") == 2
    assert guide.count('aria-current="step"') == 1
    assert re.search(r'<a href="/patients/?">Patients</a>', guide)


def test_pages_that_are_no_step_show_no_guide(lived_in_world: LivedIn) -> None:
    assert TITLE not in page(lived_in_world, "vendor_admin", RIDES, "/portal/rates/")


def test_a_guide_put_away_stays_away_for_its_role_only(lived_in_world: LivedIn) -> None:
    hidden = "homeward_guide=planner"
    assert TITLE not in page(lived_in_world, "planner", HOSPITAL, "/desk/", hidden)
    assert "Show the first steps" in page(lived_in_world, "planner", HOSPITAL, "/desk/", hidden)
    assert TITLE in page(lived_in_world, "vendor_admin", RIDES, "/portal/offers", hidden)


def test_putting_away_keeps_what_was_put_away_before(lived_in_world: LivedIn) -> None:
    world = lived_in_world
    headers = {"Cookie": "homeward_guide=driver.nonsense", "Accept": "application/json"}
    answer = world.ask(
        "POST",
        "/preferences",
        world.token("planner", HOSPITAL),
        headers=headers,
        data={"guide": "hidden"},
    )
    assert answer.status_code == 204
    assert answer.headers["Set-Cookie"].startswith("homeward_guide=driver.planner;")
    refused = world.ask("POST", "/preferences", world.token("planner", HOSPITAL), data={"guide": "burn"})
    assert refused.status_code == 422
