"""What a benchmark run says: one row per instance, solver and seed, and the figures over all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import mean, median
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One run of one solver on one instance."""

    case: str
    solver: str
    seed: int
    cost: float
    vehicles: int
    unserved: int
    seconds: float
    gap: float | None = None
    """Against the best known value, in percent; None when none is known."""
    best_vehicles: int | None = None
    best_cost: float | None = None
    faults: list[str] = field(default_factory=list)
    notes: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """The rows of a run and its summary by solver."""

    benchmark: str
    rows: list[Row]

    def summary(self) -> dict[str, dict[str, Any]]:
        """Figures by solver: over the median of the seeds of each instance."""
        by_solver: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows:
            by_solver[row.solver].append(row)
        return {solver: _figures(rows) for solver, rows in by_solver.items()}

    def document(self) -> dict[str, Any]:
        """The report as one JSON object."""
        return {
            "benchmark": self.benchmark,
            "summary": self.summary(),
            "rows": [asdict(row) for row in self.rows],
        }

    def table(self) -> str:
        """The report as text for people."""
        head = "instance              solver    seed vehicles          cost   gap %  left      s"
        lines = [head, *(_line(row) for row in self.rows), ""]
        for solver, figures in self.summary().items():
            lines.append(
                f"{solver}: " + ", ".join(f"{name} {_short(value)}" for name, value in figures.items())
            )
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Measured:
    """Figures of cases that have no routes to compare: one row per case and seed."""

    benchmark: str
    rows: list[dict[str, Any]]
    """``case`` and ``seed``, then numbers."""

    def summary(self) -> dict[str, dict[str, float]]:
        """The median over the seeds of every figure of a case."""
        cases: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in self.rows:
            cases[row["case"]].append(row)
        return {
            case: {
                name: median(row[name] for row in rows) for name in rows[0] if name not in ("case", "seed")
            }
            for case, rows in cases.items()
        }

    def document(self) -> dict[str, Any]:
        """The figures as one JSON object."""
        return {"benchmark": self.benchmark, "summary": self.summary(), "rows": self.rows}

    def table(self) -> str:
        """The figures as text for people, medians last."""
        lines = [
            f"{row['case']:<28}seed {row['seed']}"
            + "".join(
                f"  {name} {_short(value)}" for name, value in row.items() if name not in ("case", "seed")
            )
            for row in self.rows
        ]
        for case, figures in self.summary().items():
            lines.append(
                f"{case}: " + ", ".join(f"{name} {_short(value)}" for name, value in figures.items())
            )
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person at the command line asked for."""

    folder: Path | None
    seconds: float
    seeds: int
    against: tuple[str, ...]
    tell: Callable[[str], None]


def _line(row: Row) -> str:
    gap = "" if row.gap is None else f"{row.gap:.2f}"
    text = (
        f"{row.case:<22}{row.solver:<10}{row.seed:>4}{row.vehicles:>9}{row.cost:>14.2f}{gap:>8}"
        f"{row.unserved:>6}{row.seconds:>7.1f}"
    )
    notes = "".join(f"  {name} {_short(value)}" for name, value in row.notes.items())
    return text + notes + "".join(f"\n    broken: {fault}" for fault in row.faults[:3])


def _short(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _figures(rows: list[Row]) -> dict[str, Any]:
    """Mean gap over instances (median over seeds), vehicles, and broken plans."""
    figures: dict[str, Any] = {"instances": len({row.case for row in rows}), "runs": len(rows)}
    gaps = _medians(rows, lambda row: row.gap)
    if gaps:
        figures["mean_gap_percent"] = mean(gaps)
    known = [row for row in rows if row.best_vehicles is not None]
    if known:
        used = _medians(known, lambda row: row.vehicles)
        best = _medians(known, lambda row: row.best_vehicles)
        figures["vehicles"], figures["best_known_vehicles"] = sum(used), sum(best)
        figures["share_at_best_vehicles"] = mean(a <= b for a, b in zip(used, best, strict=True))
        figures["sintef"] = _sintef(known)
    figures["unserved"] = sum(_medians(rows, lambda row: row.unserved))
    figures["runs_with_faults"] = sum(1 for row in rows if row.faults)
    return figures


def _sintef(rows: list[Row]) -> dict[str, float]:
    """SINTEF's ranking, vehicles first: vehicles too many, gaps of distance, share of plans matched."""
    extra = _medians(rows, lambda row: row.vehicles - (row.best_vehicles or 0))
    distance = _medians(rows, _distance_gap)
    matched = _medians(
        rows, lambda row: float(row.vehicles == row.best_vehicles and _distance_gap(row) < 0.01)
    )
    return {
        "vehicles_too_many": sum(extra),
        "mean_distance_gap_percent": mean(distance),
        "share_matched": mean(matched),
    }


def _distance_gap(row: Row) -> float:
    """Per cent above the distance of the best known plan."""
    return 100.0 * (row.cost / row.best_cost - 1.0) if row.best_cost else 0.0


def _medians(rows: Iterable[Row], value: Callable[[Row], float | None]) -> list[float]:
    """The median over the seeds for each instance that has the value."""
    found: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        number = value(row)
        if number is not None:
            found[row.case].append(number)
    return [median(numbers) for numbers in found.values()]
