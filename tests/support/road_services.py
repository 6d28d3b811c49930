"""A small real HTTP server that speaks OSRM's and Valhalla's table protocols, well or badly as it is told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

SECONDS_PER_DEGREE, METERS_PER_DEGREE = 10_000.0, 100_000.0
Point = tuple[float, float]


@dataclass
class Manners:
    """How the server answers from now on; `asked` counts requests."""

    delay_seconds: float = 0.0
    status: int = 200
    body: bytes | None = None
    """Sent as it stands instead of a table."""
    no_way_to: set[Point] = field(default_factory=set)
    without_distances: bool = False
    asked: int = 0
    cells: int = 0


def seconds_between(start: Point, end: Point) -> float:
    """What the server's roads take: the sum of the differences in degrees, ten thousand seconds each."""
    return (abs(start[0] - end[0]) + abs(start[1] - end[1])) * SECONDS_PER_DEGREE


@contextmanager
def road_server() -> Iterator[tuple[str, Manners]]:
    """Its address and its manners, for the block."""
    manners = Manners()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            self._answer(_osrm(self.path, manners))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(_valhalla(json.loads(body), manners))

        def _answer(self, document: dict[str, Any]) -> None:
            manners.asked += 1
            time.sleep(manners.delay_seconds)
            body = json.dumps(document).encode() if manners.body is None else manners.body
            self.send_response(manners.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", manners
    finally:
        server.shutdown()
        server.server_close()


def _osrm(path: str, manners: Manners) -> dict[str, Any]:
    found = urlsplit(path)
    _, table, version, profile, coordinates = found.path.split("/")
    assert (table, version, profile) == ("table", "v1", "driving")
    points = [tuple(reversed([float(part) for part in one.split(",")])) for one in coordinates.split(";")]
    query = parse_qs(found.query)
    sources = [points[int(one)] for one in query["sources"][0].split(";")]
    targets = [points[int(one)] for one in query["destinations"][0].split(";")]
    seconds = [[_seconds(start, end, manners) for end in targets] for start in sources]
    answer: dict[str, Any] = {"code": "Ok", "durations": seconds}
    if not manners.without_distances:
        answer["distances"] = [[_metres(one) for one in row] for row in seconds]
    return answer


def _valhalla(body: dict[str, Any], manners: Manners) -> dict[str, Any]:
    assert body["costing"] == "auto"
    assert body["units"] == "kilometers"
    sources = [(one["lat"], one["lon"]) for one in body["sources"]]
    targets = [(one["lat"], one["lon"]) for one in body["targets"]]
    rows = []
    for from_index, start in enumerate(sources):
        row = []
        for to_index, end in enumerate(targets):
            time_ = _seconds(start, end, manners)
            metres = _metres(time_)
            distance = None if metres is None else metres / 1000
            row.append({"from_index": from_index, "to_index": to_index, "time": time_, "distance": distance})
        rows.append(row)
    return {"sources_to_targets": rows, "units": "kilometers"}


def _seconds(start: Any, end: Any, manners: Manners) -> float | None:
    manners.cells += 1
    return None if end in manners.no_way_to else round(seconds_between(start, end), 1)


def _metres(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * METERS_PER_DEGREE / SECONDS_PER_DEGREE
