"""Claim edits: pure functions from a claim's facts to findings, run before sending and with new evidence."""

from billing.claims.edits.findings import Finding
from billing.claims.edits.scrub import EDITS, scrub

__all__ = ["EDITS", "Finding", "scrub"]
