"""The two protocols: how OSRM and Valhalla are asked for a table, and what counts as an answer.

Everything that comes back is hostile input: a table of another shape, numbers that are none, ways that
take no time or longer than a week are no answer. `None` in a table means that there is no way.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, Protocol

import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError

from marketplace.foundation.geography import Position

Table = list[list[float | None]]
"""Rows are sources, columns targets; None where no way is known."""
MOST_BYTES = 32_000_000
_LONGEST_SECONDS, _LONGEST_METERS = 7 * 86_400.0, 20_000_000.0


class RoadsUnavailable(Exception):
    """The service cannot be reached, is too slow, or is broken for now: worth another try."""


class RoadsRefused(Exception):
    """The service has understood and says no, or speaks another protocol: asking again changes nothing."""


class RoadService(Protocol):
    """A road service that answers tables."""

    name: str

    def table(
        self, sources: Sequence[Position], targets: Sequence[Position], timeout: float
    ) -> tuple[Table, Table]:
        """(seconds, metres) of all ways; raises RoadsUnavailable or RoadsRefused."""


class Osrm:
    """OSRM's table service, version 1: GET /table/v1/{profile}/{lon,lat;...}."""

    name = "OSRM"

    def __init__(self, base_url: str, profile: str = "driving") -> None:
        self._base, self._profile = base_url.rstrip("/"), profile
        self._session = requests.Session()

    def table(
        self, sources: Sequence[Position], targets: Sequence[Position], timeout: float
    ) -> tuple[Table, Table]:
        """Durations and distances; a server built without distances gives none, and None stands for each."""
        places = list(dict.fromkeys([*sources, *targets]))
        number = {place: index for index, place in enumerate(places)}
        path = ";".join(f"{place.longitude:.6f},{place.latitude:.6f}" for place in places)
        query = {
            "sources": ";".join(str(number[place]) for place in sources),
            "destinations": ";".join(str(number[place]) for place in targets),
            "annotations": "duration,distance",
        }
        url = f"{self._base}/table/v1/{self._profile}/{path}"
        found = _document(lambda: self._session.get(url, params=query, timeout=timeout, stream=True))
        if found.get("code") != "Ok":
            raise RoadsRefused(f"OSRM says {str(found.get('code'))[:40]}")
        shape = len(sources), len(targets)
        seconds = _table(found.get("durations"), shape, _LONGEST_SECONDS)
        distances = found.get("distances")
        if distances is None:
            return seconds, [[None] * shape[1] for _ in range(shape[0])]
        return seconds, _table(distances, shape, _LONGEST_METERS)


class Valhalla:
    """Valhalla's matrix service: POST /sources_to_targets."""

    name = "Valhalla"

    def __init__(self, base_url: str, costing: str = "auto") -> None:
        self._base, self._costing = base_url.rstrip("/"), costing
        self._session = requests.Session()

    def table(
        self, sources: Sequence[Position], targets: Sequence[Position], timeout: float
    ) -> tuple[Table, Table]:
        """Times and distances (asked for in kilometres); each cell carries both, or null for no way."""
        body: dict[str, Any] = {
            "sources": [_place(one) for one in sources],
            "targets": [_place(one) for one in targets],
            "costing": self._costing,
            "units": "kilometers",
        }
        url = f"{self._base}/sources_to_targets"
        found = _document(lambda: self._session.post(url, json=body, timeout=timeout, stream=True))
        rows = found.get("sources_to_targets")
        shape = len(sources), len(targets)
        if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
            raise RoadsRefused("Valhalla sends no table")
        seconds = [[_field(cell, "time", 1.0) for cell in row] for row in rows]
        metres = [[_field(cell, "distance", 1000.0) for cell in row] for row in rows]
        return _table(seconds, shape, _LONGEST_SECONDS), _table(metres, shape, _LONGEST_METERS)


def _place(position: Position) -> dict[str, float]:
    return {"lat": round(position.latitude, 6), "lon": round(position.longitude, 6)}


def _field(cell: Any, name: str, unit: float) -> Any:
    value = cell.get(name) if isinstance(cell, dict) else cell
    return value * unit if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _document(ask: Any) -> dict[str, Any]:
    """The answer's JSON object, read up to a limit; a refusal or a mishap as the error that it means."""
    try:
        with ask() as response:
            if response.status_code >= 500 or response.status_code == 429:
                raise RoadsUnavailable(f"it answered {response.status_code}")
            body = response.raw.read(MOST_BYTES + 1, decode_content=True)
            if len(body) > MOST_BYTES:
                raise RoadsRefused("the answer is too large")
            found = json.loads(body)
            if response.status_code >= 400:
                raise RoadsRefused(f"it answered {response.status_code}: {_reason(found)}")
    except (requests.Timeout, ReadTimeoutError):
        raise RoadsUnavailable("it did not answer in time") from None
    except (requests.RequestException, HTTPError, OSError) as problem:
        raise RoadsUnavailable(f"it cannot be reached ({type(problem).__name__})") from None
    except ValueError:
        raise RoadsUnavailable("its answer is no JSON") from None
    if not isinstance(found, dict):
        raise RoadsRefused("its answer is no object")
    return found


def _reason(found: Any) -> str:
    if not isinstance(found, dict):
        return "no reason given"
    return str(found.get("message") or found.get("error") or found.get("code") or "no reason given")[:120]


def _table(found: Any, shape: tuple[int, int], most: float) -> Table:
    """A table of the right shape with sound numbers; raises RoadsRefused for anything else."""
    if not isinstance(found, list) or len(found) != shape[0]:
        raise RoadsRefused("its table has another shape")
    rows: Table = []
    for row in found:
        if not isinstance(row, list) or len(row) != shape[1]:
            raise RoadsRefused("its table has another shape")
        rows.append([_number(value, most) for value in row])
    return rows


def _number(value: Any, most: float) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise RoadsRefused("its table holds something that is no number")
    if not 0 <= value <= most:
        raise RoadsRefused("its table holds an impossible number")
    return float(value)
