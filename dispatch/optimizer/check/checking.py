"""Check a plan against its problem: every rule, one after another."""

from collections.abc import Callable, Iterator

from dispatch.optimizer.check.cost_rules import check_costs
from dispatch.optimizer.check.evidence import Evidence, gather
from dispatch.optimizer.check.link_rules import check_links
from dispatch.optimizer.check.load_rules import check_extent, check_loads
from dispatch.optimizer.check.permission_rules import (
    check_caps,
    check_complete,
    check_once,
    check_reasons,
    check_references,
    check_skills,
    check_stock,
    check_vendors,
)
from dispatch.optimizer.check.report import Finding, Report, Rule
from dispatch.optimizer.check.rest_rules import check_blocked, check_breaks, check_frozen
from dispatch.optimizer.check.time_rules import (
    check_order,
    check_rides,
    check_shifts,
    check_travel,
    check_windows,
)
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.solution import Solution

_CHECKS: tuple[Callable[[Evidence], Iterator[Finding]], ...] = (
    check_references,
    check_once,
    check_complete,
    check_reasons,
    check_vendors,
    check_caps,
    check_skills,
    check_stock,
    check_loads,
    check_extent,
    check_order,
    check_windows,
    check_travel,
    check_rides,
    check_shifts,
    check_breaks,
    check_blocked,
    check_frozen,
    check_links,
    check_costs,
)


def check(problem: Problem, solution: Solution) -> Report:
    """Apply every rule to the plan; never raises for a bad plan, it reports.

    The report lists all rules that were applied and a finding for each breach, naming the rule, the
    request and the vehicle.
    """
    evidence = gather(problem, solution)
    findings = [finding for apply in _CHECKS for finding in apply(evidence)]
    return Report(tuple(Rule), tuple(findings), tuple(_notes(evidence)))


def _notes(evidence: Evidence) -> Iterator[str]:
    """Vendors that stay under their least share: an aim of proposals, no breach of a plan."""
    work: dict[str, set[str]] = {}
    for route, stop in evidence.served():
        work.setdefault(route.vehicle.vendor, set()).add(stop.request.id)
    everything = len(evidence.problem.requests)
    for vendor in evidence.problem.vendors:
        count = len(work.get(vendor.id, ()))
        if count * 100 < vendor.min_share_percent * everything:
            least = f"its least share is {vendor.min_share_percent} %"
            yield f"{vendor.id} has {count} of {everything} requests, {least}"
