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
