"""When nobody accepts: what the planner can do instead, each way judged by the rules that would judge it.

A way is shown only if, done, at least one vendor may be asked; they stand in the order of how much they
disturb: no delay before a delay, the cheaper before the dearer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import inspect, select

from marketplace.bookings.models import Booking, BookingItem, BookingLink
from marketplace.bookings.rules import level_errors, window_errors
from marketplace.bookings.service import items_of
from marketplace.bookings.words import AIR_LEVELS, LEVEL_LABELS, BookingKind, LevelOfService, WindowAnchor
from marketplace.careplans.words import Hardness
from marketplace.foundation.errors import NotFound
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Facility
from marketplace.patients.words import Needs
from vendors.offers.matching import judge_all
from vendors.offers.models import Offer
from vendors.offers.rules import Candidate
from vendors.offers.words import OfferState

_WIDER = (timedelta(hours=1), timedelta(hours=2))
_LATER = (timedelta(hours=2),)
_MORNING = 9


@dataclass(frozen=True, slots=True)
class WayOut:
    """Something the planner may do: what, what it means, whom it opens, how to do it."""

    kind: str
    title: str
    meaning: str
    vendors: tuple[str, ...]
    """Who may be asked then, by name."""
    delay: timedelta = timedelta(0)
    cents: int = 0
    """The cheapest price then."""
    action: str = ""
    """beyond, window, level; empty when it is done elsewhere: the meaning says where."""
    fields: dict[str, Any] = field(default_factory=dict)


def ways_out(session: WorkSession, booking_id: UUID) -> list[WayOut]:
    """The ways out for a booking of the acting planner, the least disturbing first."""
    session.actor.require("planner")
    booking = session.get(Booking, booking_id)
    if booking is None or booking.organization_id != session.actor.organization():
        raise NotFound
    found = list(_Ways(session, booking).all())
    return sorted(found, key=lambda way: (way.delay, way.cents, way.title))


class _Ways:
    """What is the same for every way of one booking."""

    def __init__(self, session: WorkSession, booking: Booking) -> None:
        self._session, self._booking = session, booking
        self._items: Sequence[BookingItem] = items_of(session, [booking.id])[booking.id]
        facility = session.get(Facility, booking.facility_id)
        self._zone = ZoneInfo(facility.time_zone if facility else "UTC")
        self._now_possible = {one.vendor_id for one in self._judge(booking) if one.is_eligible}
        self._said_no = set(
            session.scalars(
                select(Offer.vendor_organization_id).where(
                    Offer.booking_id == booking.id,
                    Offer.state.in_((OfferState.DECLINED, OfferState.EXPIRED)),
                )
            )
        )

    def all(self) -> Iterator[WayOut]:
        """Every way that opens at least one vendor."""
        yield from self._beyond_area()
        yield from self._wider_window()
        yield from self._other_level()
        yield from self._other_payer()
        yield from self._items_apart()
        yield from self._later_discharge()

    def _judge(
        self, booking: Booking, items: Sequence[BookingItem] | None = None, *, beyond: bool = False
    ) -> list[Candidate]:
        chosen = self._items if items is None else items
        return judge_all(self._session, booking, chosen, (), beyond_area=beyond)

    def _new(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Who may be asked then and could not be asked before, the cheapest first."""
        opened = [one for one in candidates if one.is_eligible and one.vendor_id not in self._now_possible]
        return sorted(opened, key=_price)

    def _beyond_area(self) -> Iterator[WayOut]:
        opened = self._new(self._judge(self._booking, beyond=True))
        if opened:
            miles = min(one.distance_meters for one in opened) / 1609.344
            meaning = f"They do not usually go there; the nearest starts {miles:.0f} miles away."
            yield _way("beyond", "Ask vendors from farther away", meaning, opened, action="beyond")

    def _wider_window(self) -> Iterator[WayOut]:
        booking = self._booking
        for wider in _WIDER:
            end = booking.requested_end + wider
            if window_errors(booking.requested_start, end, self._session.now()) or self._too_late(end):
                continue
            could = self._could(self._changed(requested_end=end))
            if not could:
                continue
            until = end.astimezone(self._zone).strftime("%H:%M")
            meaning = f"Until {until} instead. {self._who_said_no(could)}"
            yield _way(
                "window", f"Give {_hours(wider)} more", meaning, could, delay=wider, action="window",
                fields={"minutes": int(wider.total_seconds() // 60)},
            )  # fmt: skip

    def _other_level(self) -> Iterator[WayOut]:
        booking = self._booking
        if booking.kind is not BookingKind.RIDE or booking.level_of_service in AIR_LEVELS:
            return
        needs = Needs.from_json(booking.needs)
        for level in LevelOfService:
            if level is booking.level_of_service or level_errors(needs, level):
                continue
            could = self._could(self._changed(level_of_service=level))
            if could:
                authorized = booking.authorization_id is not None
                meaning = "Safe for this patient's needs."
                if authorized:
                    meaning += " The payer must authorize it anew: then cancel, and book it at this level."
                yield _way(
                    "level", f"Ride as {LEVEL_LABELS[level].lower()}", meaning, could,
                    action="" if authorized else "level", fields={"level": level.value},
                )  # fmt: skip

    def _other_payer(self) -> Iterator[WayOut]:
        booking = self._booking
        if booking.payer_organization_id == booking.organization_id:
            return
        opened = self._new(self._judge(self._changed(payer_organization_id=booking.organization_id)))
        if opened:
            meaning = "They have no prices with this payer. Cancel, and book again with the hospital paying."
            yield _way("payer", "Let the hospital pay", meaning, opened)

    def _items_apart(self) -> Iterator[WayOut]:
        if len(self._items) < 2:
            return
        could: dict[UUID, Candidate] = {}
        for item in self._items:
            may = [one for one in self._judge(self._booking, [item]) if one.is_eligible]
            if not may:
                return
            could |= {one.vendor_id: one for one in may}
        meaning = "No supplier has everything, but each item has one: cancel, and book them one by one."
        yield _way("apart", "Book the items apart", meaning, list(could.values()))

    def _later_discharge(self) -> Iterator[WayOut]:
        booking = self._booking
        if booking.anchor is not WindowAnchor.DISCHARGE:
            return
        for later in (*_LATER, self._next_morning()):
            start, end = booking.requested_start + later, booking.requested_end + later
            could = self._could(self._changed(requested_start=start, requested_end=end))
            if could:
                when = start.astimezone(self._zone).strftime("%a %H:%M")
                meaning = (
                    f"From {when}. {self._who_said_no(could)} All that is tied to the discharge moves too. "
                    "Agree with the ward, then move it on the patient's page."
                )
                yield _way("discharge", "Leave later", meaning, could, delay=later)

    def _could(self, changed: Booking) -> list[Candidate]:
        """Everybody who may be asked then, newcomers and those who said no to the old time alike."""
        may = [one for one in self._judge(changed) if one.is_eligible]
        return sorted(may, key=_price)

    def _who_said_no(self, could: Sequence[Candidate]) -> str:
        again = [one.name for one in could if one.vendor_id in self._said_no]
        if not again:
            return ""
        return f"{', '.join(again)} said no, or nothing, to the old time and may be asked again."

    def _too_late(self, end: datetime) -> bool:
        """Whether a later end would let something arrive after what has to wait for it."""
        after = self._session.execute(
            select(BookingLink.min_lag_seconds, Booking.requested_end)
            .join(Booking, Booking.id == BookingLink.successor_booking_id)
            .where(
                BookingLink.predecessor_booking_id == self._booking.id, BookingLink.hardness == Hardness.HARD
            )
        )
        done = end + timedelta(seconds=self._booking.service_seconds)
        return any(done + timedelta(seconds=lag) > latest for lag, latest in after)

    def _changed(self, **changes: Any) -> Booking:
        """The booking as it would be; never stored."""
        columns = {column.key: getattr(self._booking, column.key) for column in inspect(Booking).column_attrs}
        return Booking(**{**columns, **changes})

    def _next_morning(self) -> timedelta:
        start = self._booking.requested_start.astimezone(self._zone)
        morning = (start + timedelta(days=1)).replace(hour=_MORNING, minute=0, second=0, microsecond=0)
        return morning - start


def _way(kind: str, title: str, meaning: str, could: Sequence[Candidate], **more: Any) -> WayOut:
    cents = min(_price(one)[0] for one in could)
    names = tuple(one.name for one in could)
    return WayOut(kind, title, " ".join(meaning.split()), names, cents=cents, **more)


def _price(one: Candidate) -> tuple[int, str]:
    return (one.quote.cents if one.quote else 0, one.name)


def _hours(length: timedelta) -> str:
    hours = int(length.total_seconds() // 3600)
    return "an hour" if hours == 1 else f"{hours} hours"
