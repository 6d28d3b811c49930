"""Benchmark files of our own making: read, solved, verified, and refused with the line named."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from dispatch.commands.solve import solve
from dispatch.optimizer.errors import ProblemError
from dispatch.optimizer.formats import darp, lilim, verify

LILIM = """2 10 1
0 0 0 0 0 100 0 0 0
1 1 0 5 0 90 1 0 2
2 2 0 -5 0 90 1 1 0
3 3 0 5 0 90 1 0 4
4 4 0 -5 0 90 1 3 0
"""
DARP = """1 4 60 2 10
0 0 0 0 0 0 100
1 1 0 1 1 0 90
2 2 0 1 1 0 90
3 4 0 1 -1 0 90
4 3 0 1 -1 0 90
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "case.txt"
    path.write_text(text)
    return path


def solved(path: Path, family: str) -> dict[str, object]:
    done = CliRunner().invoke(
        solve, [str(path), "--format", family, "--iterations", "200", "--check", "--json"]
    )
    assert done.exit_code == 0, done.output
    document: dict[str, object] = json.loads(done.output)
    return document


def test_a_lilim_file_ends_in_one_sweep(tmp_path: Path) -> None:
    document = solved(written(tmp_path, LILIM), "lilim")
    assert document["vehicles"] == 1
    assert document["cost"] == pytest.approx(8.0)
    assert document["unserved"] == []
    assert document["faults"] == []


def test_a_dial_a_ride_file_shares_the_ride(tmp_path: Path) -> None:
    document = solved(written(tmp_path, DARP), "darp")
    assert document["cost"] == pytest.approx(8.0)
    assert document["faults"] == []


def test_an_impossible_window_is_left_out_with_a_reason(tmp_path: Path) -> None:
    document = solved(written(tmp_path, LILIM.replace("4 4 0 -5 0 90", "4 4 0 -5 0 2")), "lilim")
    assert [item["stop"] for item in document["unserved"]] == [3]  # type: ignore[attr-defined]
    assert "even alone" in document["unserved"][0]["reason"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("1 1 0 5 0 90 1 0 2", "1 1 0 5 0 90 1 0 9", "node 1"),
        ("1 1 0 5 0 90 1 0 2", "1 1 0 50 0 90 1 0 2", "node 1"),
        ("1 1 0 5 0 90 1 0 2", "1 1 0 5 95 90 1 0 2", "node 1"),
        ("1 1 0 5 0 90 1 0 2", "1 1 0 nan 0 90 1 0 2", "line 3, column 4"),
        ("1 1 0 5 0 90 1 0 2", "1 1 0 five 0 90 1 0 2", "line 3"),
        ("2 10 1", "2 10", "line 1"),
    ],
)
def test_a_bad_lilim_file_is_refused_with_its_key(tmp_path: Path, old: str, new: str, words: str) -> None:
    path = written(tmp_path, LILIM.replace(old, new))
    with pytest.raises(ProblemError, match=words):
        lilim.read(path)
    done = CliRunner().invoke(solve, [str(path), "--format", "lilim"])
    assert done.exit_code == 2
    assert words in done.output


def test_a_bad_dial_a_ride_file_is_refused_with_its_key(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="node 3"):
        darp.read(written(tmp_path, DARP.replace("3 4 0 1 -1", "3 4 0 1 1")))


@pytest.mark.parametrize(
    ("routes", "starts", "words"),
    [
        ([[2, 1, 3, 4]], [[2.0, 4.0, 7.0, 9.0]], "before its pickup"),
        ([[1, 2, 3, 4]], [[1.0, 2.0, 5.0, 7.0]], "before the vehicle can be there"),
        ([[1, 2]], [[1.0, 3.0]], "exactly once"),
        ([[1, 3, 2, 4]], [[1.0, 4.0, 96.0, 99.0]], "outside its window"),
        ([[1, 4], [3, 2]], [[1.0, 9.0], [3.0, 9.0]], "another route"),
    ],
)
def test_the_verifier_names_what_is_broken(
    tmp_path: Path, routes: list[list[int]], starts: list[list[float]], words: str
) -> None:
    rules = verify.lilim_rules(written(tmp_path, LILIM))
    assert any(words in fault for fault in verify.faults(rules, routes, starts))
