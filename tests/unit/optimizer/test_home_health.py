"""Home-health files: read, solved, verified by plain rules, and refused with the key named."""

import json
from copy import deepcopy
from itertools import permutations, product
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from dispatch.benchmarks.home_health_day import home_health_day
from dispatch.commands.solve import solve
from dispatch.optimizer.errors import ProblemError
from dispatch.optimizer.formats.mankowska import read, solve_file
from dispatch.optimizer.formats.mankowska_rules import faults, objective, rules_of
from dispatch.optimizer.stop import Stop

Content = dict[str, Any]


def written(folder: Path, content: Content) -> Path:
    path = folder / "day.json"
    path.write_text(json.dumps(content))
    return path


@pytest.fixture(scope="module")
def day() -> Content:
    return home_health_day(12, seed=3)


@pytest.fixture(scope="module")
def plan(day: Content, tmp_path_factory: pytest.TempPathFactory) -> Content:
    path = written(tmp_path_factory.mktemp("day"), day)
    return solve_file(path, Stop(iterations=40_000), seed=1, check=True)


@pytest.mark.parametrize("seed", range(6))
def test_every_plan_of_made_up_days_keeps_the_plain_rules(tmp_path: Path, seed: int) -> None:
    document = solve_file(
        written(tmp_path, home_health_day(20, seed)), Stop(iterations=20_000), seed, check=True
    )
    assert document["faults"] == []
    assert document["unserved"] == []


def test_a_seed_and_a_number_of_iterations_give_the_same_plan(day: Content, tmp_path: Path) -> None:
    path = written(tmp_path, day)
    first, second = (solve_file(path, Stop(iterations=5000), seed=4, threads=2) for _ in range(2))
    assert first["routes"] == second["routes"]
    assert first["iterations"] == second["iterations"]


def test_the_best_plan_of_a_tiny_day_is_found(tmp_path: Path) -> None:
    content = home_health_day(5, seed=8)
    document = solve_file(written(tmp_path, content), Stop(iterations=50_000), check=True)
    assert document["faults"] == []
    assert document["cost"] == pytest.approx(_least_cost(content), abs=1e-6)


def _least_cost(content: Content) -> float:
    """By trying every order of patients and every assignment, each patient's services begun together."""
    rules = rules_of(content)
    able = [
        [[c["id"] for c in content["caregivers"] if need["service"] in c["abilities"]] for need in needs]
        for needs in (patient["required_caregivers"] for patient in content["patients"])
    ]
    choices = [[team for team in product(*ways) if len(set(team)) == len(team)] for ways in able]
    return min(
        objective(rules, _decoded(content, order, teams))
        for order in permutations(range(len(choices)))
        for teams in product(*choices)
    )


def _decoded(content: Content, order: tuple[int, ...], teams: tuple[tuple[str, ...], ...]) -> list[Content]:
    routes = {c["id"]: {"vehicle": c["id"], "stops": [], "starts": []} for c in content["caregivers"]}
    free = dict.fromkeys(routes, (0.0, 0))
    for number in order:
        patient, team = content["patients"][number], teams[number]
        ready = [
            max(free[who][0] + content["distances"][free[who][1]][number + 1], patient["time_window"][0])
            for who in team
        ]
        rule = patient.get("synchronization", {"type": "simultaneous"})
        least, most = rule.get("distance", (0, 0))
        if len(team) == 2:
            ready[1] = max(ready[1], ready[0] + least)
            ready[0] = max(ready[0], ready[1] - most)
        for who, start, need in zip(team, ready, patient["required_caregivers"], strict=True):
            routes[who]["stops"].append([patient["id"], need["service"]])
            routes[who]["starts"].append(start)
            free[who] = (start + need["duration"], number + 1)
    return [route for route in routes.values() if route["stops"]]


