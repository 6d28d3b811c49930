"""The compiled search on whole problems: rounds in windows that keep the links, then exact timing."""

from collections.abc import Collection
from dataclasses import dataclass
from math import isfinite
from random import Random

from dispatch.optimizer.compile import Compiled, compile_problem
from dispatch.optimizer.construct import insert_all
from dispatch.optimizer.draft import Draft
from dispatch.optimizer.engine.search import search
from dispatch.optimizer.limits import closed_vendors, out_of_stock, scarce, vendor_cap
from dispatch.optimizer.link_windows import Windows, free_windows
from dispatch.optimizer.links import Lag, breach_seconds
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.rebuilding import rebuilt
from dispatch.optimizer.rides_ahead import has_rest, rides_ahead
from dispatch.optimizer.rides_settled import carried_over, completed, rides_alone, rides_settled
from dispatch.optimizer.ruin import improve
from dispatch.optimizer.stop import Stop, StopClock, Tell

_ROUNDS = 6
_SHARES = (0.5, 1.0, 0.0)
"""How much of each link's slack goes to its earlier end, round by round."""

_SECOND_WAY, _RIDES_ALONE, _REST = 0.125, 0.2, 0.35
"""Share of what a small day's first round leaves that each step of the second way gets; of what is left then
that of rides alone in the way by hand, and of what is left then that of the rest."""

_FIRST, _FIRST_SMALL = 0.75, 0.15
"""Share of the first round of several: a small day needs less, and tries more ways instead."""

_COOLED = 0.8
"""Where the temperature of a later round begins on a day that is not small, as a share of the whole cooling:
the plan is good by then, and a round is too short to find its like again after it was hot."""

_STARTED, _STANDING = 0.5, 0.9
"""Where the temperature of the first round begins when a plan is given that serves at least that share of the
requests: a short search from hotter on ends above the plan it was given, a long one loses nothing."""

_SMALL = 100
"""Up to so many requests other ways to begin are tried too, every other round may break soft links and price
each request alone, and rounds end with steps by the exact rules."""

_EXACT, _STEP = 0.7, 300
"""Share of a round for steps by the exact rules, and how many iterations of the arrays one of them takes."""

_LOOSE = 0.5
_TRIES = 60
_RESERVE = 0.06
"""Share of the time kept for exact timing, insertion of what the arrays could not say, and reasons."""


@dataclass(slots=True)
class _Search:
    """One search over several rounds: the best draft so far and what it took."""

    clock: StopClock
    seed: int
    threads: int
    tell: Tell
    best: Draft
    cost: int
    cooled: float = 0.0
    """What the first round leaves out of the cooling."""
    iterations: int = 0


def search_compiled(
    draft: Draft, clock: StopClock, seed: int, threads: int, tell: Tell, *, standing: bool = False
) -> tuple[Draft, int]:
    """The best draft that the compiled engine finds from this one within the limits, and its iterations.

    Without links or shared limits one search takes all the time; with them several do, each in windows
    around the plan so far. `standing`: it is a plan that stands, to be improved where it does not fit any
    more. The draft given is not changed; the result is never worse.
    """
    stands = standing and len(draft.vehicle_of) >= _STANDING * len(draft.problem.requests)
    cooled = _STARTED if stands else 0.0
    run = _Search(clock, seed, threads, tell, draft, draft.cost().total, cooled)
    rounds = _ROUNDS if draft.lags or _tied(draft.problem) else 1
    fresh = not draft.vehicle_of and clock.stop.iterations != 0 and has_rest(draft)
    for number in range(rounds):
        limits = _part(run, number, rounds)
        exact = _EXACT if number and _small(draft) else 0.0
        if (number and clock.reached(run.iterations)) or not _one_round(
            run, number, _share_of(limits, 1.0 - exact)
        ):
            break
        if number == 0 and fresh and _small(draft) and not clock.reached(run.iterations):
            _second_way(run)
        if exact:
            _keep_if_better(run, _stepped(run, run.best, number, _share_of(limits, exact, _STEP)))
    return run.best, run.iterations


def _second_way(run: _Search) -> None:
    """The other ways into a small linked day, kept when they come out better; one of them is by hand."""
    empty = Draft.empty(run.best.problem)
    empty.eligible_by_request = run.best.eligible_by_request
    each = _share_left(run, _SECOND_WAY)
    trial, iterations = rides_ahead(empty, _penalties(empty), each, run.seed, run.threads, run.clock.over)
    run.iterations += iterations
    _keep_if_better(run, trial)
    if not run.clock.reached(run.iterations):
        _keep_if_better(run, _by_hand(run))


def _by_hand(run: _Search) -> Draft:
    """Rides alone, then the rest around them."""
    problem = run.best.problem
    alone, iterations = search_compiled(
        Draft.empty(rides_alone(problem)),
        _share_left(run, _RIDES_ALONE).started(),
        run.seed,
        run.threads,
        _untold,
    )
    run.iterations += iterations
    settled = carried_over(alone, rides_settled(problem, alone.vehicle_of, alone.starts))
    whole, iterations = search_compiled(
        settled, _share_left(run, _REST).started(), run.seed, run.threads, _untold
    )
    run.iterations += iterations
    return completed(carried_over(whole, problem))


def _untold(cost: int, unserved: int, iterations: int) -> None:
    """What a part of a search comes to is of no interest outside."""


def _small(draft: Draft) -> bool:
    """Whether a problem is so small that it is searched in more ways."""
    return len(draft.problem.requests) <= _SMALL


