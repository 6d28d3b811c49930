"""What vehicles share and can run out of: equipment in a depot, a vendor's cap and largest share."""

from collections import Counter

from dispatch.optimizer.draft import Draft
from dispatch.optimizer.fleet import Vehicle, Vendor
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.requests import Request


def vendor_cap(problem: Problem, vendor: Vendor) -> int | None:
    """How many requests the vendor may serve by its cap and its largest share; None when any number."""
    share, cap = vendor.max_share_percent, vendor.max_requests
    by_share = len(problem.requests) * share // 100 if share < 100 else None
    return min((limit for limit in (by_share, cap) if limit is not None), default=None)


class Limits:
    """How much of the shared limits a draft leaves for one request that it does not serve yet."""

    def __init__(self, draft: Draft, request: Request) -> None:
        self.draft, self.request = draft, request
        capped = {
            v.id: cap for v in draft.problem.vendors if (cap := vendor_cap(draft.problem, v)) is not None
        }
        self._full = self._full_vendors(capped) if capped else frozenset()
        self._needs: dict[str, Counter[str]] = {}
        if request.equipment:
            for served, vehicle in draft.vehicle_of.items():
                equipment = draft.calls[served][0].request.equipment
                if equipment:
                    self._needs.setdefault(vehicle, Counter()).update(equipment)

    def allow(self, vehicle: Vehicle) -> bool:
        """Whether the vehicle's vendor and depot have room for the request."""
        if vehicle.vendor in self._full:
            return False
        return not self.request.equipment or self._in_stock(vehicle)

    def _full_vendors(self, capped: dict[str, int]) -> frozenset[str]:
        vehicles = self.draft.problem.vehicle_by_id
        counted = Counter(vehicles[vehicle].vendor for vehicle in self.draft.vehicle_of.values())
        return frozenset(vendor for vendor, cap in capped.items() if counted[vendor] >= cap)

    def _in_stock(self, vehicle: Vehicle) -> bool:
        depot = next((d for d in self.draft.problem.depots if d.id == vehicle.depot), None)
        for item, pieces in self.request.equipment.items():
            drawn = 0
            for other in self.draft.problem.vehicles:
                if other.id != vehicle.id and (depot is None or other.depot != depot.id):
                    continue
                needed = self._needs.get(other.id, Counter())[item]
                needed += pieces if other.id == vehicle.id else 0
                drawn += max(needed - other.stock.get(item, 0), 0)
            if drawn > (depot.stock.get(item, 0) if depot is not None else 0):
                return False
        return True


def scarce(problem: Problem) -> frozenset[str]:
    """Items of which more is asked for than the smallest depot holds: those that can run out."""
    return problem.scarce_items


def out_of_stock(draft: Draft) -> set[str]:
    """Unserved requests for scarce items beyond what the plan leaves in stock, the least dear first."""
    items = scarce(draft.problem)
    if not items:
        return set()
    left: Counter[str] = Counter()
    for stock in [d.stock for d in draft.problem.depots] + [v.stock for v in draft.problem.vehicles]:
        left.update(stock)
    for served in draft.vehicle_of:
        left.subtract(draft.calls[served][0].request.equipment)
    out: set[str] = set()
    for request in sorted(draft.left_out(), key=lambda r: (-r.left_out_cents, r.id)):
        needed = {item: pieces for item, pieces in request.equipment.items() if item in items}
        if any(left[item] < pieces for item, pieces in needed.items()):
            out.add(request.id)
        else:
            left.subtract(needed)
    return out


def closed_vendors(draft: Draft) -> set[str]:
    """Vendors that already serve as many requests as they may."""
    vehicles = draft.problem.vehicle_by_id
    counted = Counter(vehicles[vehicle].vendor for vehicle in draft.vehicle_of.values())
    caps = {vendor.id: vendor_cap(draft.problem, vendor) for vendor in draft.problem.vendors}
    return {vendor for vendor, cap in caps.items() if cap is not None and counted[vendor] >= cap}


def trim(draft: Draft) -> list[str]:
    """Take requests out until no vendor exceeds its cap and no depot its stock, the least dear first."""
    taken: list[str] = []
    for request in sorted(
        draft.vehicle_of, key=lambda name: (draft.calls[name][0].request.left_out_cents, name)
    ):
        vehicle = draft.problem.vehicle_by_id[draft.vehicle_of[request]]
        if _exceeds(draft, request, vehicle) and draft.remove(request):
            taken.append(request)
    return taken


def _exceeds(draft: Draft, request: str, vehicle: Vehicle) -> bool:
    """Whether the request's vendor or depot is beyond its limit in this draft."""
    vendor = draft.problem.vendor_by_id[vehicle.vendor]
    cap = vendor_cap(draft.problem, vendor)
    vehicles = draft.problem.vehicle_by_id
    if cap is not None and sum(vehicles[v].vendor == vendor.id for v in draft.vehicle_of.values()) > cap:
        return True
    equipment = draft.calls[request][0].request.equipment
    if not equipment or not set(equipment) & scarce(draft.problem):
        return False
    place = draft.vehicle_of.pop(request)
    fits = Limits(draft, draft.calls[request][0].request).allow(vehicle)
    draft.vehicle_of[request] = place
    return not fits
