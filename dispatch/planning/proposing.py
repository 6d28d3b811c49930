"""The joint proposal before anything is booked: the wishes of one discharge placed into the vendors' days.

Read under the planner's database role; what goes back names vendors and times, never a rival's vehicle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from dispatch.optimizer import (
    Assigned,
    LeftOut,
    LivePlan,
    Problem,
    Proposal,
    Request,
    RunnerUp,
    Stop,
    explain,
    propose,
)
from dispatch.planning.beside import taken_beside
from dispatch.planning.building import build_problem, split_waiting
from dispatch.planning.demands import (
    cargo_liters,
    longest_ride_seconds,
    needed_credentials,
    ride_load,
    ride_skills,
    setup_skills,
    visit_skills,
)
from dispatch.planning.facts import AwardedWork, DayFacts, Order
from dispatch.planning.fleet_reading import stock_of, vehicle_days
from dispatch.planning.reading import day_bounds, from_where_it_is, travel_of
from dispatch.planning.standing import standing_plan
from dispatch.planning.wishes import Basis, ProposedWork, Wish
from dispatch.planning.work_reading import as_works, bookings_to_plan, orders_among
from marketplace.foundation.work import WorkSession

VISIT = "home_health"
MOST_REMEDIES = 2


def propose_works(
    session: WorkSession,
    wishes: Sequence[Wish],
    orders: Sequence[Order],
    zone: ZoneInfo,
    *,
    seconds: float = 0.2,
    remedies: bool = False,
) -> list[ProposedWork]:
    """A place for each wish beside everything that is accepted already, day by day in `zone`.

    `orders` say what comes before what, among wishes and bookings. `seconds` is what the optimizer may think
    in all; a visit for which its first day has no room is tried on the further days of its window. With
    `remedies` it is tried out what would help a wish for which there is no room, which can take many times as
    long. Nothing is stored.
    """
    days: dict[date, list[Wish]] = defaultdict(list)
    for wish in wishes:
        days[wish.earliest.astimezone(zone).date()].append(wish)
    found: list[ProposedWork] = []
    share = seconds / max(1, len(days))
    while days:
        day = min(days)
        own = {wish.id: wish for wish in days.pop(day)}
        for told in _on_day(session, day, list(own.values()), orders, zone, share, remedies):
            later = _from_next_day(own[told.wish_id], day, zone)
            if later is None or told.basis is Basis.PLANNED:
                found.append(told)
            else:
                days[day + timedelta(days=1)].append(later)
    return found


def _from_next_day(wish: Wish, day: date, zone: ZoneInfo) -> Wish | None:
    """The visit as it may still be made after this day; None for other work, or once its window is over."""
    begins = day_bounds(day, zone)[1]
    if wish.kind != VISIT or wish.latest <= begins:
        return None
    return replace(wish, earliest=max(wish.earliest, begins))


def _on_day(
    session: WorkSession,
    day: date,
    wishes: Sequence[Wish],
    orders: Sequence[Order],
    zone: ZoneInfo,
    seconds: float,
    remedies: bool,  # noqa: FBT001  handed on
) -> list[ProposedWork]:
    facts = _facts(session, day, [_today(wish, day, zone) for wish in wishes], orders, zone)
    rostered = {one.vendor_organization_id for one in facts.vehicle_days}
    placeable = [wish for wish in wishes if rostered & set(_may_serve(wish))]
    priced = [_by_price(wish) for wish in wishes if wish not in placeable]
    if not placeable:
        return priced
    unplaced = {wish.id for wish in wishes} - {wish.id for wish in placeable}
    ready = [work for work in split_waiting(facts)[0] if work.booking_id not in unplaced]
    travel = travel_of(zone)
    departure = max(facts.frozen_until, facts.day_start)
    problem = build_problem(facts, ready, lambda places: travel.matrix(places, departure))
    problem = _with_choice(problem, {str(wish.id): wish for wish in placeable})
    start = standing_plan(facts, facts.works)
    proposal = propose(problem, Stop(seconds=seconds), seed=1, start=start)
    teller = _Teller(problem, proposal, LivePlan(problem, proposal.plan), facts.day_start, remedies)
    return priced + [teller.tell(wish) for wish in placeable]


def _today(wish: Wish, day: date, zone: ZoneInfo) -> Wish:
    """What of a visit's window lies on this day; other work as it is."""
    ends = day_bounds(day, zone)[1]
    return replace(wish, latest=min(wish.latest, ends)) if wish.kind == VISIT else wish