def test_a_patient_whom_nobody_can_serve_is_left_out_with_the_reason(tmp_path: Path, day: Content) -> None:
    content = deepcopy(day)
    content["patients"][0]["required_caregivers"][0]["service"] = "s9"
    done = CliRunner().invoke(
        solve, [str(written(tmp_path, content)), "--format", "mankowska", "--iterations", "500",
                "--check", "--json"],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["unserved"] == [{"stop": "p1", "reason": "no caregiver can do s9"}]
    assert document["faults"] == []


def test_two_services_that_only_one_caregiver_can_do_are_left_out(tmp_path: Path) -> None:
    content = home_health_day(6, seed=1)
    pair = next(p for p in content["patients"] if len(p["required_caregivers"]) == 2)
    for need, name in zip(pair["required_caregivers"], ("a", "b"), strict=True):
        need["service"] = name
    content["caregivers"][0]["abilities"] += ["a", "b"]
    document = solve_file(written(tmp_path, content), Stop(iterations=500), check=True)
    assert [item["stop"] for item in document["unserved"]] == [pair["id"]]
    assert "two caregivers" in document["unserved"][0]["reason"]


def _late_pair(plan: Content) -> None:
    """The last start of a service of a pair is put off by a day."""
    names = [stop[0] for route in plan["routes"] for stop in route["stops"]]
    for route in plan["routes"]:
        for position, stop in enumerate(route["stops"]):
            if names.count(stop[0]) == 2:
                route["starts"][position] += 1440.0
                return


def _exchanged(plan: Content) -> None:
    """Caregivers of the two kinds of services change their rounds."""
    kinds = {route["stops"][0][1] in ("s1", "s2", "s3"): route for route in plan["routes"]}
    kinds[True]["vehicle"], kinds[False]["vehicle"] = kinds[False]["vehicle"], kinds[True]["vehicle"]


CORRUPTIONS = {
    "exactly once": lambda plan: plan["routes"][0]["stops"].pop() and plan["routes"][0]["starts"].pop(),
    "two rounds": lambda plan: plan["routes"][1].update(vehicle=plan["routes"][0]["vehicle"]),
    "no caregiver": lambda plan: plan["routes"][0].update(vehicle="nobody"),
    "before its window": lambda plan: plan["routes"][0]["starts"].__setitem__(0, -1.0),
    "can be there": lambda plan: plan["routes"][0]["starts"].__setitem__(
        1, plan["routes"][0]["starts"][0] + 1
    ),
    "apart": _late_pair,
    "cannot do": _exchanged,
}


@pytest.mark.parametrize("words", CORRUPTIONS)
def test_the_plain_rules_name_what_is_broken(day: Content, plan: Content, words: str) -> None:
    assert plan["faults"] == []
    broken = deepcopy(plan)
    CORRUPTIONS[words](broken)
    found = faults(rules_of(day), broken["routes"], broken["unserved"])
    assert any(words in fault for fault in found), found


BAD: list[tuple[str, Any]] = [
    ("patients", lambda c: c.pop("patients")),
    ("patients[1]", lambda c: c["patients"].__setitem__(1, 7)),
    ("patients[0].id", lambda c: c["patients"][0].update(id=4)),
    ("patients[1].id", lambda c: c["patients"][1].update(id="p1")),
    ("patients[0].time_window", lambda c: c["patients"][0].update(time_window=[9, 2])),
    ("patients[0].time_window", lambda c: c["patients"][0].update(time_window=[-5, 2])),
    ("patients[0].time_window[0]", lambda c: c["patients"][0].update(time_window=[float("nan"), 2])),
    ("patients[0].required_caregivers", lambda c: c["patients"][0].update(required_caregivers=[])),
    (
        "patients[0].required_caregivers[0].duration",
        lambda c: c["patients"][0]["required_caregivers"][0].update(duration=-1),
    ),
    ("patients[11].synchronization", lambda c: c["patients"][11].pop("synchronization")),
    ("patients[11].synchronization.type", lambda c: c["patients"][11].update(synchronization={"type": "x"})),
    (
        "patients[11].synchronization.distance",
        lambda c: c["patients"][11].update(synchronization={"type": "sequential", "distance": [9, 2]}),
    ),
    (
        "patients[11].required_caregivers",
        lambda c: c["patients"][11].update(required_caregivers=[{"service": "s1", "duration": 1}] * 2),
    ),
    ("caregivers", lambda c: c.update(caregivers=[])),
    ("caregivers[0].abilities", lambda c: c["caregivers"][0].update(abilities="s1")),
    ("distances", lambda c: c.pop("distances")),
    ("distances[3]", lambda c: c["distances"][3].pop()),
    ("distances[3]", lambda c: c["distances"][3].__setitem__(0, -1)),
    ("distances[0][1]", lambda c: c["distances"][0].__setitem__(1, float("inf"))),
]


@pytest.mark.parametrize(("key", "spoil"), BAD)
def test_a_bad_file_is_refused_with_its_key(tmp_path: Path, day: Content, key: str, spoil: Any) -> None:
    content = deepcopy(day)
    spoil(content)
    with pytest.raises(ProblemError) as refused:
        read(content)
    assert refused.value.key == key
    done = CliRunner().invoke(solve, [str(written(tmp_path, content)), "--format", "mankowska"])
    assert done.exit_code == 2
    assert key in done.output
