"""Judging credentials at the time of the service: pure functions that return findings, never raise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from vendors.credentials.catalogue import CREDENTIAL_TYPES
from vendors.credentials.words import (
    Finding,
    HeldCredential,
    Requirement,
    ScreeningResult,
    Standing,
)

REMINDER_DAYS = (60, 30, 7)
"""How many days before an expiry the vendor is reminded."""


def missing(
    required: Iterable[Requirement],
    held: Sequence[HeldCredential],
    at: datetime,
    until: datetime | None = None,
) -> list[Finding]:
    """Why somebody with `held` credentials may not serve from `at` until `until` (default: at that moment).

    One blocking finding per requirement that no credential meets for the whole time; none when all is well.
    A card that expires at noon fails a 13:00 service and passes a 10:00 one.
    """
    end = until if until is not None else at
    findings = []
    for requirement in required:
        ours = [paper for paper in held if paper.credential_type == requirement.credential_type]
        finding = _judge(requirement, ours, at, end)
        if finding is not None:
            findings.append(finding)
    return findings


def reminder_days(valid_from: datetime, expires_at: datetime) -> list[int]:
    """Which reminders fit a credential's life: those in its second half."""
    life = expires_at - valid_from
    return [days for days in REMINDER_DAYS if timedelta(days=2 * days) <= life]


def due_reminders(valid_from: datetime, expires_at: datetime, at: datetime, sent: Iterable[int]) -> list[int]:
    """Which reminder is due now and unsent, if any; late ones are not sent in a heap."""
    if expires_at <= at:
        return []
    fitting = reminder_days(valid_from, expires_at)
    passed = [days for days in fitting if at >= expires_at - timedelta(days=days)]
    return [min(passed)] if passed and min(passed) not in set(sent) else []


def _judge(
    requirement: Requirement, papers: Sequence[HeldCredential], at: datetime, end: datetime
) -> Finding | None:
    """None when one paper serves; otherwise what stands in the way of the one that comes closest."""
    if any(_excludes(paper, at) for paper in papers):
        return _finding("excluded", requirement, "names somebody on an exclusion list")
    problems = [_problem(requirement, paper, at, end) for paper in papers]
    if not problems:
        return _finding("absent", requirement, "is not on file")
    code, text = min(problems, key=lambda problem: _CLOSENESS.index(problem[0]))
    return None if code == "fits" else _finding(code, requirement, text)


_CLOSENESS = (
    "fits",
    "unverified",
    "potential_match",
    "stayed",
    "expires_during",
    "not_yet_valid",
    "expired",
    "revoked",
)
"""From nearly good to hopeless: of several papers the nearest one is named."""


def _problem(requirement: Requirement, paper: HeldCredential, at: datetime, end: datetime) -> tuple[str, str]:
    ends = f"{paper.expires_at:%Y-%m-%d %H:%M} UTC" if paper.expires_at else "never"
    checks = (
        (paper.standing is Standing.REVOKED, "revoked", "was revoked"),
        (_over(paper, at), "expired", f"ended before the service ({ends})"),
        (paper.valid_from > at, "not_yet_valid", f"is only valid from {paper.valid_from:%Y-%m-%d}"),
        (_over(paper, end), "expires_during", f"ends during the service ({ends})"),
        (paper.standing is Standing.STAYED, "stayed", "is stayed by the enrollment contractor"),
        (
            paper.screening is ScreeningResult.POTENTIAL_MATCH,
            "potential_match",
            "found a possible match that nobody has decided yet",
        ),
        (
            requirement.must_be_verified and not paper.verified,
            "unverified",
            "has not been verified at its source",
        ),
    )
    return next(((code, text) for wrong, code, text in checks if wrong), ("fits", ""))


def _over(paper: HeldCredential, moment: datetime) -> bool:
    return paper.expires_at is not None and paper.expires_at <= moment


def _excludes(paper: HeldCredential, at: datetime) -> bool:
    return paper.screening is ScreeningResult.EXCLUDED and paper.valid_from <= at


def _finding(code: str, requirement: Requirement, text: str) -> Finding:
    kind = requirement.credential_type
    return Finding(code, kind, f"{_name(kind)} {text}.")


def _name(credential_type: str) -> str:
    known = CREDENTIAL_TYPES.get(credential_type)
    return known.name if known else credential_type.replace("_", " ")
