"""The independent checker: re-derives every promise of a plan from the raw problem.

It is written from what is promised, in plain Python, and shares no code with what makes plans; of the
model it reads only the data.
"""

from dispatch.optimizer.check.checking import check
from dispatch.optimizer.check.report import Finding, Report, Rule

__all__ = ["Finding", "Report", "Rule", "check"]
