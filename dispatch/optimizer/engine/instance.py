"""The array-level contract between the rich model and the compiled search engine.

An :class:`Instance` is a set of contiguous numpy arrays. Everything the engine knows, it knows from them.

Counts
    S stops, R requests, V vehicles, L locations, P travel profiles, K load dimensions, C configurations,
    B breaks, F frozen stops, X either V or 0.

Units
    Time is one unit throughout (any: seconds, minutes), distance another, money a third. All are float64.
    Clock times count from any common zero. ``inf`` means "no limit".

Requests
    A request is a *pair* (``pickup[r]`` and ``delivery[r]`` are stops; same vehicle, pickup first) or a
    *single stop* (``pickup[r]`` is the stop, ``delivery[r] == -1``). Every stop belongs to exactly one
    request. ``penalty[r]`` is the price of leaving it out. ``allowed[r, v]`` says which vehicles may serve it
    (one True: pinned to that vehicle); ``serve_price[r, v]`` is added when vehicle v serves it: vendor rates,
    preferences, and the price of changing the vehicle that people were told, all go here. ``max_ride[r]``
    limits start of service at the delivery minus end of service at the pickup (Cordeau & Laporte). Where it
    matters which vehicle serves it at what time (a crew's credentials end), ``valid_from[r, v]`` and
    ``valid_until[r, v]`` limit the start and the end of its services on vehicle v; without such limits
    both have no columns.

Stops
    Service starts inside ``[window_start, window_end]`` (hard). Links between requests are propagated by the
    caller into these windows. A start after ``due`` costs ``lateness_price`` per time unit (``due = inf``: no
    soft window). ``load[s]`` is the change of the load in K dimensions when s is served. A pair's two loads
    cancel out. A single stop with a positive load keeps it on board until the end; with a negative load, it
    was on board from the start. A start further than ``told_tolerance`` from ``told_start`` (NaN: nobody was
    told) costs ``told_price`` once.

Vehicles
    Leaves ``start_location`` not before ``shift_start``; is at ``end_location`` not after ``shift_end``; the
    time between is at most ``max_duration``. ``capacity[v, c]`` are alternative configurations: at every
    moment the load must fit into at least one of them (pad unused rows with -1). Costs of a used vehicle:
    ``fixed_cost``; ``distance_price`` per distance; ``time_price`` per time unit between leaving and
    returning; ``waiting_price`` per time unit of waiting before a stop; ``overtime_price`` per time unit that
    the return lies after ``overtime_from``. An unused vehicle costs nothing and needs no break.
    ``profile[v]`` chooses the travel matrices.

Breaks
    ``break_vehicle[b]`` rests once for ``break_duration[b]`` without moving, starting inside
    ``[break_earliest, break_latest]``, with no pair on board; give them in order of time for each vehicle. A
    blocked interval is a break whose earliest and latest are equal. A break that would start after the route
    has ended, or that lies before the route begins, needs no place in the route. A break at a place is no
    break but a single stop pinned to its vehicle.

Travel
    ``travel_time[p, i, j]`` and ``distance[p, i, j]`` between locations. ``speed[p, h]`` (optional, else
    shape ``(P, 0)``) makes travel depend on the clock: in hour bucket h (length ``bucket_length``, from time
    zero, the last bucket goes on for ever) a vehicle covers ``speed`` units of ``travel_time`` per time unit,
    so no later departure ever arrives earlier (FIFO).

Frozen work
    ``prefix_stops[prefix_index[v]:prefix_index[v + 1]]`` are the stops that vehicle v serves first, in that
    order, with nothing between them. A request with a stop in a prefix never leaves its vehicle.

Objective
    The sum of all prices. With ``minimise_vehicles`` the number of used vehicles comes first: the engine
    spends part of its time on emptying routes, and ``fixed_cost`` should be large enough to say so.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int32]
Flags = NDArray[np.bool_]


class InstanceError(ValueError):
    """An array has a wrong shape or an impossible value; the message names it and the first bad index."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A planning problem as arrays; shapes stand beside each field, meanings in the module's docstring."""

    # requests
    pickup: Integers  # (R,) stop
    delivery: Integers  # (R,) stop or -1
    penalty: Floats  # (R,) price of leaving out
    max_ride: Floats  # (R,) time or inf
    allowed: Flags  # (R, V)
    serve_price: Floats  # (R, V)
    valid_from: Floats  # (R, X) -inf: none
    valid_until: Floats  # (R, X) inf: none
    # stops
    stop_location: Integers  # (S,) location
    window_start: Floats  # (S,)
    window_end: Floats  # (S,)
    due: Floats  # (S,) inf: none
    lateness_price: Floats  # (S,)
    service: Floats  # (S,)
    load: Floats  # (S, K)
    told_start: Floats  # (S,) NaN: none
    told_tolerance: Floats  # (S,)
    told_price: Floats  # (S,)
    # vehicles
    start_location: Integers  # (V,)
    end_location: Integers  # (V,)
    profile: Integers  # (V,)
    shift_start: Floats  # (V,)
    shift_end: Floats  # (V,)
    max_duration: Floats  # (V,) inf: none
    capacity: Floats  # (V, C, K), rows of -1 are unused
    fixed_cost: Floats  # (V,)
    distance_price: Floats  # (V,)
    time_price: Floats  # (V,)
    waiting_price: Floats  # (V,)
    overtime_from: Floats  # (V,) inf: none
    overtime_price: Floats  # (V,)
    # rests
    break_vehicle: Integers  # (B,)
    break_earliest: Floats  # (B,)
    break_latest: Floats  # (B,)
    break_duration: Floats  # (B,)
    # frozen work
    prefix_index: Integers  # (V + 1,)
    prefix_stops: Integers  # (F,)
    # travel
    travel_time: Floats  # (P, L, L)
    distance: Floats  # (P, L, L)
    speed: Floats  # (P, H), H may be 0
    bucket_length: float = 3600.0
    # objective
    minimise_vehicles: bool = False

    @property
    def requests(self) -> int:
        """Number of requests R."""
        return len(self.pickup)

    @property
    def stops(self) -> int:
        """Number of stops S."""
        return len(self.stop_location)

    @property
    def vehicles(self) -> int:
        """Number of vehicles V."""
        return len(self.start_location)


