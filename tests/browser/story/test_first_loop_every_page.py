"""Every page of every role, at desk and phone width, light and dark: axe finds nothing, nothing is too wide.

Each role of the demo follows the links from where it starts, one example of each address pattern, after a day
in which something of everything has happened. At the end every page of the application was seen by somebody.
"""

from __future__ import annotations

import os
import re
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from uuid import UUID

import pytest
from playwright.sync_api import ConsoleMessage, Page
from sqlalchemy import select
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, RequestRedirect, Rule

from marketplace.app import create_app
from marketplace.bookings.models import Booking
from marketplace.bookings.words import BookingKind, BookingState
from marketplace.careplans.models import CarePlan, CarePlanTask
from marketplace.desk.standing.models import StandingOrder
from marketplace.foundation.access import system_actor
from marketplace.foundation.work import unit_of_work
from tests.browser.story.conftest import Enter, Stories
from tests.simulation.stand import FIRST_WORK_SECONDS, drained
from tests.support.axe import LOOKS, OTHER_LOOKS, look_around
from tests.support.story import Story
from tests.support.walkthrough import walk_through

PEOPLE = (
    ("planner", "st-brigid"),
    ("org_admin", "st-brigid"),
    ("vendor_admin", "harbor-rides"),
    ("vendor_admin", "clearair-oxygen"),
    ("dispatcher", "harbor-rides"),
    ("driver", "harbor-rides"),
    ("driver", "cascade-wings"),
    ("technician", "clearair-oxygen"),
    ("clinician", "rose-city-home-health"),
    ("biller", "harbor-rides"),
    ("reviewer", "evergreen-health-plan"),
    ("org_admin", "evergreen-health-plan"),
    ("platform_admin", "homeward"),
    ("privacy_officer", "homeward"),
)
UNSEEN = dict.fromkeys(
    ("identity.code", "identity.set_up", "identity.recovery_codes", "identity.remove_authenticator"),
    "only with a second factor, which nobody of the demo has: tests/browser/identity sets one up",
)
"""Pages that nobody is led to here, each with the reason."""
EXTRA: dict[tuple[str, str], tuple[str, ...]] = {
    ("planner", "st-brigid"): (
        "/choices/{home_health_encounter}",
        "/search?q=alvarez",
        "/bookings/{called_off}",
        "/patients/{standing_patient}",
        "/patients/{alvarez_patient}",
        "/desk/trips/{air_trip}",
    ),
    ("vendor_admin", "harbor-rides"): ("/portal/",),
    ("biller", "harbor-rides"): ("/billing/?tab=paid",),
    ("reviewer", "evergreen-health-plan"): ("/review/?tab=paid",),
}
"""Addresses that somebody knows without a link, or by a link among several of one pattern."""
BESIDE = {"field.stop": "/papers"}
"""What belongs to an address although no link leads there yet."""
MACHINES = ("/api/", "/openapi", "/static/", "/webhooks/", "/live", "/gallery/")
"""Read by machines; the gallery has tests of its own."""
SIGHTS = {1: LOOKS, 2: OTHER_LOOKS[1:]}
"""By how many have seen a page of this pattern, with this one."""
if os.environ.get("HOMEWARD_ALL_LOOKS"):  # `make looks`: slower, and nothing is left to the second visitor
    SIGHTS = {1: LOOKS + OTHER_LOOKS}
LINK = re.compile(r'(?:href|data-live-url|hx-get)="([^"]+)"')
LINKS = """() => [...document.querySelectorAll("a[href], [data-live-url], [hx-get]")].flatMap((found) =>
  ["href", "data-live-url", "hx-get"].map((name) => found.getAttribute(name)).filter(Boolean))
  .map((address) => new URL(address, location.href)).filter((url) => url.origin === location.origin)
  .map((url) => url.pathname + url.search)"""


@dataclass
class Walk:
    """What was seen, by endpoint, and all that was wrong with it."""

    routes: MapAdapter
    base_url: str
    rules: dict[str, Rule] = field(init=False)
    seen: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rules = {
            rule.endpoint: rule for rule in self.routes.map.iter_rules() if "GET" in (rule.methods or ())
        }

    def endpoint(self, address: str) -> str:
        """Whose address this is; empty for what is no page of ours."""
        try:
            return str(self.routes.match(urlsplit(address).path, method="GET")[0])
        except (HTTPException, RequestRedirect):
            return ""

    @staticmethod
    def is_page(rule: Rule) -> bool:
        """Whether people look at what the rule answers: no JSON, no file, nothing for machines."""
        return not rule.rule.startswith(MACHINES) and not rule.endpoint.startswith("health.")

    def as_somebody(self, page: Page, starts: Sequence[str]) -> None:
        """Follow all links from `starts`, one example of each pattern beside these, and look at each page."""
        page.on("console", self._complained)
        page.on("pageerror", lambda error: self.wrong.append(f"{page.url}: {error}"))
        known, ahead, met = set(starts), deque(starts), set[str]()
        while ahead:
            address = ahead.popleft()
            endpoint = self.endpoint(address)
            if not endpoint or not self.is_page(self.rules[endpoint]):
                continue
            if address in known:
                known.remove(address)
            elif endpoint not in met:
                met.add(endpoint)
            else:
                continue
            ahead += self._visit(page, address, endpoint)

    def _visit(self, page: Page, address: str, endpoint: str) -> list[str]:
        """Look at one page: in two looks, by the second visitor in a third, later whether it answers."""
        self.seen[endpoint] += 1
        looks = SIGHTS.get(self.seen[endpoint], ())
        if looks:
            page.emulate_media(color_scheme="light")
            answer = page.goto(self.base_url + address, wait_until="load")
        else:
            answer = page.request.get(self.base_url + address)
        assert answer is not None
        if not answer.ok:
            self.wrong.append(f"{address}: {answer.status}")
        elif looks and page.locator("main").count():
            self.wrong += look_around(page, looks)
        links = page.evaluate(LINKS) if looks else links_of(address, answer.text())
        return ([urlsplit(address).path + BESIDE[endpoint]] if endpoint in BESIDE else []) + list(links)

    def _complained(self, said: ConsoleMessage) -> None:
        url = str(said.location.get("url"))
        refused_stream = "/live?" in url and "503" in said.text  # such a page asks from time to time
        without_head = url.endswith("/favicon.ico")  # a part of a page names no icon
        if said.type == "error" and not refused_stream and not without_head:
            self.wrong.append(f"{url}: {said.text}")


