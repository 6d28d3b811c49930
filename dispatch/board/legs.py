"""One leg of the board, and the day of a vehicle put together for the question how late it will be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dispatch.board.reading import PlannedLeg
from dispatch.board.risk import Risk, Visit, played
from dispatch.field.words import ENDED_WITHOUT_SERVICE, FieldStatus
from dispatch.field.words_for_people import SOUNDS
from dispatch.planning.reading import travel_of
from marketplace.bookings.words import LEVEL_LABELS, BookingKind, PlaceKind, WindowAnchor
from marketplace.foundation.geography import Position

_ENDED = ENDED_WITHOUT_SERVICE | {FieldStatus.COMPLETED}
_AT_FIRST_STOP = frozenset({FieldStatus.ARRIVED_PICKUP, FieldStatus.ARRIVED, FieldStatus.SET_UP})
_PAST_FIRST_STOP = frozenset(
    {FieldStatus.ON_BOARD, FieldStatus.ARRIVED_DROPOFF, FieldStatus.ACCEPTED_BY_RECEIVER}
)


@dataclass(frozen=True, slots=True)
class Leg:
    """A planned service with its risk."""

    planned: PlannedLeg
    risk: Risk
    expected_at: datetime
    """When the vehicle will probably be there."""

    @property
    def status(self) -> FieldStatus:
        """How far the crew is."""
        return _status(self.planned)

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do."""
        return self.status in _ENDED

    @property
    def has_begun(self) -> bool:
        """Whether the crew has set off: it stays where it is."""
        return self.status not in (FieldStatus.ASSIGNED, FieldStatus.LOADED)

    @property
    def tone(self) -> str:
        """The tone of its state and risk together."""
        if self.is_over or self.has_begun:
            return SOUNDS[self.status][1]
        return self.risk.tone if self.risk.tone != "good" else ""

    @property
    def said(self) -> str:
        """Its state in words, with the risk where there is one to watch."""
        words = SOUNDS[self.status][0]
        if not self.is_over and self.risk.tone != "good":
            return f"{words}, {self.risk.late_percent} % likely late"
        return words

    @property
    def work(self) -> str:
        """What is done, in two words or three."""
        if self.planned.level_of_service:
            return LEVEL_LABELS[self.planned.level_of_service]
        return "Equipment" if self.planned.kind is BookingKind.EQUIPMENT else "Visit"


class _Call(NamedTuple):
    """One stop of a leg, in seconds of the day."""

    leg: int
    first: bool
    place: Position
    planned_at: int
    service_seconds: int


def with_risks(planned: Sequence[PlannedLeg], home: Position, zone: ZoneInfo, now: datetime) -> list[Leg]:
    """A vehicle's legs in the order of their times, each with the chance of being late.

    Business time counts to the whole minute: what has not happened by then is not before it.
    """
    if not planned:
        return []
    first = planned[0]
    zero = first.leaves_at.replace(hour=0, minute=0, second=0, microsecond=0)
    calls = sorted(
        (call for number, leg in enumerate(planned) for call in _calls(number, leg, zero)),
        key=lambda call: (call.planned_at, not call.first),
    )
    minute = _seconds(now.replace(second=0, microsecond=0), zero)
    visits = _visits(calls, planned, home, zone, zero)
    risks = played(visits, _seconds(first.leaves_at, zero), minute, first.vehicle_id.int & 0xFFFFFFFF)
    found = {call.leg: risk for call, risk in zip(calls, risks, strict=True) if call.first}
    return [
        Leg(leg, found[number], zero + timedelta(seconds=found[number].expected_at))
        for number, leg in enumerate(planned)
    ]


def _calls(number: int, leg: PlannedLeg, zero: datetime) -> list[_Call]:
    starts, origin = _seconds(leg.starts_at, zero), leg.origin
    if origin is None:
        return [_Call(number, True, leg.destination, starts, leg.service_seconds)]
    ends = _seconds(leg.ends_at, zero) - leg.dropoff_seconds
    return [
        _Call(number, True, origin, starts, leg.service_seconds),
        _Call(number, False, leg.destination, ends, leg.dropoff_seconds),
    ]


def _visits(
    calls: Sequence[_Call], planned: Sequence[PlannedLeg], home: Position, zone: ZoneInfo, zero: datetime
) -> tuple[Visit, ...]:
    place, found = home, []
    for call in calls:
        drive = _drive(zone, place, call.place, zero + timedelta(seconds=call.planned_at))
        found.append(_visit(call, planned[call.leg], drive, zero))
        place = call.place
    return tuple(found)


@lru_cache(maxsize=8192)
def _drive(zone: ZoneInfo, origin: Position, goal: Position, departure: datetime) -> int:
    """Seconds of driving; kept, since a plan's ways are looked at again and again."""
    return travel_of(zone).travel(origin, goal, departure).seconds


def _visit(call: _Call, leg: PlannedLeg, drive: int, zero: datetime) -> Visit:
    status = _status(leg)
    over = status in _ENDED
    if not call.first:
        return Visit(drive, 0, call.planned_at, call.service_seconds, done=over)
    return Visit(
        drive_seconds=drive,
        earliest=(_seconds(leg.promised_start, zero) if leg.promised_start else 0) or call.planned_at,
        planned_at=call.planned_at,
        service_seconds=call.service_seconds,
        late_after=_seconds(leg.promised_end, zero) if leg.promised_end else None,
        ready_at=_ready_at(leg, zero),
        done=over or status in _PAST_FIRST_STOP or status in _AT_FIRST_STOP,
    )


def _ready_at(leg: PlannedLeg, zero: datetime) -> int | None:
    """When the patient was said to be ready; None for who does not leave a hospital with the discharge."""
    leaves = leg.kind is BookingKind.RIDE and leg.origin_place_kind == PlaceKind.HOSPITAL
    if not leaves or leg.anchor is not WindowAnchor.DISCHARGE or leg.offset_start_minutes is None:
        return None
    return _seconds(leg.requested_start - timedelta(minutes=leg.offset_start_minutes), zero)


def _status(leg: PlannedLeg) -> FieldStatus:
    return leg.status or FieldStatus.ASSIGNED


def _seconds(moment: datetime, zero: datetime) -> int:
    return round((moment - zero).total_seconds())