def _stepped(run: _Search, draft: Draft, number: int, limits: Stop) -> Draft:
    """Ruin and recreate by the exact rules: what moves both ends of a link at once no windows allow."""
    improved, steps = improve(draft, limits.started(), run.seed + number)
    run.iterations += steps * _STEP
    return improved


def _tied(problem: Problem) -> bool:
    return any(vendor_cap(problem, vendor) is not None for vendor in problem.vendors) or bool(scarce(problem))


def _one_round(run: _Search, number: int, limits: Stop) -> bool:
    """Search once around the best plan and keep what comes out better; False when nothing can be searched."""
    base = run.best
    windows = _windows(base, _SHARES[number % len(_SHARES)], _loose(run, number))
    compiled = compile_problem(
        base.problem,
        base.calls,
        windows,
        out_of_stock(base),
        _forbidden(base),
        _own_penalties(base) if number % 2 and _small(base) else _penalties(base),
        base.vehicle_of,
    )
    if compiled is None:
        return False
    start = compiled.routes({vehicle: route.calls for vehicle, route in base.routes.items()})

    def report(cost: float, unserved: int, seconds: float) -> None:
        if isfinite(cost):
            run.tell(round(cost), unserved, run.iterations)

    later = 0.0 if _small(base) else _COOLED
    cooled = later if number else run.cooled
    result = search(compiled.instance, limits, run.seed + number, start, report, run.threads, cooled)
    run.iterations += result.iterations
    trial = rebuilt(base, compiled, result.routes, windows)
    insert_all(trial, _worth_another_try(trial, compiled, result.unserved), run.clock.over)
    _keep_if_better(run, trial)
    return True


def _worth_another_try(trial: Draft, compiled: Compiled, refused: list[int]) -> list[str]:
    """What is left out for a reason that only the arrays have, so that exact insertion may find a place.

    At most sixty, the dearest first: each try costs milliseconds.
    """
    instance, stops = compiled.instance, compiled.stops
    tried = {stops[instance.pickup[request]].request.id for request in refused}
    tied = _tied(trial.problem)
    hopeful = [
        request
        for request in trial.left_out()
        if request.id not in tried or tied or request.credentials or request.id in trial.lags
    ]
    hopeful.sort(key=lambda request: (-request.left_out_cents, request.id))
    return [request.id for request in hopeful[:_TRIES]]


def _keep_if_better(run: _Search, trial: Draft) -> None:
    cost = trial.cost().total
    if cost < run.cost:
        run.best, run.cost = trial, cost
    run.tell(run.cost, len(run.best.calls) - len(run.best.vehicle_of), run.iterations)


def _windows(base: Draft, share: float, loose: Collection[str]) -> Windows:
    """Windows that keep the links, but those that are loose and soft ones that the plan breaks already."""
    every: dict[str, Lag] = {lag.link.id: lag for lags in base.lags.values() for lag in lags}
    kept = (
        lag
        for name, lag in every.items()
        if name not in loose and (lag.link.hard or not breach_seconds(lag, base.starts))
    )
    return free_windows(base.calls, kept, base.starts, share)


def _loose(run: _Search, number: int) -> set[str]:
    """Soft links that a round may break: any half of them in every other one on a small day.

    What a broken link costs the arrays do not know, only the exact rules by which a round's plan is judged.
    """
    chance = Random(run.seed + number)  # noqa: S311 - repeatable search, nothing secret
    links = run.best.problem.links if number % 2 and _small(run.best) else ()
    return {link.id for link in links if not link.hard and chance.random() < _LOOSE}


def _forbidden(base: Draft) -> dict[str, list[str]]:
    """Vehicles of vendors at their cap, for requests that another serves or nobody yet."""
    problem, vehicles = base.problem, base.problem.vehicle_by_id
    full = closed_vendors(base)
    if not full:
        return {}
    closed = [vehicle.id for vehicle in problem.vehicles if vehicle.vendor in full]
    found: dict[str, list[str]] = {}
    for request in problem.requests:
        serving = base.vehicle_of.get(request.id)
        own = vehicles[serving].vendor if serving is not None else None
        found[request.id] = [name for name in closed if vehicles[name].vendor != own]
    return found


def _own_penalties(base: Draft) -> dict[str, int]:
    """What leaving out a request costs by itself."""
    return {request.id: request.left_out_cents for request in base.problem.requests}


def _penalties(base: Draft) -> dict[str, int]:
    """What leaving out a request costs when hard links then keep others out too."""
    prices = _own_penalties(base)
    raised = dict(prices)
    for link in base.problem.links:
        if link.hard:
            raised[link.before] += prices[link.after]
    return raised


def _part(run: _Search, number: int, rounds: int) -> Stop:
    """This round's share of what is left; the first round gets more when there are several."""
    if number == 0 and rounds > 1:
        return _share_left(run, _FIRST_SMALL if _small(run.best) else _FIRST)
    return _share_left(run, 1.0 / (rounds - number))


def _share_left(run: _Search, share: float) -> Stop:
    """A share of the time and the iterations that are left."""
    limits = run.clock.stop
    seconds = None
    if limits.seconds is not None:
        usable = run.clock.remaining - _RESERVE * limits.seconds
        seconds = max(usable * share, 0.01)
    iterations = None
    if limits.iterations is not None:
        iterations = max(int((limits.iterations - run.iterations) * share), 0)
    return Stop(seconds, iterations, limits.cancelled)


def _share_of(limits: Stop, share: float, step: int = 1) -> Stop:
    """A share of these limits, in steps of so many iterations each."""
    return Stop(
        None if limits.seconds is None else limits.seconds * share,
        None if limits.iterations is None else int(limits.iterations * share / step),
        limits.cancelled,
    )
