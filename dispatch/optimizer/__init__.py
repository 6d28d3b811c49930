"""The optimizer: one plan for rides, equipment and visits over all vendors, explained and proved.

Pure: numbers in, numbers out. No web, no database, no settings.
"""

from dispatch.optimizer.certificate import PlanCertificate, certify, verify
from dispatch.optimizer.check import Finding, Report, Rule, check
from dispatch.optimizer.errors import ProblemError, SolutionError
from dispatch.optimizer.fleet import (
    Blocked,
    Break,
    CommittedStop,
    Credential,
    Depot,
    Rate,
    Shift,
    Vehicle,
    Vendor,
)
from dispatch.optimizer.problem import DIMENSIONS, Problem
from dispatch.optimizer.requests import (
    Anchor,
    Link,
    Pin,
    Promise,
    Request,
    RequestKind,
    ServicePoint,
    Told,
)
from dispatch.optimizer.solution import (
    CostBreakdown,
    PlannedBreak,
    PlannedStop,
    Route,
    Solution,
    Unserved,
    UnservedCode,
)
from dispatch.optimizer.solving import Progress, solve
from dispatch.optimizer.stop import Stop
from dispatch.optimizer.travel import TravelMatrix
from dispatch.optimizer.validation import validate

__all__ = [
    "DIMENSIONS",
    "Anchor",
    "Blocked",
    "Break",
    "CommittedStop",
    "CostBreakdown",
    "Credential",
    "Depot",
    "Finding",
    "Link",
    "Pin",
    "PlanCertificate",
    "PlannedBreak",
    "PlannedStop",
    "Problem",
    "ProblemError",
    "Progress",
    "Promise",
    "Rate",
    "Report",
    "Request",
    "RequestKind",
    "Route",
    "Rule",
    "ServicePoint",
    "Shift",
    "Solution",
    "SolutionError",
    "Stop",
    "Told",
    "TravelMatrix",
    "Unserved",
    "UnservedCode",
    "Vehicle",
    "Vendor",
    "certify",
    "check",
    "solve",
    "validate",
    "verify",
]
