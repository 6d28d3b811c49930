"""Every page that the story passes: nothing that axe finds, nothing wider than the screen, no complaint."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.story.conftest import Enter, Stories
from tests.support.axe import look_around
from tests.support.story import Story
from tests.support.walkthrough import walk_through

Ids = dict[str, str]
PAGES = {
    ("planner", "st-brigid"): [
        "/desk/", "/patients", "/patients/{patient}", "/bookings/{ride}",
        "/bookings/{oxygen}", "/portal/offer-booking/{open}", "/bookings/{open}",
        "/bookings/new?task={unbooked}", "/told", "/portal/offer-booking/{open}/ways-out", "/desk/downtime",
        "/desk/ready/", "/desk/ready/hours", "/choices/{stay}",
        "/ready/?ride=R-222222", "/desk/trips/{trip}", "/desk/trips/new?task={unbooked}",
    ],
    ("driver", "cascade-wings"): ["/field/", "/field/stops/{flight}"],
    ("vendor_admin", "harbor-rides"): [
        "/portal/offers", "/portal/schedule", "/portal/awards/{award}", "/portal/outbox", "/told",
        "/code/?offer=F-111111", "/dispatch/", "/dispatch/list", "/dispatch/map", "/contracts/",
    ],
    ("org_admin", "st-brigid"): ["/contracts/new"],
    ("technician", "clearair-oxygen"): ["/field/", "/field/stops/{oxygen}"],
    ("reviewer", "evergreen-health-plan"): [
        "/review/?tab=paid", "/review/claims/{claim}", "/money/",
    ],
    ("biller", "harbor-rides"): ["/billing/", "/billing/payouts"],
    ("org_admin", "harbor-rides"): ["/admin/users", "/admin/outbox"],
}  # fmt: skip


@pytest.fixture
def story(stories: Stories, tmp_path: Path) -> Story:
    """A demo in which Mrs. Alvarez has gone home and all are paid: told by pages before, or by JSON now."""
    story = stories.latest()
    if not story.is_told():
        story = stories.morning()
        walk_through(story, tmp_path)
    return story


@pytest.fixture
def ids(story: Story) -> Ids:
    """Objects of the finished story, and of somebody for whom there is still something to do."""
    planner = "planner@st-brigid"
    mine = story.ask(planner, "/encounters?planned_only=false")["items"]
    tasks = {
        task["title"]: task for row in mine for task in row["tasks"] if row["patient_name"] == "Alvarez, Rosa"
    }
    found = [task for row in mine for task in row["tasks"]]
    ride = tasks["Ride home"]["booking_id"]
    day = f"{story.now():%Y-%m-%d}"
    awards = story.ask("vendor_admin@harbor-rides", f"/awards?day={day}")["items"]
    return {
        "patient": story.planted["alvarez_patient"],
        "ride": ride,
        "oxygen": tasks["Oxygen concentrator at home"]["booking_id"],
        "open": next(task["booking_id"] for task in found if task.get("booking_state") == "requested"),
        "unbooked": next(
            task["task_id"] for task in found if task["title"] == "Ride home" and task["state"] == "open"
        ),
        "award": next(award["id"] for award in awards if award["booking_id"] == ride),
        "stay": story.planted["home_health_encounter"],
        "trip": story.planted["air_trip"],
        "flight": story.planted["air_trip_flight"],
        "claim": story.ask("reviewer@evergreen-health-plan", "/claims")["items"][0]["id"],
    }


@pytest.mark.engines
def test_axe_finds_nothing_on_any_page_of_the_story(story: Story, ids: Ids, enter: Enter) -> None:
    wrong: list[str] = []
    for (role, organization), pages in PAGES.items():
        page = enter(story.email(role, organization))
        for path in (page_of.format(**ids) for page_of in pages):
            page.emulate_media(color_scheme="light")
            answer = page.goto(f"{story.base_url}{path}", wait_until="load")
            assert answer is not None
            wrong += [] if answer.ok else [f"{path}: {answer.status}"]
            wrong += look_around(page)
        page.context.close()
    assert wrong == []
