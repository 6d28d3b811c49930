"""The stage of the whole story: a demo as a user starts it, its people, its clock, the double beside it."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from marketplace.cli.database import check_promises
from marketplace.foundation.access import system_actor
from marketplace.foundation.business_clock import advance_business_clock
from marketplace.foundation.invariants import Breach
from marketplace.foundation.work import unit_of_work
from tests.simulation.stand import Stand, running_stand

ZONE = ZoneInfo("America/Los_Angeles")


@dataclass(frozen=True)
class Story:
    """A running demo for a walk through the whole story."""

    stand: Stand
    double_url: str
    """Where the stand-in for Stripe shows its transfers."""

    @property
    def base_url(self) -> str:
        """Where the demo serves."""
        return self.stand.base_url

    @property
    def planted(self) -> dict[str, str]:
        """The ids that the demo's card names."""
        planted: dict[str, str] = self.stand.card["planted"]
        return planted

    @property
    def password(self) -> str:
        """Everybody in the demo has the same."""
        return str(self.stand.card["users"][0]["password"])

    def email(self, role: str, organization: str) -> str:
        """The sign-in of a role, as the demo prints it."""
        users: list[dict[str, str]] = self.stand.card["users"]
        return next(
            user["email"] for user in users if (user["role"], user["organization"]) == (role, organization)
        )

    def ask(self, who: str, path: str, send: dict[str, Any] | None = None) -> Any:
        """What the JSON API answers to the bearer of a token of the card, such as `planner@st-brigid`.

        With something to send it is a POST.
        """
        body = None if send is None else json.dumps(send).encode()
        request = urllib.request.Request(f"{self.base_url}/api/v1{path}", body)  # noqa: S310  our own address
        request.add_header("Authorization", f"Bearer {self.stand.card['tokens'][who]}")
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return json.load(answer)

    def alvarez(self) -> dict[str, Any]:
        """The tasks of Mrs. Alvarez's care plan by their titles, with what is booked for them."""
        rows = self.ask("planner@st-brigid", "/encounters?planned_only=false")["items"]
        (row,) = [row for row in rows if row["encounter"]["patient_id"] == self.planted["alvarez_patient"]]
        return {task["title"]: task for task in row["tasks"]}

    def is_untouched(self) -> bool:
        """Whether nothing is booked for Mrs. Alvarez yet."""
        return not any(task["booking_id"] for task in self.alvarez().values())

    def is_told(self) -> bool:
        """Whether she is at home with her oxygen."""
        tasks = self.alvarez()
        return all(
            tasks[title]["state"] == "completed" for title in ("Ride home", "Oxygen concentrator at home")
        )

    def now(self) -> datetime:
        """Business time, in the hospital's zone."""
        with unit_of_work(self.stand.runtime, system_actor()) as session:
            return session.now().astimezone(ZONE)

    def wait_until(self, moment: datetime) -> None:
        """Let business time be `moment`, as `homeward clock advance` does; it never goes back."""
        runtime = self.stand.runtime
        with unit_of_work(runtime, system_actor(), "owner") as session:
            ahead = moment - session.now()
            if ahead > timedelta(0):
                advance_business_clock(session, runtime.settings, ahead)

    def broken_promises(self) -> list[Breach]:
        """What `homeward verify` finds; an empty list when the ledger balances and all else holds."""
        checked = check_promises(self.stand.runtime)
        assert "ledger-sums-to-zero" in checked
        return [breach for found in checked.values() for breach in found]


@contextlib.contextmanager
def told_story() -> Iterator[Story]:
    """A fresh demo of seed 1, ended and forgotten with the block."""
    folder = Path(tempfile.mkdtemp(prefix="homeward-story-"))
    folder.chmod(0o711)  # the engines' account passes through
    try:
        with running_stand(folder) as stand:
            said = re.search(r"Stripe double at (http://\S+)", (folder / "demo.log").read_text())
            assert said is not None
            yield Story(stand, said[1])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
