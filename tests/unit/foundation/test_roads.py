"""Road services over HTTP: asked in their own protocols, cached, bounded in time, never without an answer."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from marketplace.cli.doctor import CHECKS, Finding
from marketplace.foundation.crypto import Vault
from marketplace.foundation.db import Databases
from marketplace.foundation.geography import GreatCircleTravel, Position
from marketplace.foundation.roads import RoadTravel, sources_of, travel_model
from marketplace.foundation.roads.breaker import Breaker
from marketplace.foundation.roads.model import Limits, Ways
from marketplace.foundation.roads.services import Osrm, RoadsRefused, RoadsUnavailable, Valhalla
from marketplace.foundation.service import Registry
from marketplace.foundation.settings import Settings, UnsafeSettings, settings_from
from marketplace.foundation.work import Runtime
from tests.support.road_services import Manners, road_server, seconds_between

ZONE = ZoneInfo("America/Los_Angeles")
NIGHT = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)  # 03:00 local: empty roads
AFTERNOON = datetime(2026, 11, 24, 23, 0, tzinfo=UTC)  # 15:00 local
A, B, C = Position(45.54, -122.67), Position(45.52, -122.6), Position(45.48, -122.78)
PLACES = [A, B, C]
EMBEDDED = GreatCircleTravel(ZONE)


@pytest.fixture
def roads() -> Iterator[tuple[str, Manners]]:
    """A road service of our own on loopback."""
    with road_server() as server:
        yield server


def between(start: Position, end: Position) -> int:
    """The service's seconds between two places, rounded up as the model does."""
    exact = seconds_between((start.latitude, start.longitude), (end.latitude, end.longitude))
    return math.ceil(round(exact, 1))


@pytest.mark.parametrize("kind", [Osrm, Valhalla])
def test_a_table_of_either_service_becomes_seconds_and_metres(
    roads: tuple[str, Manners], kind: type[Osrm | Valhalla]
) -> None:
    url, _ = roads
    model = RoadTravel(kind(url), EMBEDDED)
    seconds, metres = model.matrix(PLACES, NIGHT)
    assert seconds == [[0 if one == two else between(one, two) for two in PLACES] for one in PLACES]
    assert metres[0][1] == pytest.approx(10 * seconds[0][1], abs=10)
    assert [metres[index][index] for index in range(3)] == [0, 0, 0]
    assert model.told == f"{kind.name}."
    assert not model.fell_back


def test_what_is_known_is_not_asked_again(roads: tuple[str, Manners]) -> None:
    url, manners = roads
    model = RoadTravel(Osrm(url), EMBEDDED)
    model.matrix([A, B], NIGHT)
    assert (manners.asked, manners.cells) == (1, 4)
    model.matrix([A, B], AFTERNOON)
    assert model.travel(A, B, NIGHT).seconds == between(A, B)
    assert manners.asked == 1
    model.matrix([A, B, C], NIGHT)
    assert manners.asked == 2


def test_large_tables_are_asked_for_in_parts(roads: tuple[str, Manners]) -> None:
    url, manners = roads
    model = RoadTravel(Osrm(url), EMBEDDED, limits=Limits(largest_side=2))
    seconds, _ = model.matrix(PLACES, NIGHT)
    assert manners.asked == 4
    assert seconds[2][0] == between(C, A)


def test_free_flow_times_are_stretched_by_the_hour_unless_the_service_knows_traffic(
    roads: tuple[str, Manners],
) -> None:
    url, _ = roads
    free = RoadTravel(Osrm(url), EMBEDDED, by_hour=False).travel(A, B, AFTERNOON).seconds
    busy = RoadTravel(Osrm(url), EMBEDDED).travel(A, B, AFTERNOON).seconds
    assert free == between(A, B)
    assert busy == pytest.approx(free * EMBEDDED.slowdown(AFTERNOON), abs=2)
    assert EMBEDDED.slowdown(NIGHT) == 1.0


def test_ways_the_service_does_not_know_are_estimated_and_counted(roads: tuple[str, Manners]) -> None:
    url, manners = roads
    manners.no_way_to = {(C.latitude, C.longitude)}
    model = RoadTravel(Valhalla(url), EMBEDDED)
    seconds, metres = model.matrix(PLACES, NIGHT)
    expected = EMBEDDED.travel(A, C, NIGHT)
    assert (seconds[0][2], metres[0][2]) == (expected.seconds, expected.meters)
    assert seconds[2][0] == between(C, A)
    assert model.told == "Valhalla; 2 of 6 ways are estimates, because it knows no road between their ends."


def test_a_server_built_without_distances_still_gives_its_times(roads: tuple[str, Manners]) -> None:
    url, manners = roads
    manners.without_distances = True
    way = RoadTravel(Osrm(url), EMBEDDED).travel(A, B, NIGHT)
    assert way.seconds == between(A, B)
    assert way.meters == EMBEDDED.travel(A, B, NIGHT).meters


def test_a_slow_service_is_given_up_and_the_estimate_says_so(roads: tuple[str, Manners]) -> None:
    url, manners = roads
    manners.delay_seconds = 1.0
    model = RoadTravel(Osrm(url), EMBEDDED, limits=Limits(timeout_seconds=0.15, tries=2))
    began = time.monotonic()
    seconds, metres = model.matrix(PLACES, NIGHT)
    assert time.monotonic() - began < 0.9
    assert (seconds, metres) == EMBEDDED.matrix(PLACES, NIGHT)
    assert model.fell_back
    assert "OSRM was not used, it did not answer in time." in model.told


