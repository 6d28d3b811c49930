"""A folder of Mankowska instances, solved, verified and compared with the best known values."""

from __future__ import annotations

import csv
from pathlib import Path

import click

from dispatch.benchmarks.figures import Report, Row, Wishes
from dispatch.benchmarks.public_sets import reference_folder
from dispatch.optimizer.formats.mankowska import solve_file
from dispatch.optimizer.stop import Stop


def mankowska(wishes: Wishes) -> Report:
    """Every file of the folder and every seed, on two threads; no peer here knows simultaneous visits."""
    folder = wishes.folder or reference_folder() / "routing" / "mankowska"
    files = sorted(folder.glob("*.json")) if folder.is_dir() else []
    if not files:
        raise click.ClickException(f"no .json files in {folder}: skipped, nothing was measured")
    if wishes.against:
        wishes.tell("vroom, pyvrp and ortools have no rule for two caregivers at one patient: not run")
    known, rows = _best_known(folder), []
    for path in files:
        for seed in range(wishes.seeds):
            rows.append(_run(path, seed, wishes.seconds, known.get(path.name)))
            wishes.tell(f"{path.stem} seed {seed}: {rows[-1].cost:.3f}")
    return Report("mankowska", rows)


def _best_known(folder: Path) -> dict[str, float]:
    """Best known total cost by file name; empty when the folder has no table."""
    path = folder / "best_known.csv"
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["instance"]: float(row["total_cost"]) for row in csv.DictReader(file)}


def _run(path: Path, seed: int, seconds: float, best: float | None) -> Row:
    """One file and seed."""
    plan = solve_file(path, Stop(seconds), seed, threads=2, check=True)
    complete = not plan["unserved"]
    return Row(
        case=path.stem,
        solver="homeward",
        seed=seed,
        cost=plan["cost"],
        vehicles=plan["vehicles"],
        unserved=len(plan["unserved"]),
        seconds=plan["seconds"],
        gap=100.0 * (plan["cost"] / best - 1.0) if best and complete else None,
        best_cost=best,
        faults=plan["faults"],
    )
