"""Home health through the pages alone: the patient chooses, a nurse comes, the payer sees it verified."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from tests.browser.story.conftest import Enter, Stories
from tests.browser.story.people import MINUTE, Crew, Offered, Office, Planner, Reviewer, moment_of
from tests.support.axe import look_around
from tests.support.story import Story

AGENCY, PRICE = "Rose City Home Health", "$165.00"
TASK = "Nurse starts care at home"


@pytest.fixture
def story(stories: Stories) -> Story:
    """A demo at whatever hour: the nurse comes in the evening."""
    return stories.latest()


@pytest.mark.engines
def test_the_patient_chooses_and_the_nurse_comes_and_is_paid_for(story: Story, enter: Enter) -> None:
    planner = Planner(enter(story.email("planner", "st-brigid")))
    let_the_patient_choose(story, planner)
    assert axe_on_choice_pages(story, planner.page) == []
    visit = refer_the_visit(story, planner)
    at, nurse = see_who_comes(story, enter, visit)
    make_the_visit(Crew(enter(nurse, phone=True), story), visit, at)
    reviewer = Reviewer(enter(story.email("reviewer", "evergreen-health-plan")))
    reviewer.open_claim(AGENCY, PRICE)
    for shown in ("Visit record", "Skilled nursing", "The home, confirmed by the clinician", "Unchanged"):
        expect(reviewer.page.get_by_text(shown, exact=True).first).to_be_visible()
    assert "dressing changed" not in reviewer.page.content()
    reviewer.approve()
    assert story.broken_promises() == []


def let_the_patient_choose(story: Story, planner: Planner) -> None:
    """From the record to the list, from the list to the recorded choice."""
    page = planner.page
    page.goto(f"{story.base_url}/patients/{story.planted['unchosen_home_health_patient']}")
    page.get_by_role("link", name="Patient's choice of an agency").click()
    page.get_by_role("button", name="Make the list").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Home-health agencies for you")
    expect(page.get_by_text("Financial interest:")).to_have_count(1)
    page.get_by_label("First choice").select_option(label=option_of(page, AGENCY))
    page.get_by_role("button", name="Record the choice").click()
    expect(page.get_by_text("The choice is recorded for good.")).to_be_visible()
    expect(page.get_by_role("heading", name="The patient chose")).to_be_visible()


def option_of(page: Page, agency: str) -> str:
    """The option of an agency, wherever the neutral order has put it."""
    options = page.get_by_label("First choice").locator("option").all_inner_texts()
    return next(option for option in options if agency in option)


def axe_on_choice_pages(story: Story, page: Page) -> list[str]:
    """What axe finds on the pages of the choice, in another tab."""
    sheet = page.get_by_role("link", name="Show the list").get_attribute("href")
    new = f"/bookings/new?task={story.planted['unchosen_home_health_task']}"
    tab, wrong = page.context.new_page(), []
    for path in (f"/choices/{story.planted['unchosen_home_health_encounter']}", sheet, new):
        tab.emulate_media(color_scheme="light")
        tab.goto(f"{story.base_url}{path}", wait_until="load")
        wrong += look_around(tab)
    tab.close()
    return wrong


def refer_the_visit(story: Story, planner: Planner) -> Offered:
    """The nurse's task becomes a referral to the agency that was chosen; the others say why not."""
    page = planner.page
    page.goto(f"{story.base_url}/patients/{story.planted['unchosen_home_health_patient']}")
    planner.book(TASK)
    booking = planner.request()
    page.get_by_role("link", name="Offer to vendors").click()
    expect(page.get_by_text("Is not the patient's choice.")).to_be_visible()
    page.go_back()
    return Offered(planner.offer_to(AGENCY, PRICE), booking)


def see_who_comes(story: Story, enter: Enter, visit: Offered) -> tuple[datetime, str]:
    """The agency accepts; the plan says when, and which nurse."""
    office = Office(enter(story.email("vendor_admin", "rose-city-home-health")))
    expect(office.offer(visit.offer)).to_contain_text("Skilled nursing, start of care")
    office.accept(visit.offer)
    for _ in range(240):
        if not office.fact("Planned").startswith("Not yet"):
            break
        office.page.wait_for_timeout(250)
        office.page.reload()
    at, _, nurse = office.fact("Planned").split(", ")
    return moment_of(story.now(), at), f"{nurse.lower().replace(' ', '.')}@rose-city-home-health.example"


def make_the_visit(nurse: Crew, visit: Offered, at: datetime) -> None:
    """Go, arrive, begin, end, write it down and have it signed."""
    nurse.open_stop("Visit", visit.booking)
    nurse.press("I am on my way", "On the way", at - 20 * MINUTE)
    nurse.press("I have arrived", "At the door", at)
    nurse.press("Visit begins", "With the patient", at + 5 * MINUTE)
    nurse.press("Visit ends", "To be written down", at + 55 * MINUTE)
    page = nurse.page
    page.get_by_role("link", name="Write the visit down").click()
    page.get_by_label(re.compile("^What was done")).fill("Admission assessment done, dressing changed.")
    page.get_by_role("checkbox", name="The visit was at the patient's home").check()
    nurse.sign()
    page.get_by_role("button", name="Finish the visit").click()
    expect(page.get_by_text("Recorded. That stop is done.")).to_be_visible()
