"""What a check says: the rules it applied, and a finding for each place where the plan breaks one."""

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """A promise that every plan keeps; the value is the name in reports and certificates."""

    REFERENCE = "reference"
    """Routes name only vehicles, requests and points of the problem, one route a vehicle, none empty."""
    ONCE = "once"
    """No point of a request is served twice, and no request by two vehicles."""
    COMPLETE = "complete"
    """Every request is served at all its points or left out with a reason, never both, never neither."""
    ORDER = "order"
    """A rider is picked up before being set down, and stops follow each other in time."""
    WINDOW = "window"
    """Service begins inside the point's window."""
    PROMISE = "promise"
    """Service begins inside a promised window that has no price."""
    PIN = "pin"
    """A pinned request is on its vehicle, at its time."""
    VENDOR = "vendor"
    """Only allowed vendors and vehicles serve a request."""
    VENDOR_CAP = "vendor_cap"
    """No vendor serves more requests than its cap or its largest share of all requests."""
    SKILL = "skill"
    """The crew has every skill that the request needs."""
    CREDENTIAL = "credential"
    """Every needed credential is valid from the beginning to the end of the service."""
    CAPACITY = "capacity"
    """At every moment the load fits one configuration of the vehicle."""
    STOCK = "stock"
    """No more equipment is delivered than vehicles and their depots hold."""
    TRAVEL = "travel"
    """Between two stops there is time for the service and the drive."""
    RIDE_LIMIT = "ride_limit"
    """No ride is longer than its limit in time and detour."""
    SHIFT = "shift"
    """The vehicle leaves after its shift begins and is back before its overtime runs out."""
    END = "end"
    """The stated end of a route is when its vehicle is back."""
    ROUTE_DURATION = "route_duration"
    """The route lasts no longer than its vehicle may."""
    ROUTE_DISTANCE = "route_distance"
    """The route is no longer in metres than its vehicle may drive."""
    ROUTE_STOPS = "route_stops"
    """The route has no more stops than its vehicle may make."""
    BREAK = "break"
    """Every break that is owed is taken in its window, whole, standing, with no rider on board."""
    BLOCKED = "blocked"
    """Nothing is driven or served while the vendor has blocked the vehicle."""
    LINK = "link"
    """Every hard link between two requests is kept."""
    FROZEN = "frozen"
    """The committed beginning of a route is untouched, and no other leg sets off before the frozen end."""
    REASON = "reason"
    """Whatever is left out has a code and a sentence that says why."""
    COST = "cost"
    """The stated costs are those that follow from the stops and times, to the cent."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where a plan breaks a rule; request and vehicle are empty when the rule is about neither."""

    rule: Rule
    message: str
    request: str = ""
    vehicle: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a check: all rules applied, all findings, and notes that are no breach."""

    rules: tuple[Rule, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the plan breaks no rule."""
        return not self.findings

    def broken(self) -> frozenset[Rule]:
        """The rules with at least one finding."""
        return frozenset(finding.rule for finding in self.findings)
