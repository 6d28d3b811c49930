"""The course of a service in the field: which report may follow which, for rides, deliveries and visits."""

from __future__ import annotations

from enum import StrEnum

from marketplace.bookings.words import BookingKind, ServiceStatus
from marketplace.foundation.transitions import StateTable

_T = ServiceStatus


class _Start(StrEnum):
    """Before the first report."""

    NOT_STARTED = "not_started"


RIDE_COURSE: StateTable[StrEnum] = StateTable(
    "ride",
    {
        _Start.NOT_STARTED: [_T.EN_ROUTE_PICKUP],
        _T.EN_ROUTE_PICKUP: [_T.ARRIVED_PICKUP],
        _T.ARRIVED_PICKUP: [_T.ON_BOARD, _T.RIDER_NO_SHOW, _T.REFUSED],
        _T.ON_BOARD: [_T.ARRIVED_DROPOFF],
        _T.ARRIVED_DROPOFF: [_T.COMPLETED],
        _T.COMPLETED: [],
        _T.RIDER_NO_SHOW: [],
        _T.REFUSED: [],
    },
)
"""A ride: a no-show needs a vehicle that was there."""

DELIVERY_COURSE: StateTable[StrEnum] = StateTable(
    "delivery",
    {
        _Start.NOT_STARTED: [_T.PICKED, _T.LOADED, _T.EN_ROUTE],
        _T.PICKED: [_T.LOADED, _T.EN_ROUTE],
        _T.LOADED: [_T.EN_ROUTE],
        _T.EN_ROUTE: [_T.ARRIVED],
        _T.ARRIVED: [_T.SET_UP, _T.ACCEPTED_BY_RECEIVER, _T.REFUSED, _T.NOBODY_HOME, _T.WRONG_ITEM],
        _T.SET_UP: [_T.ACCEPTED_BY_RECEIVER, _T.REFUSED, _T.WRONG_ITEM],
        _T.ACCEPTED_BY_RECEIVER: [_T.COMPLETED],
        _T.COMPLETED: [],
        _T.REFUSED: [],
        _T.NOBODY_HOME: [],
        _T.WRONG_ITEM: [],
    },
)
"""A delivery: it is done only when somebody at the home has taken it over."""

VISIT_COURSE: StateTable[StrEnum] = StateTable(
    "visit",
    {
        _Start.NOT_STARTED: [_T.EN_ROUTE, _T.MISSED],
        _T.EN_ROUTE: [_T.ARRIVED, _T.MISSED],
        _T.ARRIVED: [_T.STARTED, _T.REFUSED, _T.MISSED],
        _T.STARTED: [_T.ENDED],
        _T.ENDED: [_T.COMPLETED],
        _T.COMPLETED: [],
        _T.REFUSED: [],
        _T.MISSED: [],
    },
)
"""A home-health visit: it begins and ends with the patient, and can be missed until it has begun."""
_COURSES = {
    BookingKind.RIDE: RIDE_COURSE,
    BookingKind.EQUIPMENT: DELIVERY_COURSE,
    BookingKind.HOME_HEALTH: VISIT_COURSE,
}


def require_next(kind: BookingKind, current: ServiceStatus | None, following: ServiceStatus) -> None:
    """Raise TransitionRefused (409), naming what may follow, unless the report fits the course."""
    _COURSES[kind].require(current or _Start.NOT_STARTED, following)


def next_statuses(kind: BookingKind, current: ServiceStatus | None) -> list[ServiceStatus]:
    """What the crew may report next, in the order of the words."""
    allowed = _COURSES[kind].moves[current or _Start.NOT_STARTED]
    return [status for status in ServiceStatus if status in allowed]
