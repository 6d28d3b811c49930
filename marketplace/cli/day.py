"""`homeward day`: a whole day played by actors at speed, measured and verified, as one JSON object."""

from __future__ import annotations

import json
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

import click

from marketplace.cli.database import check_promises
from marketplace.cli.demo import running_demo
from marketplace.demo.acting.day import Pace, played_day
from marketplace.demo.making import beginning, ending

FAST = {"HOMEWARD_PLANNING_SECONDS": "1"}
"""A second of planning is two business minutes at the usual speed of playing."""


@click.command()
@click.option("--size", type=click.Choice(["S", "M"]), default="M", show_default=True)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=1, show_default=True)
@click.option("--speed", type=click.FloatRange(1, 3600), default=120.0, show_default=True)
@click.option("--hours", type=click.FloatRange(0.1, 20), help="Play only so many hours of the day.")
@click.option("--json", "as_json", is_flag=True, help="Accepted for symmetry: the report is JSON anyway.")
def day(size: str, seed: int, speed: float, hours: float | None, *, as_json: bool) -> None:
    """Make a fresh demo, play its day at SPEED business seconds a second, and report; exit 1 if it broke."""
    del as_json
    with (
        tempfile.TemporaryDirectory(prefix="homeward-day-") as folder,
        running_demo(Path(folder), seed, size, values=FAST) as running,
    ):
        begins = beginning(date.fromisoformat(running.card.day), size)
        ends = ending(date.fromisoformat(running.card.day))
        if hours is not None:
            ends = min(ends, begins + timedelta(hours=hours))
        click.echo(f"Playing {ends - begins} at {speed:g} times the clock's speed ...", err=True)
        pace = Pace(begins, ends, speed)
        runtime, card, base_url = running.runtime, running.card, running.base_url
        played = running.attend(
            lambda: played_day(runtime, card, base_url, pace, lambda: check_promises(runtime))
        )
    if played is None:
        raise click.Abort
    report = {"size": size, "seed": seed, "making_seconds": round(running.making_seconds, 1), **played}
    click.echo(json.dumps(report, indent=1))
    sys.exit(0 if all(report["kept"].values()) else 1)
