"""The planner's board: each row as it is now, whatever was kept of earlier pages, in few statements."""

from __future__ import annotations

import re

from marketplace.foundation.access import Actor
from tests.support.board_stage import BoardStage
from tests.support.vendor_pages import VendorPages

ROW = re.compile(r'<div class="board-row".*?</ul>\s*</div>', re.DOTALL)


def planner(stage: BoardStage) -> Actor:
    """Of the hospital."""
    return stage.ground.actor(stage.ground.hospital, "planner")


def rows_of(pages: VendorPages, who: Actor, url: str) -> list[str]:
    """The rows of a page, as HTML."""
    answer = pages.get(who, url)
    assert answer.status_code == 200
    return ROW.findall(answer.get_data(as_text=True))


def test_every_change_shows_at_once_and_the_row_is_the_one_that_is_fetched_alone(
    stage: BoardStage, pages: VendorPages
) -> None:
    who, alone = planner(stage), f"/desk/rows/{stage.ground.encounter}"
    seen: list[str] = []

    def look() -> None:
        first, again = (rows_of(pages, who, "/desk/") for _ in range(2))
        assert first == again
        assert rows_of(pages, who, alone) == [row for row in first if "Alvarez, Rosa" in row]
        seen.extend(rows_of(pages, who, alone))

    look()
    stage.accept(stage.ground.ride(), stage.driver_vendor)
    look()
    stage.oxygen_done()
    stage.plan()
    look()
    assert len(set(seen)) == len(seen) == 3
    assert "Not booked" in seen[0]
    assert "Not booked" not in seen[2]


def test_the_board_takes_few_statements_whatever_is_kept(stage: BoardStage, pages: VendorPages) -> None:
    stage.accept(stage.ground.ride(), stage.driver_vendor)
    for _ in range(2):
        with pages.counting() as statements:
            pages.get(planner(stage), "/desk/")
        assert len(statements) <= 12, statements