def _may_serve(wish: Wish) -> tuple[UUID, ...]:
    """Whom the plan may choose among: every vendor with a quote; of agencies only the patient's first."""
    return tuple(wish.quotes)[:1] if wish.kind == VISIT else tuple(wish.quotes)


def _facts(
    session: WorkSession, day: date, wishes: Sequence[Wish], orders: Sequence[Order], zone: ZoneInfo
) -> DayFacts:
    """The day of every vendor that could be asked, with the wishes among the accepted work."""
    start, end = day_bounds(day, zone)
    vendors = {vendor for wish in wishes for vendor in wish.quotes}
    bookings = bookings_to_plan(session, vendors, start, end)
    existing = orders_among(session, [booking.id for booking in bookings])
    works = as_works(session, bookings, existing, travel_of(zone), zone)
    now = session.now()
    days = from_where_it_is(session, vehicle_days(session, vendors, start, end), now)
    return DayFacts(
        day_start=start,
        frozen_until=max(start, now),
        works=(*works, *(_as_work(wish, zone) for wish in wishes)),
        orders=(*existing, *orders),
        vehicle_days=tuple(taken_beside(session, days, [booking.id for booking in bookings])),
        stock=stock_of(session, vendors),
    )


def _as_work(wish: Wish, zone: ZoneInfo) -> AwardedWork:
    """A wish in the words of the plan; whoever gets it is decided by `_with_choice`."""
    day = wish.earliest.astimezone(zone).date()
    common = {
        "booking_id": wish.id,
        "award_id": wish.id,
        "revision": 0,
        "organization_id": wish.id,
        "vendor_organization_id": next(iter(wish.quotes), wish.id),
        "kind": wish.kind,
        "reference": "",
        "origin": wish.origin,
        "destination": wish.destination,
        "earliest": wish.earliest,
        "latest": wish.latest,
        "first_seconds": wish.first_seconds,
    }
    if wish.discipline is not None:
        return AwardedWork(
            **common,  # type: ignore[arg-type]
            load=(0, 0, 0, 0),
            skills=visit_skills(wish.discipline),
            credentials=needed_credentials(VISIT, wish.discipline, day),
        )
    if wish.destination is None or wish.level is None:
        return AwardedWork(
            **common,  # type: ignore[arg-type]
            load=(0, 0, 0, sum(cargo_liters(code) * pieces for code, pieces in wish.items)),
            skills=frozenset().union(*(setup_skills(code) for code, _ in wish.items)),
            credentials=needed_credentials("equipment", None, day),
            equipment=wish.items,
        )
    direct = travel_of(zone).travel(wish.origin, wish.destination, wish.earliest).seconds
    return AwardedWork(
        **common,  # type: ignore[arg-type]
        load=ride_load(wish.level, wish.needs),
        last_seconds=wish.last_seconds,
        max_ride_seconds=longest_ride_seconds(direct),
        skills=ride_skills(wish.level, wish.needs),
        credentials=needed_credentials("ride", wish.level, day),
    )


def _with_choice(problem: Problem, wishes: dict[str, Wish]) -> Problem:
    """The problem in which any vendor with a quote may serve a wish, at that quote, unpromised."""
    return replace(
        problem,
        requests=tuple(
            _choosing(request, wishes[request.id]) if request.id in wishes else request
            for request in problem.requests
        ),
    )


def _choosing(request: Request, wish: Wish) -> Request:
    first = replace(request.points[0], promised=None)
    return replace(
        request,
        points=(first, *request.points[1:]),
        vendors=tuple(str(vendor) for vendor in _may_serve(wish)),
        vendor_cents={str(vendor): cents for vendor, cents in wish.quotes.items()},
    )


def _by_price(wish: Wish) -> ProposedWork:
    """Without a shift to place it in: the first vendor in order of price and distance."""
    vendor = next(iter(wish.quotes), None)
    if wish.kind == VISIT and vendor is not None:
        return _by_choice(wish, vendor)
    said = "No vendor that may do it has shifts for that day yet." if vendor else "No vendor can be asked."
    why = (said, "Chosen by price, then by the shorter way.") if vendor else (said,)
    basis = Basis.PRICED if vendor else Basis.LEFT_OUT
    return ProposedWork(wish_id=wish.id, basis=basis, vendor_id=vendor, because=why)


_CHOSEN = "The patient chose this agency."