_SHAPES: dict[str, tuple[str, ...]] = {
    "pickup": ("R",),
    "delivery": ("R",),
    "penalty": ("R",),
    "max_ride": ("R",),
    "allowed": ("R", "V"),
    "serve_price": ("R", "V"),
    "valid_from": ("R", "X"),
    "valid_until": ("R", "X"),
    "stop_location": ("S",),
    "window_start": ("S",),
    "window_end": ("S",),
    "due": ("S",),
    "lateness_price": ("S",),
    "service": ("S",),
    "load": ("S", "K"),
    "told_start": ("S",),
    "told_tolerance": ("S",),
    "told_price": ("S",),
    "start_location": ("V",),
    "end_location": ("V",),
    "profile": ("V",),
    "shift_start": ("V",),
    "shift_end": ("V",),
    "max_duration": ("V",),
    "capacity": ("V", "C", "K"),
    "fixed_cost": ("V",),
    "distance_price": ("V",),
    "time_price": ("V",),
    "waiting_price": ("V",),
    "overtime_from": ("V",),
    "overtime_price": ("V",),
    "break_vehicle": ("B",),
    "break_earliest": ("B",),
    "break_latest": ("B",),
    "break_duration": ("B",),
    "prefix_index": ("V1",),
    "prefix_stops": ("F",),
    "travel_time": ("P", "L", "L"),
    "distance": ("P", "L", "L"),
    "speed": ("P", "H"),
}

_TYPES: dict[str, type[np.generic]] = {"Integers": np.int32, "Floats": np.float64, "Flags": np.bool_}


def build(**given: object) -> Instance:
    """Make an :class:`Instance` from the arrays given by name, filling in neutral values for those left out.

    Needed: ``pickup``, ``delivery``, ``stop_location``, ``window_start``, ``window_end``, ``start_location``,
    ``capacity``, ``load`` and ``travel_time``. ``end_location`` defaults to the start, ``distance`` to the
    travel time, ``distance_price`` to 1, ``penalty`` to 1e6, ``service`` and all other prices to 0, limits to
    ``inf``. Arrays are converted to contiguous ones of the contract's types. Raises :class:`InstanceError`.
    """
    counts = _counts(given)
    values: dict[str, object] = {}
    for field in fields(Instance):
        if field.name not in _SHAPES:
            if field.name in given:
                values[field.name] = given[field.name]
            continue
        kind = _TYPES[str(field.type)]
        source = given.get(field.name)
        if source is None:
            shape = tuple(counts[letter] for letter in _SHAPES[field.name])
            source = _default(field.name, shape, given)
        values[field.name] = np.ascontiguousarray(np.asarray(source, dtype=kind))
    instance = Instance(**values)  # type: ignore[arg-type]
    validate(instance)
    return instance


