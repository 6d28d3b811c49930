"""The discharge moves, vendors turn back: everybody is told, and the oxygen still precedes the patient."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.story.conftest import Enter, Stories
from tests.browser.story.people import MINUTE, Crew, Office, Planner, moment_of
from tests.support.story import Story

HARBOR, BAYVIEW, CLEARAIR = "Harbor Rides", "Bayview Medical Transport", "ClearAir Oxygen"
SLUGS = {HARBOR: "harbor-rides", BAYVIEW: "bayview-medical-transport", CLEARAIR: "clearair-oxygen"}
OXYGEN, RIDE = "Oxygen concentrator", "Ride home"


@pytest.fixture(scope="module")
def story(stories: Stories) -> Story:
    """One day for all three: each goes on where the one before ended, or begins by itself."""
    return stories.morning()


@dataclass
class Day:
    """What is promised for Mrs. Alvarez, and the people who are at it."""

    story: Story
    enter: Enter
    planner: Planner
    oxygen: str = ""
    ride: str = ""
    """References of the bookings."""

    def office(self, vendor: str) -> Office:
        """A vendor's office, freshly signed in."""
        return Office(self.enter(self.story.email("vendor_admin", SLUGS[vendor])))

    def planned(self, title: str, vendor: str) -> datetime:
        """The board shows the vendor and a time: when it is planned to begin."""
        page = self.planner.page
        page.get_by_role("link", name="Departures").first.click()
        state = self.planner.task(title).locator(".board-state")
        expect(state).to_have_text(re.compile(rf"^\s*{vendor}\s*\d\d:\d\d\s*$"))
        return moment_of(self.story.now(), state.locator("time").inner_text())

    def oxygen_first(self, ride_vendor: str) -> tuple[datetime, datetime]:
        """Both are planned, and the oxygen is set up before she can be there."""
        oxygen_at, ride_at = self.planned(OXYGEN, CLEARAIR), self.planned(RIDE, ride_vendor)
        assert oxygen_at + 35 * MINUTE <= ride_at + 12 * MINUTE
        return oxygen_at, ride_at


@pytest.fixture
def day(story: Story, enter: Enter) -> Day:
    """Oxygen and ride are booked, looked for, accepted and planned."""
    made = Day(story, enter, Planner(enter(story.email("planner", "st-brigid"))))
    planner = made.planner
    if "Not booked" in planner.task(OXYGEN).inner_text():
        for title, vendor in ((f"{OXYGEN} at home", CLEARAIR), (RIDE, HARBOR)):
            planner.page.get_by_role("link", name="Departures").first.click()
            planner.open_patient()
            planner.book(title)
            booking = planner.request()
            planner.look_for_vendor()
            made.office(vendor).accept(planner.offer_open_to(vendor))
            setattr(made, "oxygen" if vendor == CLEARAIR else "ride", booking)
    else:
        planner.open_patient()
        made.oxygen, made.ride = (reference_of(planner, title) for title in (OXYGEN, RIDE))
    made.oxygen_first(holder_of(planner, RIDE))
    return made


@pytest.mark.engines
def test_the_discharge_moves_and_everybody_agrees_and_knows(day: Day) -> None:
    planner, page = day.planner, day.planner.page
    before = day.planned(RIDE, HARBOR)
    move_discharge(planner, before.replace(hour=17, minute=30))
    for vendor in (HARBOR, CLEARAIR):
        expect(planner.told(f"{vendor} is asked whether")).to_be_visible()
        office = day.office(vendor)
        office.page.get_by_role("button", name=re.compile("^Agree")).click()
        expect(office.page.get_by_text("The new time is agreed.")).to_be_visible()
        expect(planner.told(f"{vendor} agreed to")).to_be_visible()
    expect(page.get_by_text("17:30 to 18:30").first).to_be_visible()
    _, ride_at = wait_for_plan(day, before + timedelta(hours=1))
    driver = Crew(day.enter(driver_of(day, HARBOR), phone=True), day.story)
    note = driver.page.get_by_role("status").filter(has_text=day.ride)
    expect(note).to_contain_text(f"Planned for {ride_at:%H:%M} now")
    note.get_by_role("button", name=re.compile("Understood")).click()
    expect(driver.page.get_by_text("Noted: you know.")).to_be_visible()
    open_booking(planner, RIDE)
    knows = page.locator("#who-knows")
    expect(knows.get_by_role("listitem").filter(has_text="Harbor Rides, crew")).to_contain_text("Known")
    assert day.story.broken_promises() == []


@pytest.mark.engines
def test_a_ride_given_back_on_the_phone_goes_to_another_vendor_and_comes_after_the_oxygen_still(
    day: Day,
) -> None:
    planner, page = day.planner, day.planner.page
    driver = Crew(day.enter(driver_of(day, HARBOR), phone=True), day.story)
    driver.give_back(day.ride, "The vehicle broke down")
    expect(planner.told("Harbor Rides turned the work back: its vehicle broke down.")).to_contain_text(
        "Others are being asked now."
    )
    page.get_by_role("link", name="Departures").first.click()
    expect(planner.task(RIDE)).to_contain_text(re.compile(r"\d vendors? asked, answer due"))
    open_booking(planner, RIDE)
    page.get_by_role("link", name="Offers", exact=True).click()
    day.office(BAYVIEW).accept(planner.offer_open_to(BAYVIEW))
    expect(planner.told("Bayview Medical Transport accepted.")).to_be_visible()
    day.oxygen_first(BAYVIEW)
    assert day.story.broken_promises() == []


