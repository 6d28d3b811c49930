"""Pictures for the docs, taken of a fresh demo's morning: `make screenshots` writes them to docs/pictures.

Desks are light and 1280 pixels wide, phones dark and 390. Each is a small WebP, so that all together stay
below a megabyte and a half.
"""

from __future__ import annotations

import base64
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy import select

from dispatch.field.models import FieldService
from dispatch.field.words import FieldStatus
from marketplace.foundation.access import system_actor
from marketplace.foundation.work import unit_of_work
from marketplace.identity.models import User
from tests.simulation.stand import FIRST_WORK_SECONDS, drained
from tests.support.chromium import find_chromium
from tests.support.story import Story, told_story
from tests.support.walkthrough import walk_through

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
LARGEST_BYTES = 1_500_000
QUALITY = 0.72
_TO_WEBP = """async ([png, quality]) => {
  const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  canvas.getContext("2d").drawImage(picture, 0, 0);
  const made = await canvas.convertToBlob({type: "image/webp", quality});
  let text = "";
  for (const byte of new Uint8Array(await made.arrayBuffer())) text += String.fromCharCode(byte);
  return btoa(text);
}"""


CREW = "whoever the plan has put on the road"


@dataclass(frozen=True)
class Picture:
    """One file of the docs: who looks, at what, and on what."""

    name: str
    role: str
    """Of the one who looks; the kind of work where that is a crew; empty for a patient."""
    organization: str
    path: str
    phone: bool = False
    before: Callable[[Page], None] = lambda _: None
    """What is done on the page first."""


def _open_first_stop(page: Page) -> None:
    page.locator("main a[href*='/field/stops/']").first.click()
    page.wait_for_load_state("load")


def _wait_for_proposal(page: Page) -> None:
    page.keyboard.press("1")
    page.locator("#discharge-panel[data-proposal=ready]").wait_for()


def _open_claim(page: Page) -> None:
    page.locator("main tbody a").first.click()
    page.wait_for_load_state("load")


_CODE: dict[str, str] = {}
"""What stands on the sheet of which a picture was taken."""


def _print_sheet(page: Page) -> None:
    begins = page.locator("[name=requested_start]").input_value()
    page.locator("[name=requested_end]").fill(_later(begins))
    page.get_by_role("checkbox", name=re.compile("flexible", re.IGNORECASE)).check()
    page.get_by_role("button", name="Request", exact=True).click()
    page.get_by_role("button", name="Code for the patient").click()
    page.get_by_role("heading", name="When you are ready to leave").wait_for()
    shown = page.locator("main ol strong.mono").all_inner_texts()
    _CODE.update(ride=shown[1], code=shown[2])


def _later(moment: str) -> str:
    return f"{datetime.fromisoformat(moment) + timedelta(hours=3):%Y-%m-%dT%H:%M}"


def _say_ready(page: Page) -> None:
    page.get_by_label("Ride").fill(_CODE["ride"])
    page.get_by_label("Code").fill(_CODE["code"])
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="I am ready").wait_for()


MORNING = (
    Picture("departures", "planner", "st-brigid", "/desk/"),
    Picture("ready-to-leave", "planner", "st-brigid", "/desk/ready/"),
    Picture("whole-discharge", "planner", "st-brigid", "/desk/discharges/{stay}", before=_wait_for_proposal),
    Picture("offer-to-vendors", "planner", "st-brigid", "/portal/offer-booking/{open}"),
    Picture("vendor-inbox", "vendor_admin", "harbor-rides", "/portal/offers"),
    Picture("dispatch-board", "dispatcher", "harbor-rides", "/dispatch/"),
    Picture("drivers-stop", "ride", CREW, "/field/", phone=True, before=_open_first_stop),
    Picture("technicians-stop", "equipment", CREW, "/field/", phone=True, before=_open_first_stop),
)
FLEXIBLE = (
    Picture("patients-sheet", "planner", "st-brigid", "/bookings/new?task={unbooked}", before=_print_sheet),
    Picture("patients-page", "", "", "/ready/", phone=True, before=_say_ready),
)
AFTERNOON = (
    Picture("claim", "reviewer", "evergreen-health-plan", "/review/?tab=paid", before=_open_claim),
    Picture("payouts", "biller", "harbor-rides", "/billing/payouts"),
)


