"""``homeward solve``: one problem file in, one JSON plan out."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from dispatch.optimizer.stop import Stop


class BadInput(click.ClickException):
    """The file cannot be planned; the message names the key."""

    exit_code = 2


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option(
    "--format",
    "family",
    type=click.Choice(["homeward", "lilim", "darp", "mankowska"]),
    default="homeward",
    show_default=True,
    help="How the file is written.",
)
@click.option("--seconds", type=click.FloatRange(min=0), help="Wall seconds of the search [default: 10].")
@click.option("--iterations", type=click.IntRange(min=0), help="Stop after so many iterations (repeatable).")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--threads", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option("--check", is_flag=True, help="Check the plan with rules that share no code with the search.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a summary.")
def solve(
    file: Path,
    family: str,
    seconds: float | None,
    iterations: int | None,
    seed: int,
    threads: int,
    check: bool,  # noqa: FBT001  click hands options over by name
    as_json: bool,  # noqa: FBT001
) -> None:
    """Plan the problem in FILE.

    Exit code 2 when the file cannot be read as a problem, 1 when a checked plan breaks a rule.
    """
    from dispatch.optimizer.engine.instance import InstanceError
    from dispatch.optimizer.errors import ProblemError
    from dispatch.optimizer.stop import Stop

    limits = Stop(10.0 if seconds is None and iterations is None else seconds, iterations)
    try:
        document = _document(family, file, limits, seed, threads, check=check)
    except (ProblemError, InstanceError) as error:
        raise BadInput(str(error)) from error
    click.echo(json.dumps(document) if as_json else _summary(document))
    if document.get("faults"):
        raise SystemExit(1)


def _document(family: str, file: Path, stop: Stop, seed: int, threads: int, *, check: bool) -> dict[str, Any]:
    """The plan of a file as one object, with ``faults`` when it was checked."""
    if family in ("lilim", "darp"):
        return _benchmark(family, file, stop, seed, threads, check=check)
    if family == "mankowska":
        return _home_health(file, stop, seed, threads, check=check)
    return _homeward(file, stop, seed, threads, check=check)


def _home_health(file: Path, stop: Stop, seed: int, threads: int, *, check: bool) -> dict[str, Any]:
    """A Mankowska file, where the installation has the decoder for simultaneous visits."""
    try:
        reader = import_module("dispatch.optimizer.formats.mankowska")
    except ModuleNotFoundError as error:
        raise BadInput("format: this installation reads no mankowska files") from error
    document: dict[str, Any] = reader.solve_file(file, stop, seed, threads, check=check)
    return document


def _benchmark(
    family: Any, file: Path, stop: Stop, seed: int, threads: int, *, check: bool
) -> dict[str, Any]:
    """A Li & Lim or dial-a-ride file."""
    from dispatch.optimizer.formats.benchmark_plan import rules_of, solve_file
    from dispatch.optimizer.formats.verify import faults

    plan = solve_file(family, file, stop, seed, threads)
    document = plan.document()
    if check:
        rules = rules_of(family, file)
        document["faults"] = faults(
            rules, list(plan.routes.values()), list(plan.starts.values()), list(plan.unserved)
        )
    return document


def _homeward(file: Path, stop: Stop, seed: int, threads: int, *, check: bool) -> dict[str, Any]:
    """A file in our own format."""
    from dispatch.optimizer import solve as solve_problem
    from dispatch.optimizer.check import check as check_plan
    from dispatch.optimizer.formats.homeward import read_problem

    problem = read_problem(file.read_bytes())
    solution = solve_problem(problem, stop, seed, threads=threads)
    document = {
        "cost": solution.cost.total,
        "vehicles": sum(1 for route in solution.routes if route.stops),
        "routes": [
            {
                "vehicle": route.vehicle,
                "stops": [f"{stop_.request}:{stop_.point}" for stop_ in route.stops],
                "starts": [stop_.start for stop_ in route.stops],
            }
            for route in solution.routes
        ],
        "unserved": [
            {"request": item.request, "code": item.code.value, "reason": item.reason}
            for item in solution.unserved
        ],
        "seconds": solution.seconds,
        "iterations": solution.iterations,
    }
    if check:
        document["faults"] = [str(finding) for finding in check_plan(problem, solution).findings]
    return document


def _summary(document: dict[str, Any]) -> str:
    """A plan in a few lines for people."""
    lines = [
        (
            f"cost {document['cost']}, {document['vehicles']} vehicles, {len(document['unserved'])} left out,"
            f" {document['iterations']} iterations in {document['seconds']:.1f} s"
        )
    ]
    lines += [f"  {route['vehicle']}: {' '.join(map(str, route['stops']))}" for route in document["routes"]]
    lines += [f"  broken: {fault}" for fault in document.get("faults", [])]
    return "\n".join(lines)


if __name__ == "__main__":
    solve()
