"""Credentials that begin or end during the day: the compiled search's limits for a request on a vehicle."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from dispatch.optimizer.calls import Call, CallTable, credential_bounds
from dispatch.optimizer.fleet import Credential, Vehicle
from dispatch.optimizer.links import Key
from dispatch.optimizer.requests import Request

Span = tuple[int, int]
"""From the start of the first service to the end of the last one, in seconds."""


@dataclass(frozen=True, slots=True)
class Crews:
    """The vehicles by the credentials that they hold, and how those stand while there is work."""

    rows: tuple[tuple[int, ...], ...]
    """Rows of vehicles that hold the same."""
    examples: tuple[Vehicle, ...]
    """One of each."""

    @classmethod
    def of(cls, vehicles: Sequence[Vehicle]) -> Self:
        """Group the vehicles."""
        found: dict[tuple[Credential, ...], list[int]] = {}
        for row, vehicle in enumerate(vehicles):
            found.setdefault(vehicle.credentials, []).append(row)
        return cls(tuple(map(tuple, found.values())), tuple(vehicles[rows[0]] for rows in found.values()))

    def never(self, request: Request, span: Span) -> list[int]:
        """The rows of vehicles that are credentialed for a request at no moment of the span it may take."""
        return [
            row
            for rows, example in zip(self.rows, self.examples, strict=True)
            if _never(credential_bounds(example, request), span)
            for row in rows
        ]

    def partly(self, request: Request, span: Span) -> Iterable[tuple[tuple[int, ...], Span]]:
        """Rows of vehicles credentialed for a request during a part of its span only, and that part."""
        for rows, example in zip(self.rows, self.examples, strict=True):
            valid = credential_bounds(example, request)
            if valid is not None and not _always(valid, span) and not _never(valid, span):
                yield rows, valid


def _always(valid: Span, span: Span) -> bool:
    return valid[0] <= span[0] and span[1] <= valid[1]


def _never(valid: Span | None, span: Span) -> bool:
    return valid is None or valid[1] < span[0] or span[1] < valid[0]


def span_of(calls: Sequence[Call], windows: Mapping[Key, Span]) -> Span:
    """The most that a request's services may take, its points' windows narrowed by those given."""
    first, last = calls[0], calls[-1]
    lower, _ = windows.get(first.key, (first.lower, first.upper))
    _, upper = windows.get(last.key, (last.lower, last.upper))
    return max(lower, first.lower), min(upper, last.upper) + last.service


def limits(
    vehicles: Sequence[Vehicle],
    requests: Sequence[Request],
    calls: CallTable,
    windows: Mapping[Key, Span],
    begun: Collection[str],
) -> dict[str, npt.NDArray[np.float64]]:
    """``valid_from`` and ``valid_until`` by request and vehicle, nothing where no credential ends midway.

    Requests that are ``begun`` have no limits: they go on.
    """
    crews = Crews.of(vehicles)
    starts = np.full((len(requests), len(vehicles)), -np.inf)
    ends = np.full((len(requests), len(vehicles)), np.inf)
    limited = False
    for row, request in enumerate(requests):
        if not request.credentials or request.id in begun:
            continue
        for columns, valid in crews.partly(request, span_of(calls[request.id], windows)):
            starts[row, columns], ends[row, columns] = valid
            limited = True
    return {"valid_from": starts, "valid_until": ends} if limited else {}
