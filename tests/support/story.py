"""The stage of the whole story: a demo as a user starts it, its people, its clock, the double beside it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.simulation.stand import Stand, running_stand

ZONE = ZoneInfo("America/Los_Angeles")
_COMMAND_SECONDS = 300


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

    def ask(self, who: str, path: str) -> Any:
        """What the JSON API answers to the bearer of a token of the card, such as `planner@st-brigid`."""
        request = urllib.request.Request(f"{self.base_url}/api/v1{path}")  # noqa: S310  our own address
        request.add_header("Authorization", f"Bearer {self.stand.card['tokens'][who]}")
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return json.load(answer)

    def command(self, *arguments: str) -> str:
        """What `homeward ARGUMENTS` beside the demo prints."""
        done = subprocess.run(
            [sys.executable, "-m", "marketplace", *arguments],
            env={
                **os.environ, "HOMEWARD_DATA_DIR": str(self.stand.folder), "HOMEWARD_ENVIRONMENT": "demo"
            },
            capture_output=True, text=True, check=False, timeout=_COMMAND_SECONDS,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"homeward {' '.join(arguments)} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def now(self) -> datetime:
        """Business time, in the hospital's zone."""
        shown: dict[str, str] = json.loads(self.command("clock", "show", "--json"))
        return datetime.fromisoformat(shown["business_time"]).astimezone(ZONE)

    def wait_until(self, moment: datetime) -> None:
        """Let business time be `moment`; it never goes back."""
        minutes = (moment - self.now()).total_seconds() / 60
        if minutes > 0:
            self.command("clock", "advance", f"{minutes:.4f}")

    def broken_promises(self) -> list[Any]:
        """What `homeward verify` finds; an empty list when the ledger balances and all else holds."""
        report = self.stand.verify()
        assert "ledger-sums-to-zero" in report["checked"]
        return list(report["breaches"])


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