class Camera:
    """Takes pictures of a running demo."""

    def __init__(self, browser: Browser, story: Story) -> None:
        self.browser, self.story = browser, story

    def take(self, picture: Picture, **ids: str) -> int:
        """Write one picture; its size in bytes."""
        with self._profile(phone=picture.phone) as context:
            page = context.new_page()
            if picture.role:
                self._sign_in(page, picture)
            page.goto(self.story.base_url + picture.path.format(**ids), wait_until="load")
            picture.before(page)
            page.wait_for_timeout(1500)  # maps draw themselves, the mark of what has changed fades
            png = base64.b64encode(page.screenshot()).decode()
            made = base64.b64decode(page.context.new_page().evaluate(_TO_WEBP, [png, QUALITY]))
        (FOLDER / f"{picture.name}.webp").write_bytes(made)
        return len(made)

    @contextmanager
    def _profile(self, *, phone: bool) -> Iterator[BrowserContext]:
        context = self.browser.new_context(
            locale="en-US",
            viewport={"width": 390, "height": 760} if phone else {"width": 1280, "height": 860},
            color_scheme="dark" if phone else "light",
            device_scale_factor=1.5 if phone else 1,
            is_mobile=phone,
            has_touch=phone,
        )
        context.set_default_timeout(60_000)
        yield context
        context.close()

    def _email(self, picture: Picture) -> str:
        if picture.organization != CREW:
            return self.story.email(picture.role, picture.organization)
        planned = (
            select(User.email)
            .join(FieldService, FieldService.driver_user_id == User.id)
            .where(FieldService.kind == picture.role, FieldService.status == FieldStatus.ASSIGNED)
            .order_by(FieldService.planned_start)
        )
        with unit_of_work(self.story.stand.runtime, system_actor(), "owner") as session:
            return session.scalars(planned).first() or ""

    def _sign_in(self, page: Page, picture: Picture) -> None:
        page.goto(f"{self.story.base_url}/sign-in")
        page.get_by_label("E-mail address").fill(self._email(picture))
        page.get_by_label("Password", exact=True).fill(self.story.password)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
        put_away = page.locator("button[name=guide][value=hidden]")
        if put_away.count():
            with page.expect_response(lambda answer: answer.request.method == "POST"):
                put_away.first.click()
            page.wait_for_load_state("load")


def main(names: Sequence[str]) -> int:
    """Take the named ones, or all of them; 1 when they have grown too large for the docs."""
    FOLDER.mkdir(exist_ok=True)
    with told_story() as story, sync_playwright() as playwright:
        drained(story.stand, FIRST_WORK_SECONDS)
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=options)
        camera = Camera(browser, story)
        ids = _ids(story)
        sizes = {
            picture.name: camera.take(picture, **ids) for picture in _wanted((*MORNING, *FLEXIBLE), names)
        }
        if _wanted(AFTERNOON, names):
            with tempfile.TemporaryDirectory() as folder:
                walk_through(story, Path(folder))
        sizes |= {picture.name: camera.take(picture, **ids) for picture in _wanted(AFTERNOON, names)}
        browser.close()
    for name, size in sizes.items():
        sys.stdout.write(f"{size:>8} {name}\n")
    return int(sum(sizes.values()) > LARGEST_BYTES)


def _ids(story: Story) -> dict[str, str]:
    """Somebody for whom there is still something to do."""
    rows = story.ask("planner@st-brigid", "/encounters?planned_only=false")["items"]
    found = [task for row in rows for task in row["tasks"]]
    return {
        "stay": next(row["encounter"]["id"] for row in rows if _is_free(story, row)),
        "unbooked": next(
            task["task_id"] for task in found if task["title"] == "Ride home" and task["state"] == "open"
        ),
        "open": next(task["booking_id"] for task in found if task.get("booking_state") == "requested"),
    }


def _wanted(pictures: Sequence[Picture], names: Sequence[str]) -> list[Picture]:
    return [picture for picture in pictures if not names or picture.name in names]


def _is_free(story: Story, row: dict[str, Any]) -> bool:
    """Somebody who leaves in the afternoon, and for whom nothing is planned yet."""
    leaves = datetime.fromisoformat(row["encounter"]["expected_discharge_at"])
    return leaves > story.now() + timedelta(hours=3) and len(row["tasks"]) <= 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
