"""The optimizer: one plan for rides, equipment and visits over all vendors, explained and proved.

Pure: numbers in, numbers out. No web, no database, no settings.
"""

from dispatch.optimizer.certificate import PlanCertificate, certify, verify
from dispatch.optimizer.check import Finding, Report, Rule, check
from dispatch.optimizer.comparing import Difference, compare
from dispatch.optimizer.errors import ProblemError, SolutionError
from dispatch.optimizer.events import Breakdown, Event, Insert, NoShow, Remove, Slip
from dispatch.optimizer.explain import Assigned, LeftOut, Remedy, RunnerUp, explain
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
from dispatch.optimizer.freezing import freeze
from dispatch.optimizer.live import LivePlan
from dispatch.optimizer.problem import DIMENSIONS, Problem
from dispatch.optimizer.proposing import Proposal, Share, propose
from dispatch.optimizer.readiness import Readiness, lognormal_readiness, planned_on_quantile
from dispatch.optimizer.relaxing import Relaxation
from dispatch.optimizer.repair import Alternative, Repair, repair
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
from dispatch.optimizer.whatif import WhatIfCurve, WhatIfPoint, what_if

__all__ = [
    "DIMENSIONS",
    "Alternative",
    "Anchor",
    "Assigned",
    "Blocked",
    "Break",
    "Breakdown",
    "CommittedStop",
    "CostBreakdown",
    "Credential",
    "Depot",
    "Difference",
    "Event",
    "Finding",
    "Insert",
    "LeftOut",
    "Link",
    "LivePlan",
    "NoShow",
    "Pin",
    "PlanCertificate",
    "PlannedBreak",
    "PlannedStop",
    "Problem",
    "ProblemError",
    "Progress",
    "Promise",
    "Proposal",
    "Rate",
    "Readiness",
    "Relaxation",
    "Remedy",
    "Remove",
    "Repair",
    "Report",
    "Request",
    "RequestKind",
    "Route",
    "Rule",
    "RunnerUp",
    "ServicePoint",
    "Share",
    "Shift",
    "Slip",
    "Solution",
    "SolutionError",
    "Stop",
    "Told",
    "TravelMatrix",
    "Unserved",
    "UnservedCode",
    "Vehicle",
    "Vendor",
    "WhatIfCurve",
    "WhatIfPoint",
    "certify",
    "check",
    "compare",
    "explain",
    "freeze",
    "lognormal_readiness",
    "planned_on_quantile",
    "propose",
    "repair",
    "solve",
    "validate",
    "verify",
    "what_if",
]
