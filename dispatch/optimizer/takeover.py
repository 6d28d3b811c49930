"""A spare vehicle takes over: one idle vehicle for everything that another can no longer do."""

from dispatch.optimizer.construct import insert_all
from dispatch.optimizer.draft import Draft
from dispatch.optimizer.fleet import Vehicle
from dispatch.optimizer.insertion import placements

_SPARES = 4


def by_spare_vehicle(base: Draft, missing: list[str]) -> list[tuple[str, Draft]]:
    """The best plan in which one idle vehicle takes what it can of the requests, the others the rest."""
    best: tuple[int, str, Draft] | None = None
    for vehicle in _spares(base, missing):
        draft = base.copy()
        for name in sorted(missing, key=lambda name: base.calls[name][0].lower):
            found = placements(draft, name, [vehicle], most=1)
            if found:
                draft.put(found[0].route)
        if vehicle.id in draft.routes:
            insert_all(draft, [name for name in missing if name not in draft.vehicle_of])
            cost = draft.cost().total
            if best is None or cost < best[0]:
                best = cost, f"{vehicle.id} takes over", draft
    return [] if best is None else [best[1:]]


def _spares(base: Draft, missing: list[str]) -> list[Vehicle]:
    """Idle vehicles able to serve most of the requests, a few of them."""
    able: dict[str, int] = {}
    for name in missing:
        for vehicle in base.eligible(name):
            if vehicle.id not in base.routes:
                able[vehicle.id] = able.get(vehicle.id, 0) + 1
    names = sorted(able, key=lambda name: (-able[name], name))[:_SPARES]
    return [base.problem.vehicle_by_id[name] for name in names]
