"""``homeward solve`` over the command line: bad files are refused by key, what cannot be served is named."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dispatch.commands.solve import solve
from dispatch.optimizer.formats.homeward import write_problem
from tests.unit.optimizer.worked_day import worked_problem

Content = dict[str, Any]
Change = Callable[[Content], Any]


def content() -> Content:
    document: Content = json.loads(write_problem(worked_problem()))
    return document


def request(document: Content, name: str) -> Content:
    found: Content = next(entry for entry in document["requests"] if entry["id"] == name)
    return found


def run(folder: Path, document: Any, *options: str) -> Result:
    path = folder / "day.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return CliRunner().invoke(solve, [str(path), "--iterations", "0", "--check", "--json", *options])


BAD: list[tuple[str, str, Change]] = [
    ("no matrix", "travel:", lambda d: d.pop("travel")),
    ("no seconds", "travel.seconds", lambda d: d["travel"].pop("seconds")),
    ("a row too short", "travel.seconds", lambda d: d["travel"]["seconds"][2].pop()),
    ("a negative drive", "travel.seconds", lambda d: d["travel"]["seconds"][0].__setitem__(1, -5)),
    ("not a number", "travel.seconds", lambda d: d["travel"]["seconds"][0].__setitem__(1, float("nan"))),
    (
        "a window of nan",
        "requests[0].points[0].earliest",
        lambda d: d["requests"][0]["points"][0].update(earliest=float("nan")),
    ),
    (
        "a negative window",
        "requests[0].points[0]",
        lambda d: d["requests"][0]["points"][0].update(earliest=40_000, latest=39_000, due=None),
    ),
    (
        "a negative capacity",
        "vehicles[0].configurations",
        lambda d: d["vehicles"][0].update(configurations=[[-1, 0, 0, 0]]),
    ),
    (
        "a capacity in too few dimensions",
        "vehicles[0].configurations",
        lambda d: d["vehicles"][0].update(configurations=[[4]]),
    ),
    ("a pin on nobody", "requests[4].pin", lambda d: request(d, "pinned")["pin"].update(vehicle="van-9")),
    (
        "a pin on another's vehicle",
        "requests[4].pin",
        lambda d: request(d, "pinned")["pin"].update(vehicle="truck-1"),
    ),
    (
        "two pins at once",
        "requests.pin",
        lambda d: request(d, "walk-4").update(pin={"vehicle": "van-2", "start": 36_000}),
    ),
    (
        "links in a circle",
        "links: cyclic links",
        lambda d: d["links"].append({"id": "back", "before": "wheel-1", "after": "bed-1"}),
    ),
    ("a link to nobody", "links[0].after", lambda d: d["links"][0].update(after="nobody")),
    ("a key of another program", "requests[0].colour", lambda d: d["requests"][0].update(colour="red")),
    ("an unknown kind", "requests[0].kind", lambda d: d["requests"][0].update(kind="flight")),
    ("no vehicles key", "vehicles", lambda d: d.pop("vehicles")),
    ("another version", "version", lambda d: d.update(version=9)),
]


@pytest.mark.parametrize(("key", "spoil"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_a_file_that_does_not_hang_together_is_refused_by_its_key(
    tmp_path: Path, key: str, spoil: Change
) -> None:
    document = content()
    spoil(document)
    done = run(tmp_path, document)
    assert done.exit_code == 2, done.output
    assert key in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize("text", ["", "[1, 2", "null", "[]", '"day"', "\ufeff{}"])
def test_what_is_no_problem_is_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    done = run(tmp_path, text)
    assert done.exit_code == 2
    assert done.output.startswith("Error: ")


def test_a_million_requests_are_refused_by_their_key(tmp_path: Path) -> None:
    text = json.dumps(content() | {"requests": []}).replace(
        '"requests": []', '"requests": [' + "{}," * 999_999 + "{}]"
    )
    done = run(tmp_path, text)
    assert done.exit_code == 2
    assert "requests: has 1000000 entries" in done.output


@pytest.mark.parametrize("family", ["lilim", "darp"])
def test_a_million_lines_are_refused(tmp_path: Path, family: str) -> None:
    text = "10 100 1\n" + "1 1 1 1 0 10 0 0 2\n" * 1_000_000
    done = run(tmp_path, text, "--format", family)
    assert done.exit_code == 2
    assert "day.json" in done.output or "line" in done.output


INFEASIBLE: list[tuple[str, str, str, Change]] = [
    ("nobody has the skill", "left-out", "skill", dict),
    (
        "nobody is there in time",
        "walk-4",
        "window",
        lambda d: request(d, "walk-4").update(
            points=[
                {"location": 1, "earliest": 0, "latest": 60},
                {"location": 6, "earliest": 0, "latest": 7200},
            ],
        ),
    ),
    (
        "the direct ride is too long",
        "walk-1",
        "ride_limit",
        lambda d: request(d, "walk-1").update(max_ride_seconds=60),
    ),
    (
        "no vehicle is large enough",
        "walk-3",
        "capacity",
        lambda d: request(d, "walk-3").update(load=[40, 0, 0, 0]),
    ),
    (
        "no store has the item",
        "oxygen-1",
        "stock",
        lambda d: request(d, "oxygen-1").update(equipment={"lift": 1}),
    ),
    (
        "its vendor has no vehicle",
        "bed-2",
        "vendor",
        lambda d: request(d, "bed-2").update(vehicles=["van-1"]),
    ),
]


@pytest.mark.parametrize(
    ("name", "code", "change"), [row[1:] for row in INFEASIBLE], ids=[row[0] for row in INFEASIBLE]
)
def test_what_nobody_can_serve_is_left_out_with_the_reason(
    tmp_path: Path, name: str, code: str, change: Change
) -> None:
    document = content()
    change(document)
    done = run(tmp_path, document)
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    left = {item["request"]: item for item in answer["unserved"]}
    assert left[name]["code"] == code
    assert left[name]["reason"]
    assert answer["faults"] == []


def test_what_hangs_on_a_request_that_nobody_can_serve_is_left_out_too(tmp_path: Path) -> None:
    document = content()
    request(document, "bed-1").update(equipment={"lift": 1})
    answer = json.loads(run(tmp_path, document).stdout)
    left = {item["request"]: item["reason"] for item in answer["unserved"]}
    assert "bed-1" in left["wheel-1"]
    assert answer["faults"] == []


def test_a_day_without_vehicles_leaves_everything_out(tmp_path: Path) -> None:
    document = content() | {"vehicles": [], "links": []}
    for entry in document["requests"]:
        for choice in ("pin", "vehicles", "told", "vendors"):
            entry.pop(choice, None)
    answer = json.loads(run(tmp_path, document).stdout)
    assert len(answer["unserved"]) == len(document["requests"])
    assert all(item["reason"] for item in answer["unserved"])
