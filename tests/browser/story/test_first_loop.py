"""The first loop through the pages alone: a ride and an oxygen delivery, from the board to two payments."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from tests.browser.story.conftest import Enter
from tests.browser.story.people import MINUTE, Crew, Offered, Office, Planner, Reviewer, moment_of
from tests.support.story import Story

RIDE, OXYGEN = "$61.98", "$167.00"
"""What the rate cards give: a wheelchair trip with 3.5 miles and oxygen; a month's rent and its delivery."""
DRIVEN = "$61.69"
"""The same ride with the 3.4 miles that the driver's log shows."""
IDENTITY = re.compile("Alvarez|Ash St|503 555")


@pytest.mark.engines
def test_mrs_alvarez_goes_home_and_everybody_is_paid(story: Story, enter: Enter) -> None:
    planner = Planner(enter(story.email("planner", "st-brigid")))
    oxygen = book_the_oxygen(planner)
    ride = book_the_ride(planner)
    accept_the_ride(story, enter, ride)
    accept_the_oxygen(story, enter, oxygen)
    oxygen_at, ride_at, driver = see_the_plan(story, enter, planner, ride)
    assert oxygen_at + 35 * MINUTE <= ride_at + 12 * MINUTE, "set up before she can be there"
    deliver(
        story, Crew(enter(story.email("technician", "clearair-oxygen"), phone=True), story), oxygen, oxygen_at
    )
    expect(planner.task("Oxygen concentrator")).to_contain_text("Done")
    drive(story, Crew(enter(driver, phone=True), story), ride, ride_at)
    expect(planner.task("Ride home")).to_contain_text("Done")
    approve_both(Reviewer(enter(story.email("reviewer", "evergreen-health-plan"))))
    see_the_transfers(story, enter)
    assert story.is_told(), "the look at every page would tell the story again"
    assert story.broken_promises() == []


def book_the_oxygen(planner: Planner) -> Offered:
    """From the board to her care plan; the record knows payer, authorization and receiver."""
    expect(planner.task("Oxygen concentrator at home")).to_contain_text("Not booked")
    planner.open_patient()
    planner.book("Oxygen concentrator at home")
    page = planner.page
    expect(page.get_by_role("checkbox", name="Oxygen concentrator (E1390)")).to_be_checked()
    expect(page.get_by_role("radio", name=re.compile("Evergreen Health Plan.*PA-E-"))).to_be_checked()
    expect(page.get_by_label(re.compile("^Name"))).to_have_value("Elena Alvarez")
    booking = planner.request()
    return Offered(planner.offer_to("ClearAir Oxygen", OXYGEN), booking)


def book_the_ride(planner: Planner) -> Offered:
    """Straight from the board; the level follows from her needs."""
    page = planner.page
    page.get_by_role("link", name="Departures").first.click()
    page.get_by_role("link", name="Book Ride home for Alvarez, Rosa").click()
    expect(page.get_by_label("Level of service")).to_have_value("wheelchair")
    expect(page.get_by_role("radio", name=re.compile("Evergreen Health Plan.*PA-R-"))).to_be_checked()
    booking = planner.request()
    return Offered(planner.offer_to("Harbor Rides", RIDE), booking)


def accept_the_ride(story: Story, enter: Enter, ride: Offered) -> None:
    """Harbor Rides sees the work without the person, has a mail that says nothing, and accepts."""
    mails = enter(story.email("org_admin", "harbor-rides"))
    mails.goto(f"{story.base_url}/admin/outbox")
    expect(mails.get_by_role("row").filter(has_text=f"New offer {ride.offer}")).to_be_visible()
    assert not IDENTITY.search(mails.content())

    office = Office(enter(story.email("vendor_admin", "harbor-rides")))
    expect(office.offer(ride.offer)).to_contain_text("Wheelchair ride")
    expect(office.offer(ride.offer)).to_contain_text(RIDE)
    assert not IDENTITY.search(office.page.content())
    office.accept(ride.offer)
    assert office.fact("Name") == "Rosa Alvarez"
    assert office.fact("Destination") == "2316 SE Ash St, Portland, OR 97214"


def accept_the_oxygen(story: Story, enter: Enter, oxygen: Offered) -> None:
    """ClearAir Oxygen reads the offer's page first."""
    office = Office(enter(story.email("vendor_admin", "clearair-oxygen")))
    office.offer(oxygen.offer).get_by_role("link").first.click()
    expect(office.page.get_by_text(re.compile("^1 . Oxygen concentrator"))).to_be_visible()
    assert not IDENTITY.search(office.page.content())
    office.page.get_by_role("button", name="Accept").click()
    expect(office.page.get_by_text("Accepted. The work is yours.")).to_be_visible()
    assert office.fact("Taken in by").startswith("Elena Alvarez")


