"""Credentials that begin or end during the day: the compiled search's limits for a request on a vehicle."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import numpy.typing as npt

from dispatch.optimizer.calls import Call, CallTable, credential_bounds
from dispatch.optimizer.fleet import Credential, Vehicle
from dispatch.optimizer.links import Key
from dispatch.optimizer.requests import Request

Span = tuple[int, int]
"""From the start of the first service to the end of the last one, in seconds."""


@dataclass(slots=True)
class Crews:
    """The vehicles by the credentials that they hold, and how those stand while there is work."""

    rows: list[list[int]]
    """Rows of vehicles that hold the same."""
    examples: list[Vehicle]
    """One of each."""
    lasting: list[frozenset[str]]
    """What each holds as long as there is work."""
    judged: dict[frozenset[str], tuple[list[int], list[int]]] = field(default_factory=dict)
    """By what is needed: rows that lack some of it, and the groups whose credentials must be looked at."""

    @classmethod
    def of(cls, vehicles: Sequence[Vehicle], requests: Sequence[Request]) -> Self:
        """Group the vehicles that are to serve these requests."""
        found: dict[tuple[Credential, ...], list[int]] = {}
        for row, vehicle in enumerate(vehicles):
            found.setdefault(vehicle.credentials, []).append(row)
        begin = min((request.first.earliest for request in requests), default=0)
        end = max((request.last.latest + request.last.service_seconds for request in requests), default=0)
        lasting = [
            frozenset(c.name for c in held if c.valid_from <= begin and end <= c.valid_to) for held in found
        ]
        return cls(list(found.values()), [vehicles[rows[0]] for rows in found.values()], lasting)

    def never(self, request: Request, span: Span) -> list[int]:
        """The rows of vehicles that are credentialed for a request at no moment of the span it may take."""
        lacking, unsure = self._judge(request.credentials)
        rows = list(lacking)
        for group in unsure:
            if _never(credential_bounds(self.examples[group], request), span):
                rows += self.rows[group]
        return rows

    def partly(self, request: Request, span: Span) -> Iterable[tuple[list[int], Span]]:
        """Rows of vehicles credentialed for a request during a part of its span only, and that part."""
        for group in self._judge(request.credentials)[1]:
            valid = credential_bounds(self.examples[group], request)
            if valid is not None and not _always(valid, span) and not _never(valid, span):
                yield self.rows[group], valid

    def _judge(self, needed: frozenset[str]) -> tuple[list[int], list[int]]:
        """Judge the groups once for whatever needs the same."""
        if needed not in self.judged:
            lacking, unsure = self.judged[needed] = [], []
            for group, example in enumerate(self.examples):
                if needed <= self.lasting[group]:
                    continue
                if needed <= {credential.name for credential in example.credentials}:
                    unsure.append(group)
                else:
                    lacking += self.rows[group]
        return self.judged[needed]


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
    crews: Crews,
    vehicles: int,
    requests: Sequence[Request],
    calls: CallTable,
    windows: Mapping[Key, Span],
    begun: Collection[str],
) -> dict[str, npt.NDArray[np.float64]]:
    """``valid_from`` and ``valid_until`` by request and vehicle, nothing where no credential ends midway.

    Requests that are ``begun`` have no limits: they go on.
    """
    starts = np.full((len(requests), vehicles), -np.inf)
    ends = np.full((len(requests), vehicles), np.inf)
    limited = False
    for row, request in enumerate(requests):
        if not request.credentials or request.id in begun:
            continue
        for columns, valid in crews.partly(request, span_of(calls[request.id], windows)):
            starts[row, columns], ends[row, columns] = valid
            limited = True
    return {"valid_from": starts, "valid_until": ends} if limited else {}
