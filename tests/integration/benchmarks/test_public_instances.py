"""Public instances, where the reference data are at hand: every plan is verified by plain rules."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from dispatch.benchmarks.command import bench
from dispatch.benchmarks.public_sets import best_known, reference_folder
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
