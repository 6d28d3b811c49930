"""On which days and in which windows a standing order has rides, and what its terms may be (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from marketplace.bookings.orders import RequestedWindow, WayBack
from marketplace.bookings.words import WayBackWish, WindowAnchor
from marketplace.careplans.words import CALLED_WITHIN_MINUTES
from marketplace.foundation.errors import FieldError

SHORTEST_WINDOW_MINUTES, LONGEST_WINDOW_MINUTES = 15, 240
LONGEST_DAYS = 366
"""An order is looked at again at least once a year (our choice)."""
MOST_TRIPS = 366
MOST_SKIPPED = 60


@dataclass(frozen=True, slots=True)
class Terms:
    """On which days, at which local times, until when; exactly one of `ends_on` and `trips` is given."""

    weekdays: tuple[int, ...]
    """0 is Monday."""
    pickup_at: time
    starts_on: date
    window_minutes: int = 30
    way_back: WayBackWish = WayBackWish.AT_TIME
    back_at: time | None = None
    """When the way back begins, at a time; from when the patient may call, else."""
    ends_on: date | None = None
    """The last day that counts."""
    trips: int | None = None
    """How many days there are, counted from the first."""
    skipped: tuple[date, ...] = ()
    """Holidays and other days without a ride."""

    @property
    def last_day(self) -> date:
        """No ride is after this day, whatever the number of trips."""
        return self.ends_on or self.starts_on + timedelta(days=LONGEST_DAYS)


@dataclass(frozen=True, slots=True)
class Pause:
    """Days without rides, both ends included; without an end until somebody says so."""

    first: date
    last: date | None = None

    def covers(self, day: date) -> bool:
        """Whether a day falls into it."""
        return self.first <= day and (self.last is None or day <= self.last)


def days_of(terms: Terms, pause: Pause | None = None) -> Iterator[date]:
    """Every day with a ride, in order. Skipped and paused days are none, and count for no trip."""
    found, day = 0, terms.starts_on
    while day <= terms.last_day and (terms.trips is None or found < terms.trips):
        counts = day.weekday() in terms.weekdays and day not in terms.skipped
        if counts and not (pause is not None and pause.covers(day)):
            found += 1
            yield day
        day += timedelta(days=1)


def window_on(terms: Terms, day: date, zone: ZoneInfo) -> RequestedWindow:
    """The window of the pickup on a day, local times taken as they are then (clock changes included)."""
    start = datetime.combine(day, terms.pickup_at, zone)
    return _fixed(start, timedelta(minutes=terms.window_minutes))


def way_back_on(terms: Terms, day: date, zone: ZoneInfo) -> WayBack | None:
    """The way back on a day; None when nobody is fetched back."""
    if terms.way_back is WayBackWish.NONE or terms.back_at is None:
        return None
    start, called = datetime.combine(day, terms.back_at, zone), terms.way_back is WayBackWish.WILL_CALL
    minutes = CALLED_WITHIN_MINUTES if called else terms.window_minutes
    return WayBack(_fixed(start, timedelta(minutes=minutes)), flexible=called)


def appointment_on(terms: Terms, day: date, zone: ZoneInfo) -> datetime:
    """The moment that an occurrence's task is due by: the end of the pickup's window."""
    return window_on(terms, day, zone).end


def terms_errors(terms: Terms, today: date) -> list[FieldError]:
    """What is wrong with the terms, by field, each with what would be right."""
    found = _day_errors(terms, today)
    if not SHORTEST_WINDOW_MINUTES <= terms.window_minutes <= LONGEST_WINDOW_MINUTES:
        found.append(FieldError("window_minutes", "write 15 to 240 minutes"))
    if terms.way_back is not WayBackWish.NONE:
        found += _back_errors(terms)
    if not found and next(days_of(terms), None) is None:
        found.append(FieldError("weekdays", "no day is left: choose other weekdays, or a later end"))
    return found


def _day_errors(terms: Terms, today: date) -> list[FieldError]:
    found = []
    if not terms.weekdays or not set(terms.weekdays) <= set(range(7)):
        found.append(FieldError("weekdays", "choose at least one weekday"))
    if terms.starts_on < today:
        found.append(FieldError("starts_on", "this day has passed: choose one to come"))
    elif (terms.starts_on - today).days > LONGEST_DAYS:
        found.append(FieldError("starts_on", "start it within a year"))
    if (terms.ends_on is None) == (terms.trips is None):
        found.append(FieldError("ends_on", "write the last day, or the number of trips, and not both"))
    elif terms.ends_on is not None and not 0 <= (terms.ends_on - terms.starts_on).days <= LONGEST_DAYS:
        found.append(FieldError("ends_on", "end it after it starts, within a year"))
    elif terms.trips is not None and not 1 <= terms.trips <= MOST_TRIPS:
        found.append(FieldError("trips", f"write 1 to {MOST_TRIPS} trips"))
    if len(terms.skipped) > MOST_SKIPPED:
        found.append(FieldError("skipped", f"leave out at most {MOST_SKIPPED} days"))
    return found


def _back_errors(terms: Terms) -> list[FieldError]:
    if terms.back_at is None:
        return [FieldError("back_at", "write when the way back begins")]
    there_until = datetime.combine(terms.starts_on, terms.pickup_at) + timedelta(minutes=terms.window_minutes)
    if datetime.combine(terms.starts_on, terms.back_at) < there_until:
        return [FieldError("back_at", "the patient is not there yet: start after the pickup there")]
    return []


def _fixed(start: datetime, length: timedelta) -> RequestedWindow:
    return RequestedWindow(start, start + length, WindowAnchor.FIXED)
