"""Every page that the story passes: nothing that axe finds, nothing wider than the screen, no complaint."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.story.conftest import Enter
from tests.support.story import Story

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
LOOKS = [(1280, "light"), (390, "dark")]

Ids = dict[str, str]
PAGES = {
    ("planner", "st-brigid"): [
        "/desk/", "/patients", "/patients/{patient}", "/bookings/{ride}",
        "/bookings/{oxygen}", "/portal/offer-booking/{open}", "/bookings/{open}",
        "/bookings/new?task={unbooked}", "/told", "/portal/offer-booking/{open}/ways-out", "/desk/downtime",
        "/desk/ready/", "/desk/ready/hours",
    ],
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
        "claim": story.ask("reviewer@evergreen-health-plan", "/claims")["items"][0]["id"],
    }


@pytest.mark.engines
def test_axe_finds_nothing_on_any_page_of_the_story(
    story: Story, ids: Ids, enter: Enter, browser: Browser
) -> None:
    wrong: list[str] = []
    for (role, organization), pages in PAGES.items():
        signed_in = enter(story.email(role, organization)).context.storage_state()
        for width, scheme in LOOKS:
            context = browser.new_context(
                storage_state=signed_in, viewport={"width": width, "height": 844}, color_scheme=scheme
            )
            page = context.new_page()
            for path in (page_of.format(**ids) for page_of in pages):
                wrong += look_at(page, f"{story.base_url}{path}", f"{width} {scheme}")
            context.close()
    assert wrong == []


def look_at(page: Page, url: str, look: str) -> list[str]:
    """What is wrong with one page, a line each."""
    answer = page.goto(url, wait_until="load")
    assert answer is not None
    wrong = [] if answer.ok else [f"{url}: {answer.status}"]
    if page.evaluate(TOO_WIDE):
        wrong.append(f"{url} at {look}: wider than the screen")
    page.evaluate("scrollTo(0, 0)")
    found = Axe().run(page, options=RULES).response["violations"]
    return wrong + [
        f"{url} at {look}: {rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]
    ]