def _by_choice(wish: Wish, vendor: UUID, *, full: bool = False) -> ProposedWork:
    """The patient's agency, asked whether or not its clinicians' shifts show room: it may find some."""
    when = "Its clinicians' shifts show no room; it names the hour if it accepts."
    because = (_CHOSEN, when if full else "It names the hour when it accepts.")
    return ProposedWork(wish_id=wish.id, basis=Basis.PRICED, vendor_id=vendor, because=because)


@dataclass(frozen=True, slots=True)
class _Teller:
    """Says of each wish where the plan has it, and why."""

    problem: Problem
    proposal: Proposal
    live: LivePlan
    day_start: datetime
    remedies: bool

    def tell(self, wish: Wish) -> ProposedWork:
        """One wish in words."""
        name = str(wish.id)
        route = self.proposal.plan.route_of(name)
        if route is None and wish.kind == VISIT:
            return _by_choice(wish, _may_serve(wish)[0], full=True)
        if route is None:
            return self._left_out(wish)
        why = explain(self.live, name)
        assert isinstance(why, Assigned)  # it has a route
        own = [stop for stop in route.stops if stop.request == name]
        lasting = wish.last_seconds if wish.destination is not None else wish.first_seconds
        vendor = UUID(self.proposal.awards[name])
        return ProposedWork(
            wish_id=wish.id,
            basis=Basis.PLANNED,
            vendor_id=vendor,
            starts_at=self.day_start + timedelta(seconds=own[0].start),
            ends_at=self.day_start + timedelta(seconds=own[-1].start + lasting),
            because=_because(wish, vendor, why),
            others=tuple(
                (UUID(rival.vendor), _against(rival))
                for rival in why.runners_up
                if UUID(rival.vendor) in wish.quotes
            ),
        )

    def _left_out(self, wish: Wish) -> ProposedWork:
        """The reason, and what would help where that is asked for."""
        name = str(wish.id)
        reasons = [left.reason for left in self.proposal.plan.unserved if left.request == name]
        why = explain(self.live, name, most=MOST_REMEDIES, deepest=1) if self.remedies else None
        found = why.remedies if isinstance(why, LeftOut) else ()
        return ProposedWork(
            wish_id=wish.id,
            basis=Basis.LEFT_OUT,
            because=(_sentence(self._without_names(" ".join(reasons))),),
            remedies=tuple(_sentence(self._without_names(one.text)) for one in found if one.text),
        )

    def _without_names(self, text: str) -> str:
        """The optimizer's ids as words: people do not know them; vehicles are the vendor's business."""
        for vehicle in self.problem.vehicles:
            text = text.replace(vehicle.id, "a vehicle")
        for request in self.problem.requests:
            text = text.replace(request.id, "other work")
        for vendor in self.problem.vendor_by_id:
            text = text.replace(vendor, "its vendor")
        return text


def _because(wish: Wish, vendor: UUID, why: Assigned) -> tuple[str, ...]:
    """The rules that decided, in words that name no vehicle."""
    said = []
    rules = {binding.rule for binding in why.bindings}
    if wish.kind == VISIT:
        said.append(_CHOSEN)
    elif len(wish.quotes) == 1:
        said.append("It is the only vendor that may be asked.")
    elif wish.quotes[vendor] == min(wish.quotes.values()):
        said.append("It has the lowest price of those that may be asked.")
    else:
        said.append("It costs least once the way and the rest of the day are counted.")
    if "link" in rules:
        said.append("What must be there first, or must follow, decides the time.")
    if "window" in rules:
        said.append("The window leaves no other time.")
    if "skill" in rules:
        said.append("Only one vehicle has what it needs.")
    return tuple(said)


_RULES = {
    "vendor": "has no vehicle on the road then",
    "skill": "has no vehicle or crew that can do it",
    "credential": "lacks a credential at that time",
    "capacity": "has no vehicle that is large enough",
    "stock": "has too little in stock",
    "window": "cannot be there in time",
    "ride_limit": "the ride would be too long",
    "link": "cannot keep the order",
    "no_room": "has no room beside its other work",
}


def _against(rival: RunnerUp) -> str:
    if rival.gap_cents is None:
        return _RULES.get(rival.rule.value if rival.rule else "", "cannot do it then")
    if rival.gap_cents <= 0:
        return "would cost the same in all"
    return f"would cost ${rival.gap_cents / 100:,.2f} more in all"


def _sentence(reason: str) -> str:
    text = reason.strip() or "No vehicle has room for it."
    return text[0].upper() + text[1:] if text.endswith(".") else f"{text[0].upper()}{text[1:]}."