@pytest.mark.engines
def test_the_patient_waits_until_oxygen_that_was_turned_back_has_somebody_again(day: Day) -> None:
    planner, page = day.planner, day.planner.page
    vendor = holder_of(planner, RIDE)
    driver = driver_of(day, vendor)
    turn_back(day.office(CLEARAIR), "Oxygen concentrator", "Not in stock")
    held = planner.told(f"On hold: {day.oxygen} must be in the home first and has no vendor now.")
    expect(held).to_contain_text("Keep the patient.")
    expect(planner.told("ClearAir Oxygen turned the work back")).to_contain_text("Nobody else may be asked")
    page.get_by_role("link", name="Departures").first.click()
    expect(planner.task(RIDE)).to_contain_text("On hold: Waits for")
    crew = Crew(day.enter(driver, phone=True), day.story)
    expect(crew.page.get_by_role("status").filter(has_text=day.ride)).to_contain_text("Do not send anybody")
    ask_again(planner, CLEARAIR)
    day.office(CLEARAIR).accept(planner.offer_open_to(CLEARAIR))
    expect(planner.told("What must be in the home first has a vendor again")).to_be_visible()
    day.oxygen_first(vendor)
    assert day.story.broken_promises() == []


def move_discharge(planner: Planner, to: datetime) -> None:
    """On the patient's page."""
    page = planner.page
    page.get_by_role("link", name="Departures").first.click()
    planner.open_patient()
    page.get_by_role("button", name="Move", exact=True).click()
    page.get_by_label(re.compile("^Will leave")).fill(f"{to:%Y-%m-%dT%H:%M}")
    page.get_by_label("Why").select_option(index=1)
    page.get_by_role("dialog").get_by_role("button", name="Move").click()
    expect(page.get_by_text("The discharge time is moved.")).to_be_visible()


def wait_for_plan(day: Day, after: datetime) -> tuple[datetime, datetime]:
    """The plan follows the agreed times; asked again until it does."""
    for _ in range(200):
        oxygen_at, ride_at = day.oxygen_first(HARBOR)
        if ride_at > after:
            return oxygen_at, ride_at
        day.planner.page.wait_for_timeout(250)
    raise AssertionError("the plan never followed the new promise")


def open_booking(planner: Planner, title: str) -> None:
    """From the board to her booking of a task."""
    planner.page.get_by_role("link", name="Departures").first.click()
    planner.open_patient()
    row = planner.page.get_by_role("row").filter(has_text=title).first
    row.get_by_role("link", name=re.compile("^R-")).first.click()


def reference_of(planner: Planner, title: str) -> str:
    """The booking made for a task, on her page."""
    found = re.search(r"R-\w+", planner.page.get_by_role("row").filter(has_text=title).first.inner_text())
    assert found is not None
    return found[0]


def driver_of(day: Day, vendor: str) -> str:
    """Who drives her, by the office's schedule."""
    office = day.office(vendor)
    office.page.get_by_role("navigation", name="Main").get_by_role("link", name="Schedule").click()
    row = office.page.get_by_role("row").filter(has_text="Oxygen 2 L/min").filter(has_text="97214")
    expect(row).to_contain_text("Planned")
    row.get_by_role("link").first.click()
    _, _, driver = office.fact("Planned").split(", ")
    return f"{driver.lower().replace(' ', '.')}@{SLUGS[vendor]}.example"


def turn_back(office: Office, work: str, reason: str) -> None:
    """From the schedule to the award, and back to the hospital with it."""
    page = office.page
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Schedule").click()
    row = page.get_by_role("row").filter(has_text=work).filter(has_text="97214")
    row.get_by_role("link").first.click()
    page.get_by_label(reason).check()
    page.get_by_role("button", name="Turn back").click()
    expect(page.get_by_text("Turned back. The hospital is looking for somebody else.")).to_be_visible()


def ask_again(planner: Planner, vendor: str) -> None:
    """The planner asks by hand who gave the work back, after a call."""
    page = planner.page
    open_booking(planner, OXYGEN)
    page.get_by_role("link", name="Offer to vendors").click()
    candidate = page.get_by_role("row").filter(has_text=vendor).filter(has_text="Gave this work back")
    candidate.get_by_role("checkbox").check()
    page.get_by_role("button", name="Send the offer").click()
    expect(page.get_by_text("Offered to one vendor.")).to_be_visible()


def holder_of(planner: Planner, title: str) -> str:
    """The vendor that the board names for her task."""
    planner.page.get_by_role("link", name="Departures").first.click()
    state = planner.task(title).locator(".board-state")
    expect(state).to_have_text(re.compile(r"\d\d:\d\d"))
    return re.sub(r"\s*\d\d:\d\d\s*$", "", state.inner_text()).strip()