def links_of(address: str, html: str) -> list[str]:
    """The addresses on a page that was not drawn."""
    found = (urljoin(address, unescape(link)) for link in LINK.findall(html))
    return [link for link in found if link.startswith("/") and not link.startswith("//")]


@pytest.fixture
def story(stories: Stories, tmp_path: Path) -> Story:
    """A demo in which Mrs. Alvarez has gone home and all are paid: told by pages before, or by JSON now."""
    story = stories.latest()
    if not story.is_told():
        story = stories.morning()
        walk_through(story, tmp_path)
    return story


@pytest.mark.engines
def test_every_page_of_every_role_is_fit_for_everybody(story: Story, enter: Enter, page: Page) -> None:
    app = create_app(story.stand.runtime)
    walk = Walk(app.url_map.bind("127.0.0.1"), story.base_url)
    walk_everything(walk, story, enter, page)
    assert walk.wrong == []
    assert {name for name, rule in walk.rules.items() if walk.is_page(rule)} - set(walk.seen) == set(UNSEEN)


def walk_everything(walk: Walk, story: Story, enter: Enter, page: Page) -> None:
    """Nobody first, then everybody."""
    roles = {user["role"] for user in story.stand.card["users"]}
    assert {role for role, _ in PEOPLE} == roles, "somebody of the demo is left out"
    walk.as_somebody(page, ["/sign-in", "/forgot-password", "/code/?offer=F-111111", "/ready/"])
    ask_for_a_password(story, page)
    places = {**story.planted, **something_more(story)}
    for role, organization in PEOPLE:
        somebody = enter(story.email(role, organization))
        if (role, organization) == ("org_admin", "st-brigid"):
            invite_somebody(story, somebody)
        known = [address.format(**places) for address in EXTRA.get((role, organization), ())]
        walk.as_somebody(somebody, ["/", *known])
        somebody.context.close()


def something_more(story: Story) -> dict[str, str]:
    """A ride called off late, so that somebody owes a fee; a follow-up ride that nobody has booked yet."""
    stay, harbor = (UUID(story.planted[key]) for key in ("alvarez_encounter", "organization:harbor-rides"))
    with unit_of_work(story.stand.runtime, system_actor(), "owner") as session:
        rides = select(Booking.id).where(Booking.kind == BookingKind.RIDE, Booking.award_id.is_not(None))
        waits = Booking.state == BookingState.SCHEDULED, Booking.vendor_organization_id == harbor
        ride = session.scalars(rides.where(*waits)).first()
        plan = session.scalars(select(CarePlan.id).where(CarePlan.encounter_id == stay)).one()
        owners = select(CarePlanTask.owner_user_id).where(CarePlanTask.care_plan_id == plan)
        owner = str(session.scalars(owners).first())
        patient = session.get_one(StandingOrder, UUID(story.planted["standing_order"])).patient_id
    planner = "planner@st-brigid"
    task = {"category": "follow_up", "title": "Ride to wound care", "service_kind": "ride"}
    story.ask(planner, f"/care-plans/{plan}/tasks", {**task, "owner_user_id": owner})
    story.ask(planner, f"/bookings/{ride}/cancel", {"reason_code": "condition_changed"})
    assert drained(story.stand, FIRST_WORK_SECONDS) is not None
    return {"called_off": str(ride), "standing_patient": str(patient)}


def ask_for_a_password(story: Story, page: Page) -> None:
    """So that the outbox of her hospital has a mail with its link."""
    page.goto(f"{story.base_url}/forgot-password")
    page.get_by_label("E-mail address").fill(story.email("planner", "st-brigid"))
    with page.expect_response("**/forgot-password"):
        page.get_by_role("button", name="Send the link").click()


def invite_somebody(story: Story, page: Page) -> None:
    """So that the outbox has an invitation, too."""
    page.goto(f"{story.base_url}/admin/users/invite")
    page.get_by_label("Full name").fill("Ines Marlow")
    page.get_by_label("E-mail address").fill("ines.marlow@st-brigid.example")
    page.get_by_role("checkbox", name="Discharge planner").check()
    page.get_by_role("button", name="Invite", exact=True).click()
    page.get_by_text("Ines Marlow is invited.").wait_for()
