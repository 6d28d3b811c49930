"""A plan certificate: which rules an independent check applied to exactly this plan, provably.

A service that commits plans verifies the certificate first, and commits nothing without one.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np

from dispatch.optimizer.check import Report, Rule, check
from dispatch.optimizer.errors import SolutionError
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.solution import Solution

_VERSION = "homeward-plan-1"


@dataclass(frozen=True, slots=True)
class PlanCertificate:
    """That the plan with `solution_digest` keeps `rules` for the problem with `problem_digest`.

    Digests are SHA-256 in hexadecimal; `seal` is an HMAC-SHA-256 over the other fields under the key of
    the service, or with no key a plain SHA-256, which shows damage but no forgery.
    """

    problem_digest: str
    solution_digest: str
    rules: tuple[str, ...]
    seal: str


def certify(problem: Problem, solution: Solution, key: bytes = b"") -> PlanCertificate:
    """Check the plan and certify it; raises SolutionError naming the first finding when it breaks a rule."""
    report = check(problem, solution)
    if not report.ok:
        finding = report.findings[0]
        raise SolutionError(f"solution.{finding.rule}", _sentence(report))
    rules = tuple(rule.value for rule in report.rules)
    problem_digest, solution_digest = digest(problem), digest(solution)
    seal = _seal(problem_digest, solution_digest, rules, key)
    return PlanCertificate(problem_digest, solution_digest, rules, seal)


def verify(certificate: PlanCertificate, problem: Problem, solution: Solution, key: bytes = b"") -> bool:
    """Whether the certificate is genuine, lists every rule and speaks of exactly this plan."""
    same = certificate.problem_digest == digest(problem) and certificate.solution_digest == digest(solution)
    complete = set(certificate.rules) >= {rule.value for rule in Rule}
    expected = _seal(certificate.problem_digest, certificate.solution_digest, certificate.rules, key)
    return same and complete and hmac.compare_digest(expected, certificate.seal)


def digest(value: Problem | Solution) -> str:
    """SHA-256 of a problem's or plan's content; a plan's search statistics are not part of it."""
    hasher = hashlib.sha256()
    if isinstance(value, Problem):
        hasher.update(np.ascontiguousarray(value.travel.seconds).tobytes())
        hasher.update(np.ascontiguousarray(value.travel.metres).tobytes())
        parts = {f.name: _plain(getattr(value, f.name)) for f in fields(value) if f.name != "travel"}
        parts["travel"] = [value.travel.size, value.travel.speed_percent, value.travel.bucket_seconds]
    else:
        parts = {name: _plain(getattr(value, name)) for name in ("routes", "unserved", "cost")}
    hasher.update(json.dumps(parts, sort_keys=True, separators=(",", ":")).encode())
    return hasher.hexdigest()


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return [_plain(getattr(value, part.name)) for part in fields(value)]
    if isinstance(value, Mapping):
        return {str(name): _plain(entry) for name, entry in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, tuple | list):
        return [_plain(entry) for entry in value]
    return int(value) if isinstance(value, np.integer) else value


def _seal(problem_digest: str, solution_digest: str, rules: tuple[str, ...], key: bytes) -> str:
    text = json.dumps([_VERSION, problem_digest, solution_digest, list(rules)]).encode()
    return hmac.new(key, text, hashlib.sha256).hexdigest() if key else hashlib.sha256(text).hexdigest()


def _sentence(report: Report) -> str:
    finding = report.findings[0]
    about = " ".join(name for name in (finding.request, finding.vehicle) if name)
    more = f" (and {len(report.findings) - 1} more)" if len(report.findings) > 1 else ""
    return f"{about}: {finding.message}{more}" if about else f"{finding.message}{more}"