def test_after_failures_in_a_row_nobody_is_asked_for_a_while(roads: tuple[str, Manners]) -> None:
    url, manners = roads
    now = [100.0]
    breaker = Breaker(failures=3, rest_seconds=60, clock=lambda: now[0])
    manners.status = 503
    model = RoadTravel(Osrm(url), EMBEDDED, breaker=breaker, limits=Limits(tries=2))
    model.matrix(PLACES, NIGHT)
    model.matrix(PLACES, NIGHT)
    assert manners.asked == 3
    model.matrix(PLACES, NIGHT)
    assert manners.asked == 3
    assert "after failing before: it answered 503" in model.told
    manners.status = 200
    now[0] += 61
    model.matrix(PLACES, NIGHT)
    assert manners.asked == 4
    assert model.told == "OSRM."


@pytest.mark.parametrize(
    "body",
    [
        b"<html>no table here</html>",
        b"[]",
        b'{"code": "Ok"}',
        b'{"code": "InvalidQuery", "message": "no"}',
        b'{"code": "Ok", "durations": [[0]], "distances": [[0]]}',
        b'{"code": "Ok", "durations": [[0, -5, 1], [1, 0, 1], [1, 1, 0]]}',
        b'{"code": "Ok", "durations": [[0, NaN, 1], [1, 0, 1], [1, 1, 0]]}',
        b'{"code": "Ok", "durations": [[0, "soon", 1], [1, 0, 1], [1, 1, 0]]}',
        b'{"code": "Ok", "durations": [[0, 1e300, 1], [1, 0, 1], [1, 1, 0]]}',
        b'{"sources_to_targets": [[{"time": true}]]}',
    ],
)
@pytest.mark.parametrize("kind", [Osrm, Valhalla])
def test_whatever_is_no_sound_table_is_refused_and_estimated(
    roads: tuple[str, Manners], kind: type[Osrm | Valhalla], body: bytes
) -> None:
    url, manners = roads
    manners.body = body
    with pytest.raises((RoadsRefused, RoadsUnavailable)):
        kind(url).table(PLACES, PLACES, 2.0)
    model = RoadTravel(kind(url), EMBEDDED)
    assert model.matrix(PLACES, NIGHT) == EMBEDDED.matrix(PLACES, NIGHT)
    assert model.fell_back


def test_a_service_that_is_not_there_is_no_end_of_planning() -> None:
    model = RoadTravel(Valhalla("http://127.0.0.1:9"), EMBEDDED)
    assert model.matrix(PLACES, NIGHT) == EMBEDDED.matrix(PLACES, NIGHT)
    assert "Valhalla was not used, it cannot be reached" in model.told


def test_the_oldest_ways_are_forgotten_first_and_old_ones_are_asked_anew() -> None:
    now = [0.0]
    ways = Ways(most=2, lasting=10, clock=lambda: now[0])
    ways.put((1, 1, 2, 2), 1, 1)
    ways.put((1, 1, 3, 3), 2, 2)
    ways.put((1, 1, 4, 4), 3, 3)
    assert ways.get((1, 1, 2, 2)) is None
    assert ways.get((1, 1, 3, 3)) == (2, 2)
    now[0] = 11
    assert ways.get((1, 1, 3, 3)) is None


def configured(folder: Path, **values: str) -> Settings:
    """Settings with these HOMEWARD_ values."""
    environ = {"HOMEWARD_ENVIRONMENT": "test", **{f"HOMEWARD_{key}": value for key, value in values.items()}}
    return settings_from(environ, data_dir=folder, development_secret="x" * 32)


def test_the_environment_chooses_the_model(roads: tuple[str, Manners], tmp_path: Path) -> None:
    url, _ = roads
    assert isinstance(travel_model(configured(tmp_path), ZONE), GreatCircleTravel)
    chosen = travel_model(configured(tmp_path, ROUTER="valhalla", ROUTER_URL=url), ZONE)
    assert chosen.travel(A, B, NIGHT).seconds == between(A, B)
    assert sources_of(chosen) == "Valhalla."
    assert sources_of(EMBEDDED) == "Estimated by great circles and the usual speed of the hour."


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"ROUTER": "google", "ROUTER_URL": "http://x"}, "HOMEWARD_ROUTER is"),
        ({"ROUTER": "osrm"}, "HOMEWARD_ROUTER_URL"),
        ({"ROUTER": "osrm", "ROUTER_URL": "file:///etc"}, "HOMEWARD_ROUTER_URL"),
        ({"ROUTER": "osrm", "ROUTER_URL": "http://x", "ROUTER_TIMEOUT_MS": "1"}, "ROUTER_TIMEOUT_MS"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_its_name(
    tmp_path: Path, values: dict[str, str], wrong: str
) -> None:
    with pytest.raises(UnsafeSettings, match=wrong):
        travel_model(configured(tmp_path, **values), ZONE)


def test_the_doctor_asks_the_service_and_says_what_to_do_when_it_fails(
    roads: tuple[str, Manners], tmp_path: Path
) -> None:
    url, manners = roads

    def finding(**values: str) -> Finding:
        settings = configured(tmp_path, **values)
        runtime = Runtime(settings, Databases(settings), Vault(settings), Registry(()))
        return CHECKS["travel times"](runtime)

    assert finding().fine
    assert finding(ROUTER="osrm", ROUTER_URL=url).seen == "OSRM."
    manners.status = 500
    broken = finding(ROUTER="osrm", ROUTER_URL=url, ROUTER_TIMEOUT_MS="900", ROUTER_PROBE="45.1,-122.1")
    assert not broken.fine
    assert "OSRM was not used, it answered 500" in broken.seen
    assert "HOMEWARD_ROUTER_URL" in broken.remedy
