"""One leg of the board, and the day of a vehicle put together for the question how late it will be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dispatch.board.risk import Risk, Visit, play
from dispatch.field.models import FieldService
from dispatch.field.words import ENDED_WITHOUT_SERVICE, FieldStatus
from dispatch.field.words_for_people import SOUNDS
from dispatch.planning.models import Assignment
from dispatch.planning.reading import travel_of
from marketplace.bookings.models import Booking
from marketplace.bookings.words import LEVEL_LABELS, BookingKind, PlaceKind, WindowAnchor
from marketplace.foundation.geography import Position

_ENDED = ENDED_WITHOUT_SERVICE | {FieldStatus.COMPLETED}
_AT_FIRST_STOP = frozenset({FieldStatus.ARRIVED_PICKUP, FieldStatus.ARRIVED, FieldStatus.SET_UP})
_PAST_FIRST_STOP = frozenset(
    {FieldStatus.ON_BOARD, FieldStatus.ARRIVED_DROPOFF, FieldStatus.ACCEPTED_BY_RECEIVER}
)


@dataclass(frozen=True, slots=True)
class Leg:
    """A planned service: its place in the plan, the booking, the crew's record, and its risk."""

    assignment: Assignment
    booking: Booking
    running: FieldService | None
    risk: Risk | None = None
    expected_at: datetime | None = None
    """When the vehicle will probably be there."""

    @property
    def status(self) -> FieldStatus:
        """How far the crew is."""
        return self.running.status if self.running else FieldStatus.ASSIGNED

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do."""
        return self.status in _ENDED

    @property
    def has_begun(self) -> bool:
        """Whether the crew has set off: it stays where it is."""
        return self.status not in (FieldStatus.ASSIGNED, FieldStatus.LOADED)

    @property
    def sets_off_at(self) -> datetime:
        """When its vehicle leaves for the first stop of the day's route."""
        return self.assignment.leaves_at

    @property
    def tone(self) -> str:
        """The tone of its state and risk together."""
        if self.is_over or self.has_begun:
            return SOUNDS[self.status][1]
        return self.risk.tone if self.risk and self.risk.tone != "good" else ""

    @property
    def said(self) -> str:
        """Its state in words, with the risk where there is one to watch."""
        words = SOUNDS[self.status][0]
        if self.risk and not self.is_over and self.risk.tone != "good":
            return f"{words}, {self.risk.late_percent} % likely late"
        return words

    @property
    def work(self) -> str:
        """What is done, in two words or three."""
        level = self.booking.level_of_service
        if level:
            return LEVEL_LABELS[level]
        return "Equipment" if self.booking.kind is BookingKind.EQUIPMENT else "Visit"

    @property
    def origin(self) -> Position | None:
        """Where a rider is picked up; None for a delivery."""
        booking = self.booking
        if booking.origin_latitude is None or booking.origin_longitude is None:
            return None
        return Position(booking.origin_latitude, booking.origin_longitude)

    @property
    def destination(self) -> Position:
        """Where it ends."""
        return Position(self.booking.destination_latitude, self.booking.destination_longitude)


@dataclass(frozen=True, slots=True)
class _Call:
    """One stop of a leg, in seconds of the day."""

    leg: int
    first: bool
    place: Position
    planned_at: int
    service_seconds: int


def with_risks(legs: Sequence[Leg], home: Position, zone: ZoneInfo, now: datetime) -> list[Leg]:
    """A vehicle's legs in the order of their times, each with the chance of being late."""
    if not legs:
        return []
    zero = legs[0].assignment.leaves_at.replace(hour=0, minute=0, second=0, microsecond=0)
    calls = sorted(
        (call for number, leg in enumerate(legs) for call in _calls(number, leg, zero)),
        key=lambda call: (call.planned_at, not call.first),
    )
    visits = _visits(calls, legs, home, zone, zero)
    leaves = round((legs[0].assignment.leaves_at - zero).total_seconds())
    seed = legs[0].assignment.vehicle_id.int & 0xFFFFFFFF
    risks = play(visits, leaves, round((now - zero).total_seconds()), seed)
    found = {call.leg: risk for call, risk in zip(calls, risks, strict=True) if call.first}
    return [
        replace(leg, risk=found[number], expected_at=zero + timedelta(seconds=found[number].expected_at))
        for number, leg in enumerate(legs)
    ]


def _calls(number: int, leg: Leg, zero: datetime) -> list[_Call]:
    booking, row = leg.booking, leg.assignment
    starts = round((row.starts_at - zero).total_seconds())
    origin = leg.origin
    if origin is None:
        return [_Call(number, True, leg.destination, starts, booking.service_seconds)]
    ends = round((row.ends_at - zero).total_seconds()) - booking.dropoff_seconds
    return [
        _Call(number, True, origin, starts, booking.service_seconds),
        _Call(number, False, leg.destination, ends, booking.dropoff_seconds),
    ]


def _visits(
    calls: Sequence[_Call], legs: Sequence[Leg], home: Position, zone: ZoneInfo, zero: datetime
) -> list[Visit]:
    travel, place, found = travel_of(zone), home, []
    for call in calls:
        moment = zero + timedelta(seconds=call.planned_at)
        drive = travel.travel(place, call.place, moment).seconds
        found.append(_visit(call, legs[call.leg], drive, zero))
        place = call.place
    return found


def _visit(call: _Call, leg: Leg, drive: int, zero: datetime) -> Visit:
    booking = leg.booking
    past = leg.is_over or leg.status in _PAST_FIRST_STOP
    if not call.first:
        return Visit(drive, 0, call.planned_at, call.service_seconds, done=leg.is_over)
    return Visit(
        drive_seconds=drive,
        earliest=_seconds(booking.promised_start, zero) or call.planned_at,
        planned_at=call.planned_at,
        service_seconds=call.service_seconds,
        late_after=_seconds(booking.promised_end, zero),
        ready_at=_ready_at(booking, zero),
        done=past or leg.status in _AT_FIRST_STOP,
    )


def _ready_at(booking: Booking, zero: datetime) -> int | None:
    """When the patient was said to be ready; None for who does not leave a hospital with the discharge."""
    leaves = booking.kind is BookingKind.RIDE and booking.origin_place_kind == PlaceKind.HOSPITAL
    if not leaves or booking.anchor is not WindowAnchor.DISCHARGE or booking.offset_start_minutes is None:
        return None
    stated = booking.requested_start - timedelta(minutes=booking.offset_start_minutes)
    return _seconds(stated, zero)


def _seconds(moment: datetime | None, zero: datetime) -> int | None:
    return None if moment is None else round((moment - zero).total_seconds())
