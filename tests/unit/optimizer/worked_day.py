"""A small worked day with every kind of rule in it, and its plan laid by hand.

Twelve places lie on a line, ten minutes and six kilometres apart: 0 the garage, 1 the hospital, 2 the
store, 3 the annex, the others homes.
"""

from collections.abc import Sequence

from dispatch.optimizer import (
    Anchor,
    Blocked,
    Break,
    CommittedStop,
    Credential,
    Depot,
    Link,
    Pin,
    Problem,
    Promise,
    Rate,
    Request,
    RequestKind,
    ServicePoint,
    Shift,
    Solution,
    Told,
    TravelMatrix,
    Unserved,
    UnservedCode,
    Vehicle,
    Vendor,
)
from dispatch.optimizer.draft import Draft, TimedRoute

HOUR, MINUTE = 3600, 60
PLACES = 12
GARAGE, HOSPITAL, STORE, ANNEX = 0, 1, 2, 3

SEQUENCES: dict[str, list[tuple[str, int]]] = {
    "van-1": [
        ("wheel-1", 0), ("wheel-1", 1), ("wheel-2", 0), ("wheel-2", 1), ("walk-1", 0), ("walk-1", 1),
    ],
    "van-2": [
        ("early", 0), ("early", 1), ("pinned", 0), ("pinned", 1),
        ("walk-2", 0), ("walk-3", 0), ("walk-2", 1), ("walk-3", 1),
    ],
    "van-3": [("walk-4", 0), ("walk-4", 1)],
    "truck-1": [("oxygen-1", 0), ("bed-1", 0)],
    "truck-2": [("bed-2", 0), ("collect-1", 0)],
    "nurse-1": [("visit-1", 0), ("visit-2", 0)],
    "nurse-2": [("visit-3", 0)],
}  # fmt: skip


def at(hours: int, minutes: int = 0) -> int:
    """A time of day in seconds."""
    return hours * HOUR + minutes * MINUTE


def line_of_places(count: int = PLACES) -> TravelMatrix:
    """Places on a line, 600 seconds and 6,000 metres from one to the next."""
    apart = [[abs(a - b) for b in range(count)] for a in range(count)]
    return TravelMatrix.of(
        [[600 * d for d in row] for row in apart], [[6000 * d for d in row] for row in apart]
    )


def ride(name: str, home: int, begin: int, end: int, **more: object) -> Request:
    """A ride from the hospital home; pick-up begins in [begin, end], service takes 5 minutes."""
    pickup = ServicePoint(HOSPITAL, begin, end, 300, due=end - 600, late_cents_per_minute=60)
    dropoff = ServicePoint(home, begin, end + 3 * HOUR, 300)
    fields: dict[str, object] = {"load": (1, 0, 0, 0), "vendors": ("north", "south"), "episode": name}
    points = more.pop("points", (pickup, dropoff))
    return Request(id=name, kind=RequestKind.RIDE, points=points, **(fields | more))  # type: ignore[arg-type]


def single(name: str, kind: RequestKind, place: int, begin: int, end: int, **more: object) -> Request:
    """A delivery, visit or collection of 20 minutes beginning in [begin, end]."""
    return Request(id=name, kind=kind, points=(ServicePoint(place, begin, end, 1200),), **more)  # type: ignore[arg-type]


def van(name: str, vendor: str, **more: object) -> Vehicle:
    """A van of the garage with two seats, in service from 7 to 17 and an hour more at a price."""
    fields: dict[str, object] = {
        "shift": Shift(at(7), at(17), HOUR, 3000),
        "configurations": ((2, 0, 0, 0),),
        "rate": Rate(1000, 50, 2000, 500),
        "credentials": (Credential("cpr", 0, at(24)),),
    }
    return Vehicle(
        id=name,
        vendor=vendor,
        start_location=GARAGE,
        end_location=GARAGE,
        **(fields | more),  # type: ignore[arg-type]
    )


def _vehicles() -> tuple[Vehicle, ...]:
    return (
        van(
            "van-1",
            "north",
            configurations=((3, 0, 0, 0), (1, 1, 0, 0)),
            skills=frozenset({"lift"}),
            credentials=(Credential("cpr", 0, at(15)),),
            breaks=(Break(at(11), at(12), 1800),),
            blocked=(Blocked(at(14), at(14, 30)),),
            max_route_seconds=9 * HOUR,
            max_route_metres=160_000,
            max_stops=6,
        ),
        van("van-2", "south", committed=(CommittedStop("early", 0, at(8)),)),
        van("van-3", "south", credentials=(Credential("cpr", at(9), at(24)),), shift=Shift(at(9), at(12))),
        _truck("truck-1", STORE, "store", {"walker": 1}),
        _truck("truck-2", ANNEX, "annex", {}),
        _nurse("nurse-1"),
        _nurse("nurse-2"),
    )


def _truck(name: str, place: int, depot: str, stock: dict[str, int]) -> Vehicle:
    return Vehicle(
        id=name, vendor="supplies", start_location=place, end_location=place, depot=depot, stock=stock,
        shift=Shift(at(7), at(17)), configurations=((0, 0, 0, 300),), rate=Rate(2000, 60, 2400, 0),
    )  # fmt: skip


