"""Folders of public instances, solved, verified and compared with the best known values."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from pathlib import Path

import click

from dispatch.benchmarks.figures import Report, Row, Wishes
from dispatch.benchmarks.peers import Answer, answer_of
from dispatch.optimizer.formats import verify
from dispatch.optimizer.formats.benchmark_plan import Family, rules_of, solve_file
from dispatch.optimizer.stop import Stop


@dataclass(frozen=True, slots=True)
class Known:
    """The best known value of an instance."""

    cost: float
    vehicles: int | None

    def gap(self, family: Family, cost: float, vehicles: int) -> float:
        """Percent above the best known distance; for Li & Lim of J = F vehicles + distance, F two routes."""
        if family == "darp" or self.vehicles is None:
            return 100.0 * (cost / self.cost - 1.0)
        price = 2.0 * self.cost / self.vehicles
        return 100.0 * ((price * vehicles + cost) / (price * self.vehicles + self.cost) - 1.0)


def reference_folder() -> Path:
    """The folder of reference data: ``HOMEWARD_REFERENCE_DATA``, else ``../shared/data``."""
    return Path(os.environ.get("HOMEWARD_REFERENCE_DATA", "../shared/data"))


def best_known(folder: Path) -> dict[str, Known]:
    """Best known values from ``best_known.csv`` in a folder or the one above; empty when there is none."""
    for place in (folder, folder.parent):
        path = place / "best_known.csv"
        if path.is_file():
            with path.open(encoding="utf-8", newline="") as file:
                return {
                    row["instance"]: Known(
                        float(row["cost"]), int(row["vehicles"]) if row["vehicles"] else None
                    )
                    for row in csv.DictReader(file)
                    if "instance" in row and row.get("cost")
                }
    return {}


def lilim(wishes: Wishes) -> Report:
    """Li & Lim instances of a folder."""
    return _run("lilim", wishes)


def darp(wishes: Wishes) -> Report:
    """Cordeau's dial-a-ride instances of a folder."""
    return _run("darp", wishes)


def _run(family: Family, wishes: Wishes) -> Report:
    """Every file of the folder, every seed, every solver."""
    folder = wishes.folder or reference_folder() / "routing" / family
    files = sorted(folder.glob("*.txt")) if folder.is_dir() else []
    if not files:
        raise click.ClickException(f"no .txt files in {folder}: skipped, nothing was measured")
    known, rows = best_known(folder), []
    for path in files:
        for seed in range(wishes.seeds):
            rows.append(_own(family, path, seed, wishes.seconds, known.get(path.stem)))
            wishes.tell(f"{path.stem} seed {seed}: {rows[-1].vehicles} vehicles, {rows[-1].cost:.2f}")
        for peer in wishes.against:
            answer = answer_of(peer, family, path, wishes.seconds)
            rows.append(_row(family, path, peer, 0, answer, known.get(path.stem)))
    return Report(family, rows)


def _own(family: Family, path: Path, seed: int, seconds: float, known: Known | None) -> Row:
    """One run of our own search on two threads."""
    plan = solve_file(family, path, Stop(seconds), seed, threads=2)
    answer = Answer(list(plan.routes.values()), list(plan.starts.values()), list(plan.unserved), plan.seconds)
    return _row(family, path, "homeward", seed, answer, known)


def _row(family: Family, path: Path, solver: str, seed: int, answer: Answer, known: Known | None) -> Row:
    """An answer, verified and compared."""
    rules = rules_of(family, path)
    cost, vehicles = rules.length(answer.routes), len(answer.routes)
    complete = not answer.unserved and bool(answer.routes)
    return Row(
        case=path.stem,
        solver=solver,
        seed=seed,
        cost=cost,
        vehicles=vehicles,
        unserved=len(answer.unserved),
        seconds=answer.seconds,
        gap=known.gap(family, cost, vehicles) if known and complete else None,
        best_vehicles=known.vehicles if known else None,
        best_cost=known.cost if known else None,
        faults=verify.faults(rules, answer.routes, answer.starts, answer.unserved),
    )
