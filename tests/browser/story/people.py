"""What each person of the story does on the pages, in the words the pages use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from playwright.sync_api import Locator, Page, expect

from tests.support.story import ZONE, Story

expect.set_options(timeout=90_000)


@dataclass(frozen=True)
class Offered:
    """An offer as the planner's page names it, and the booking it is for."""

    offer: str
    booking: str


class Planner:
    """Dana Whitfield: from the board to the record, from the record to the vendors."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def row(self) -> Locator:
        """Mrs. Alvarez on the board."""
        return self.page.get_by_role("listitem").filter(has_text="Alvarez, Rosa")

    def task(self, title: str) -> Locator:
        """One of her tasks there."""
        return self.row().get_by_role("listitem").filter(has_text=title)

    def open_patient(self) -> None:
        """From the board to her page."""
        self.row().get_by_role("link", name="Alvarez, Rosa", exact=True).click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Rosa Alvarez")

    def book(self, title: str) -> None:
        """From a task of the care plan to the filled-in form."""
        self.page.get_by_role("link", name=f"Book {title}").click()

    def request(self) -> str:
        """Confirm what the record filled in; the booking's reference."""
        self.page.get_by_role("button", name="Request", exact=True).click()
        said = self.page.get_by_text(re.compile(r"R-\w+ is requested\."))
        expect(said).to_be_visible()
        return said.inner_text().split()[0]

    def offer_to(self, vendor: str, price: str) -> str:
        """Offer the booking at hand to one vendor at its price; the offer's reference."""
        self.page.get_by_role("link", name="Offer to vendors").click()
        candidate = self.page.get_by_role("row").filter(has_text=vendor)
        expect(candidate).to_contain_text(price)
        expect(candidate.get_by_role("checkbox")).to_be_checked()
        self.page.get_by_role("button", name="Send the offer").click()
        expect(self.page.get_by_text("Offered to one vendor.")).to_be_visible()
        sent = self.page.get_by_role("row").filter(has_text=vendor).filter(has_text="F-")
        found = re.search(r"F-\w+", sent.inner_text())
        assert found is not None
        return found[0]

    def look_for_vendor(self) -> None:
        """Have the vendors asked in their order for the booking at hand."""
        self.page.get_by_role("link", name="Offer to vendors").click()
        self.page.get_by_role("button", name="Ask in order").click()
        expect(self.page.get_by_text("The first are asked.")).to_be_visible()

    def offer_open_to(self, vendor: str) -> str:
        """The reference of the open offer to a vendor, on the page of offers; it may still be on its way."""
        open_offer = re.compile(r"F-\w+\s+Open")
        row = self.page.get_by_role("row").filter(has_text=vendor).filter(has_text=open_offer)
        expect(row).to_be_visible()
        found = re.search(r"F-\w+", row.inner_text())
        assert found is not None
        return found[0]

    def told(self, says: str) -> Locator:
        """What the planner was told, on the page of what there is to know."""
        self.page.get_by_role("link", name="To know").first.click()
        return self.page.get_by_role("listitem").filter(has_text=says)


class Office:
    """A vendor's office: the inbox, the award, the schedule."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def offer(self, reference: str) -> Locator:
        """The offer's row in the inbox."""
        return self.page.get_by_role("row").filter(has_text=reference)

    def accept(self, reference: str) -> None:
        """One press in the inbox."""
        self.page.get_by_role("button", name=f"Accept {reference}").click()
        expect(self.page.get_by_text("Accepted. The work is yours.")).to_be_visible()

    def fact(self, name: str) -> str:
        """A fact of the award's page."""
        label = self.page.locator("dt", has_text=re.compile(f"^{name}$")).first
        return label.locator("xpath=following-sibling::dd[1]").inner_text()


class Crew:
    """A driver or technician with a phone."""

    def __init__(self, page: Page, story: Story) -> None:
        self.page, self.story = page, story

    def open_stop(self, kind: str, reference: str) -> None:
        """From the day's list to the stop."""
        self.page.get_by_role("link", name=re.compile(f"{kind} {reference}")).click()
        expect(self.page.get_by_text(reference).first).to_be_visible()

    def press(self, label: str, now_says: str, at: datetime) -> None:
        """The one big button, at its time; the page then says where the stop stands."""
        self.story.wait_until(at)
        self.page.get_by_role("button", name=label).click()
        expect(self.page.get_by_text(now_says, exact=True).first).to_be_visible()

    def give_back(self, reference: str, why: str) -> None:
        """From the day's list to the stop, and back to the hospital with it."""
        self.open_stop("Ride", reference)
        self.page.get_by_text("Something is not as planned").click()
        self.page.get_by_label(why).check()
        self.page.once("dialog", lambda asked: asked.accept())
        self.page.get_by_role("button", name="I cannot do this").click()
        expect(self.page.get_by_text("Given back. The hospital is told and asks others.")).to_be_visible()

    def sign(self) -> None:
        """A signature drawn on the pad."""
        pad = self.page.locator("[data-signature] canvas")
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        assert box is not None
        mouse = self.page.mouse
        mouse.move(box["x"] + 30, box["y"] + 60)
        mouse.down()
        for step in range(1, 12):
            mouse.move(box["x"] + 30 + step * 18, box["y"] + 60 + (-1) ** step * 25)
        mouse.up()
        expect(self.page.locator("[data-signature] input[type=hidden]")).to_have_value(
            re.compile("^data:image/png;base64,")
        )


class Reviewer:
    """Helen Ostrowski at the payer: the queue, the claim, the decision."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open_claim(self, vendor: str, total: str) -> None:
        """From the queue to the vendor's claim."""
        row = self.page.get_by_role("row").filter(has_text=vendor)
        news = self.page.get_by_role("button", name="Show it")
        expect(row.or_(news).first).to_be_visible()
        if news.is_visible():  # the claim was made after the page was opened
            news.click()
        expect(row).to_contain_text(total)
        row.get_by_role("link").first.click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("Claim C-")

    def approve(self) -> None:
        """In full."""
        self.page.get_by_role("button", name="Approve").click()
        expect(self.page.get_by_text(re.compile(r"C-\w+: Approved\."))).to_be_visible()


def moment_of(day: datetime, shown: str) -> datetime:
    """A time such as `11:00` on the story's day."""
    hour, minute = (int(part) for part in shown[:5].split(":"))
    return day.astimezone(ZONE).replace(hour=hour, minute=minute, second=0, microsecond=0)


MINUTE = timedelta(minutes=1)