def _nurse(name: str) -> Vehicle:
    return Vehicle(
        id=name, vendor="care", start_location=HOSPITAL, end_location=None, shift=Shift(at(8), at(18)),
        configurations=((0, 0, 0, 0),), rate=Rate(0, 40, 4000, 0), skills=frozenset({"rn"}),
    )  # fmt: skip


def _requests() -> tuple[Request, ...]:
    lift, wheelchair = frozenset({"lift"}), (0, 1, 0, 0)
    told = Promise(at(12, 30), at(13, 15))
    booked = Promise(at(10, 30), at(10, 45), break_cents=700)
    slow = ServicePoint(HOSPITAL, at(11), at(12), 300, promised=booked)
    promised = ServicePoint(HOSPITAL, at(12), at(14), 300, promised=told)
    cargo = {"load": (0, 0, 0, 150), "vendors": ("supplies",)}
    return (
        ride("wheel-1", 4, at(9, 30), at(10, 30), load=wheelchair, skills=lift),
        ride("wheel-2", 5, at(12), at(14), load=wheelchair, skills=lift, credentials=frozenset({"cpr"}),
             points=(promised, ServicePoint(5, at(12), at(16), 300))),
        ride("walk-1", 6, at(14), at(16), max_ride_seconds=HOUR, vehicles=("van-1", "van-2")),
        ride("early", 4, at(7, 45), at(8, 30)),
        ride("pinned", 3, at(9), at(11), pin=Pin("van-2", at(10))),
        ride("walk-2", 5, at(11), at(12), max_detour_seconds=900, told=Told("van-3", 400),
             points=(slow, ServicePoint(5, at(11), at(15), 300))),
        ride("walk-3", 7, at(11), at(12), vendor_cents={"south": 2100}),
        ride("walk-4", 6, at(9), at(11), credentials=frozenset({"cpr"})),
        single("bed-1", RequestKind.DELIVERY, 4, at(8), at(16), equipment={"bed": 1}, **cargo),
        single("bed-2", RequestKind.DELIVERY, 8, at(8), at(16), equipment={"bed": 1}, **cargo),
        single("oxygen-1", RequestKind.DELIVERY, 6, at(8), at(16), equipment={"oxygen": 1}, **cargo),
        single("collect-1", RequestKind.COLLECTION, 9, at(8), at(16), load=(0, 0, 0, 250),
               vendors=("supplies",)),
        single("visit-1", RequestKind.VISIT, 4, at(9), at(17), skills=frozenset({"rn"}), vendors=("care",)),
        single("visit-2", RequestKind.VISIT, 8, at(12), at(17), skills=frozenset({"rn"}), vendors=("care",)),
        single("visit-3", RequestKind.VISIT, 8, at(12), at(17), skills=frozenset({"rn"}), vendors=("care",)),
        ride("left-out", 11, at(9), at(10), priority=1, unserved_cents=50_000,
             skills=frozenset({"stretcher"})),
    )  # fmt: skip


def _links() -> tuple[Link, ...]:
    return (
        Link(id="bed before patient", before="bed-1", after="wheel-1", after_anchor=Anchor.ARRIVAL),
        Link(id="nurse after patient", before="wheel-1", after="visit-1",
             min_lag_seconds=900, max_lag_seconds=2 * HOUR),
        Link(id="two nurses at once", before="visit-2", after="visit-3", before_anchor=Anchor.START,
             max_lag_seconds=0, mutual=True),
        Link(id="oxygen an hour ahead", before="oxygen-1", after="walk-1", after_anchor=Anchor.ARRIVAL,
             max_lag_seconds=2 * HOUR, hard=False, break_cents=500, cents_per_minute=10),
    )  # fmt: skip


def worked_problem() -> Problem:
    """The day: vans, trucks and nurses of four vendors, one committed stop, frozen until 8:10."""
    return Problem(
        requests=_requests(),
        vehicles=_vehicles(),
        travel=line_of_places(),
        vendors=(
            Vendor(id="north", base_cents=1500, max_requests=3),
            Vendor(id="south", base_cents=1800, max_share_percent=35),
            Vendor(id="supplies", base_cents=900),
            Vendor(id="care", base_cents=4000),
        ),
        depots=(
            Depot(id="store", location=STORE, stock={"bed": 1, "oxygen": 1}),
            Depot(id="annex", location=ANNEX, stock={"bed": 1}),
        ),
        links=_links(),
        frozen_until=at(8, 10),
        name="worked day",
    )


def laid(problem: Problem, sequences: dict[str, list[tuple[str, int]]], left: Sequence[str]) -> Solution:
    """The plan with these sequences, timed; `left` are the requests left out."""
    draft = Draft.empty(problem)
    order = ["van-2", "truck-1", "van-1", "van-3", "truck-2", "nurse-1", "nurse-2"]
    for name in sorted(sequences, key=order.index):
        calls = [draft.calls[request][point] for request, point in sequences[name]]
        timed = draft.timed(problem.vehicle_by_id[name], calls)
        assert isinstance(timed, TimedRoute), (name, timed)
        draft.put(timed)
    reasons = [Unserved(request, UnservedCode.SKILL, "No vehicle takes a stretcher.") for request in left]
    return draft.solution(reasons, engine="by hand")


def worked_plan(problem: Problem) -> Solution:
    """The plan of the worked day; it keeps every rule."""
    return laid(problem, SEQUENCES, ["left-out"])
