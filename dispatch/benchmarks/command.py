"""``homeward bench``: run a benchmark, print its table or its figures as JSON.

A benchmark is a function from :class:`figures.Wishes` to :class:`figures.Report`; ``BENCHMARKS`` names where
each lives, so that only the one asked for is loaded.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from dispatch.benchmarks.figures import Measured, Report, Wishes

BENCHMARKS: dict[str, tuple[str, str]] = {
    "lilim": ("dispatch.benchmarks.public_sets:lilim", "Li & Lim pickup and delivery with time windows."),
    "darp": ("dispatch.benchmarks.public_sets:darp", "Cordeau's dial-a-ride instances."),
    "mankowska": (
        "dispatch.benchmarks.home_health:mankowska",
        "Home health with two caregivers at a patient.",
    ),
    "city": ("dispatch.benchmarks.city_run:city", "Generated city days: 250 to 2,000 rides."),
    "joint": ("dispatch.benchmarks.joint_run:joint", "Rides, equipment and visits in one plan, with links."),
    "repair": ("dispatch.benchmarks.live_runs:repair", "One discharge slips by 45 minutes, 500 rides."),
    "whatif": ("dispatch.benchmarks.live_runs:whatif", "Thirty candidate times of one discharge."),
    "explain": ("dispatch.benchmarks.live_runs:explain", "Why requests are left out, put to the test."),
}
PEERS = ("ortools", "pyvrp", "vroom")


@click.group()
def bench() -> None:
    """Run benchmarks; nothing of them is needed to plan."""


def _peers(_context: click.Context, _option: click.Parameter, value: str) -> tuple[str, ...]:
    """Names of peers, separated by commas."""
    names = tuple(name.strip() for name in value.split(",") if name.strip())
    for name in names:
        if name not in PEERS:
            raise click.BadParameter(f"{name!r} is none of {', '.join(PEERS)}")
    return names


def _command(name: str, place: str, text: str) -> click.Command:
    """The command of one benchmark."""

    @click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
    @click.option("--seconds", type=click.FloatRange(min=0), default=10.0, show_default=True)
    @click.option("--seeds", type=click.IntRange(1), default=1, show_default=True, help="Runs per instance.")
    @click.option("--against", default="", callback=_peers, help="Peers beside it: ortools,pyvrp,vroom.")
    @click.option("--json", "as_json", is_flag=True)
    def run(**options: Any) -> None:
        from dispatch.benchmarks.figures import Wishes

        as_json = options.pop("as_json")
        wishes = Wishes(tell=lambda line: click.echo(line, err=True), **options)
        report = _load(place)(wishes)
        click.echo(json.dumps(report.document()) if as_json else report.table())

    return click.command(name, help=text)(run)


def _load(place: str) -> Callable[[Wishes], Report | Measured]:
    """The function behind a name."""
    module, function = place.split(":")
    found: Callable[[Wishes], Report | Measured] = getattr(import_module(module), function)
    return found


for _name, (_place, _text) in BENCHMARKS.items():
    bench.add_command(_command(_name, _place, _text))


if __name__ == "__main__":
    bench()