def _counts(given: dict[str, object]) -> dict[str, int]:
    """Read the sizes from the arrays that must be given."""
    for name in ("pickup", "stop_location", "start_location", "capacity", "load", "travel_time"):
        if given.get(name) is None:
            raise InstanceError(f"{name}: missing")
    vehicles = len(np.asarray(given["start_location"]))
    capacity, travel = np.shape(np.asarray(given["capacity"])), np.shape(np.asarray(given["travel_time"]))
    if len(capacity) != 3 or len(travel) != 3:
        raise InstanceError("capacity and travel_time: three dimensions expected")
    return {
        "R": len(np.asarray(given["pickup"])),
        "S": len(np.asarray(given["stop_location"])),
        "V": vehicles,
        "V1": vehicles + 1,
        "C": capacity[1],
        "K": capacity[2],
        "P": travel[0],
        "L": travel[1],
        "B": len(np.asarray(given.get("break_vehicle", ()))),
        "F": 0,
        "H": 0,
        "X": 0,
    }


_DEFAULTS: dict[str, float] = {
    "penalty": 1e6,
    "max_ride": np.inf,
    "allowed": True,
    "due": np.inf,
    "told_start": np.nan,
    "shift_end": np.inf,
    "max_duration": np.inf,
    "distance_price": 1.0,
    "overtime_from": np.inf,
}


def _default(name: str, shape: tuple[int, ...], given: dict[str, object]) -> object:
    """The neutral value of an array that was left out."""
    if name == "end_location":
        return given["start_location"]
    if name == "distance":
        return given["travel_time"]
    if name in ("delivery", "window_start", "window_end"):
        raise InstanceError(f"{name}: missing")
    return np.full(shape, _DEFAULTS.get(name, 0.0))


def validate(instance: Instance) -> None:
    """Raise :class:`InstanceError` for shapes that do not fit, indices out of range and empty windows."""
    _check_shapes(instance)
    _check_numbers(instance)
    _check_indices(instance)
    first = _first(instance.window_start > instance.window_end)
    if first is not None:
        raise InstanceError(f"window_start[{first}]: later than window_end")
    owners = np.concatenate([instance.pickup, instance.delivery[instance.delivery >= 0]])
    if len(owners) != instance.stops or len(np.unique(owners)) != instance.stops:
        raise InstanceError("pickup and delivery: every stop must belong to exactly one request")


def _check_shapes(instance: Instance) -> None:
    """Every array must have the shape of the contract."""
    sizes = {"R": instance.requests, "S": instance.stops, "V": instance.vehicles, "V1": instance.vehicles + 1}
    for name, letters in _SHAPES.items():
        shape = getattr(instance, name).shape
        if len(shape) != len(letters):
            raise InstanceError(f"{name}: {len(letters)} dimensions expected, got {len(shape)}")
        for letter, size in zip(letters, shape, strict=True):
            if sizes.setdefault(letter, size) != size:
                raise InstanceError(f"{name}: shape {shape} does not fit {letter} = {sizes[letter]}")
    if instance.valid_from.shape[1] not in (0, instance.vehicles):
        raise InstanceError("valid_from: a column for each vehicle expected, or none")


_MAY_BE_INFINITE = {"penalty", "max_ride", "window_end", "due", "shift_end", "max_duration", "overtime_from",
                    "capacity", "window_start", "shift_start", "valid_from", "valid_until"}  # fmt: skip


def _check_numbers(instance: Instance) -> None:
    """No NaN, except in told_start; infinite numbers only where they mean that there is no limit."""
    for name in _SHAPES:
        array = getattr(instance, name)
        if array.dtype != np.float64 or name == "told_start":
            continue
        bad = np.isnan(array) if name in _MAY_BE_INFINITE else ~np.isfinite(array)
        first = _first(bad)
        if first is not None:
            raise InstanceError(f"{name}[{first}]: not a finite number")
    for name in ("travel_time", "distance", "service", "break_duration", "max_ride", "max_duration"):
        first = _first(getattr(instance, name) < 0)
        if first is not None:
            raise InstanceError(f"{name}[{first}]: negative")


def _check_indices(instance: Instance) -> None:
    """Indices must lie inside their ranges."""
    locations, profiles = instance.travel_time.shape[1], instance.travel_time.shape[0]
    for name, low, high in (
        ("pickup", 0, instance.stops),
        ("delivery", -1, instance.stops),
        ("stop_location", 0, locations),
        ("start_location", 0, locations),
        ("end_location", 0, locations),
        ("profile", 0, profiles),
        ("break_vehicle", 0, instance.vehicles),
        ("prefix_stops", 0, instance.stops),
    ):
        array = getattr(instance, name)
        first = _first((array < low) | (array >= high))
        if first is not None:
            raise InstanceError(f"{name}[{first}]: outside {low}..{high - 1}")


def _first(bad: Flags) -> str | None:
    """The first true index as text, or None."""
    found = np.argwhere(bad)
    return ", ".join(str(index) for index in found[0]) if len(found) else None