def see_the_plan(
    story: Story, enter: Enter, planner: Planner, ride: Offered
) -> tuple[datetime, datetime, str]:
    """The board hears of the plan by itself; when each begins, and who drives."""
    planner.page.get_by_role("link", name="Departures").first.click()
    shown = []
    for title, vendor in (("Oxygen concentrator", "ClearAir Oxygen"), ("Ride home", "Harbor Rides")):
        state = planner.task(title).locator(".board-state")
        expect(state).to_have_text(re.compile(rf"^\s*{vendor}\s*\d\d:\d\d\s*$"))
        shown.append(moment_of(story.now(), state.locator("time").inner_text()))
    office = Office(enter(story.email("vendor_admin", "harbor-rides")))
    office.page.get_by_role("navigation", name="Main").get_by_role("link", name="Schedule").click()
    row = office.page.get_by_role("row").filter(has_text="Oxygen 2 L/min")
    expect(row).to_contain_text("Planned")
    row.get_by_role("link").click()
    expect(office.page.get_by_text(ride.booking)).to_be_visible()
    at, _, driver = office.fact("Planned").split(", ")
    assert at == f"{shown[1]:%H:%M}"
    return shown[0], shown[1], f"{driver.lower().replace(' ', '.')}@harbor-rides.example"


def deliver(story: Story, technician: Crew, oxygen: Offered, at: datetime) -> None:
    """Load, drive, arrive, set up, have it signed, finish."""
    story.wait_until(at - 40 * MINUTE)
    technician.page.reload()
    technician.open_stop("Delivery", oxygen.booking)
    technician.press("Equipment is loaded", "Loaded", at - 35 * MINUTE)
    technician.press("I am on my way", "On the way", at - 20 * MINUTE)
    technician.press("I have arrived", "At the door", at)
    technician.press("Set up and shown how to use", "Set up", at + 25 * MINUTE)
    page = technician.page
    page.get_by_role("link", name="Receiver accepts and signs").click()
    page.get_by_label("Receiver's full name").fill("Elena Alvarez")
    page.get_by_label("Relationship to the patient").select_option(label="son or daughter")
    page.get_by_label(re.compile("^Serial number")).fill("OC-5521-0098")
    technician.sign()
    story.wait_until(at + 30 * MINUTE)
    page.get_by_role("button", name="Receiver has signed").click()
    expect(page.get_by_text("Signed for", exact=True).first).to_be_visible()
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_text("Recorded. That stop is done.")).to_be_visible()


def drive(story: Story, driver: Crew, ride: Offered, at: datetime) -> None:
    """Go, arrive, board, arrive, finish with the trip log."""
    driver.page.reload()
    driver.open_stop("Ride", ride.booking)
    driver.press("I am on my way", "On the way", at - 20 * MINUTE)
    driver.press("I have arrived", "At the pick-up", at)
    driver.press("Rider is on board", "Rider on board", at + 10 * MINUTE)
    driver.press("Arrived at the destination", "At the destination", at + 25 * MINUTE)
    page = driver.page
    page.get_by_role("link", name="Finish with trip log").click()
    page.get_by_label("Odometer at pick-up").fill("48210.0")
    page.get_by_label("Odometer at drop-off").fill("48213.4")
    driver.sign()
    story.wait_until(at + 30 * MINUTE)
    page.get_by_role("button", name="Finish the ride").click()
    expect(page.get_by_text("Recorded. That stop is done.")).to_be_visible()


def approve_both(reviewer: Reviewer) -> None:
    """Both claims are there by themselves, clean, with what proves them."""
    for vendor, total, proof in (
        ("Harbor Rides", DRIVEN, "Trip log"),
        ("ClearAir Oxygen", OXYGEN, "Proof of delivery"),
    ):
        reviewer.open_claim(vendor, total)
        expect(reviewer.page.get_by_text(proof, exact=True)).to_be_visible()
        expect(reviewer.page.get_by_text("Unchanged", exact=True)).to_be_visible()
        reviewer.approve()


def see_the_transfers(story: Story, enter: Enter) -> None:
    """Two transfers: at the payer, at each vendor, and in the double."""
    payer = enter(story.email("reviewer", "evergreen-health-plan"))
    payer.get_by_role("link", name="Deposits and payments").first.click()
    for amount in (DRIVEN, OXYGEN):
        _after_reloads(payer, "Paid", amount)
    for vendor, amount in (("harbor-rides", DRIVEN), ("clearair-oxygen", OXYGEN)):
        biller = enter(story.email("biller", vendor))
        biller.get_by_role("link", name="Payouts").first.click()
        expect(biller.get_by_role("row").filter(has_text=amount)).to_be_visible()
    payer.goto(story.double_url)
    made = payer.locator("#transfers tbody tr")
    expect(made).to_have_count(2)
    assert sorted(row.locator("td").nth(4).inner_text() for row in made.all()) == [OXYGEN, DRIVEN]
    assert sorted(row.locator("td").nth(1).inner_text() for row in made.all()) == [
        "ClearAir Oxygen", "Harbor Rides"
    ]  # fmt: skip


def _after_reloads(page: Page, says: str, amount: str) -> None:
    """The page shows a payment of this amount; it is asked again until then."""
    row = page.get_by_role("row").filter(has_text=amount).filter(has_text=says)
    for _ in range(120):
        if row.count():
            return
        page.wait_for_timeout(250)
        page.reload()
    expect(row).to_be_visible()
