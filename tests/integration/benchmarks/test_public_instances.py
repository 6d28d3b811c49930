"""Public instances, where the reference data are at hand: every plan is verified by plain rules."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from dispatch.benchmarks.command import bench
from dispatch.benchmarks.figures import Measured, Report, Row
from dispatch.benchmarks.home_health_day import home_health_day
from dispatch.benchmarks.public_sets import best_known, reference_folder
from dispatch.optimizer.formats import mankowska
from dispatch.optimizer.formats.benchmark_plan import Family, rules_of, solve_file
from dispatch.optimizer.formats.verify import faults
from dispatch.optimizer.stop import Stop

ROUTING = reference_folder() / "routing"
needs_data = pytest.mark.skipif(not ROUTING.is_dir(), reason="the folder of reference data is missing")


@needs_data
@pytest.mark.parametrize(
    ("family", "name", "iterations"),
    [
        ("lilim", "lr101", 20_000),
        ("lilim", "lc201", 20_000),
        ("darp", "a2-16", 3_000),
        ("darp", "b3-24", 10_000),
    ],
)
def test_small_public_instances_end_within_one_percent_of_the_best_known(
    family: Family, name: str, iterations: int
) -> None:
    path = ROUTING / family / f"{name}.txt"
    plan = solve_file(family, path, Stop(iterations=iterations), seed=1)
    assert faults(rules_of(family, path), list(plan.routes.values()), list(plan.starts.values())) == []
    known = best_known(ROUTING)[name]
    assert known.gap(family, plan.distance, plan.vehicles) <= 1.0


def test_the_benchmark_command_prints_verified_figures(tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text(
        "2 10 1\n0 0 0 0 0 100 0 0 0\n1 1 0 5 0 90 1 0 2\n2 2 0 -5 0 90 1 1 0\n"
    )
    done = CliRunner().invoke(bench, ["lilim", str(tmp_path), "--seconds", "0.1", "--json"])
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["summary"]["homeward"]["runs_with_faults"] == 0
    assert document["rows"][0]["cost"] == pytest.approx(4.0)


def test_an_unknown_peer_is_refused() -> None:
    done = CliRunner().invoke(bench, ["darp", "--against", "nobody"])
    assert done.exit_code == 2
    assert "nobody" in done.output


@needs_data
@pytest.mark.parametrize("name", ["10_1", "10_9", "25_7"])
def test_small_home_health_instances_reach_the_best_known_cost(name: str) -> None:
    path = ROUTING / "mankowska" / f"InstanzCPLEX_HCSRP_{name}.json"
    plan = mankowska.solve_file(path, Stop(iterations=800_000), seed=1, check=True)
    with (path.parent / "best_known.csv").open(encoding="utf-8", newline="") as file:
        known = {row["instance"]: float(row["total_cost"]) for row in csv.DictReader(file)}
    assert plan["faults"] == []
    assert plan["cost"] <= 1.002 * known[path.name]


def test_the_home_health_benchmark_compares_with_a_table_beside_the_files(tmp_path: Path) -> None:
    (tmp_path / "own.json").write_text(json.dumps(home_health_day(6, seed=1)))
    (tmp_path / "best_known.csv").write_text("instance,total_cost\nown.json,1.0\n")
    done = CliRunner().invoke(
        bench, ["mankowska", str(tmp_path), "--seconds", "0.1", "--seeds", "2", "--json"]
    )
    assert done.exit_code == 0, done.output
    figures = json.loads(done.stdout)["summary"]["homeward"]
    assert figures["runs"] == 2
    assert figures["runs_with_faults"] == 0
    assert figures["mean_gap_percent"] > 0


def test_figures_of_live_cases_are_medians_over_the_seeds() -> None:
    measured = Measured(
        "repair", [{"case": "day", "seed": s, "p95_ms": ms} for s, ms in enumerate((9, 4, 5))]
    )
    assert measured.summary() == {"day": {"p95_ms": 5}}
    assert "p95_ms 5" in measured.table()


def test_sintefs_ranking_counts_vehicles_before_distance() -> None:
    rows = [
        Row("a", "homeward", 0, 101.0, 3, 0, 1.0, best_vehicles=3, best_cost=100.0),
        Row("b", "homeward", 0, 90.0, 4, 0, 1.0, best_vehicles=3, best_cost=100.0),
    ]
    sintef = Report("lilim", rows).summary()["homeward"]["sintef"]
    assert sintef["vehicles_too_many"] == 1
    assert sintef["share_matched"] == 0
