"""Words of credentialing: whose paper it is, what it proves, what is required of whom, and findings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class SubjectKind(StrEnum):
    """Whose credential it is."""

    VENDOR = "vendor"
    VEHICLE = "vehicle"
    CREW_MEMBER = "crew_member"


class Standing(StrEnum):
    """What has become of a credential apart from time passing."""

    GOOD = "good"
    STAYED = "stayed"
    """Enrollment stayed for a lapse of bond or insurance (National Provider Enrollment, since 2026-05-18)."""
    REVOKED = "revoked"


class ScreeningResult(StrEnum):
    """What a search of an exclusion list gave."""

    CLEAR = "clear"
    POTENTIAL_MATCH = "potential_match"
    """Somebody of that name is on the list; a person must decide."""
    FALSE_MATCH = "false_match"
    EXCLUDED = "excluded"


class Severity(StrEnum):
    """What a finding does."""

    BLOCKS = "blocks"
    WARNS = "warns"


@dataclass(frozen=True, slots=True)
class CredentialType:
    """A kind of paper: its code, its name, whose it is, and whether it is a search of an exclusion list."""

    code: str
    name: str
    subject_kind: SubjectKind
    is_screening: bool = False


@dataclass(frozen=True, slots=True)
class Requirement:
    """A credential that work of a service line (and only some levels or disciplines, when named) demands.

    `source` is where the rule comes from, `effective_from` since when we apply it.
    """

    credential_type: str
    subject_kind: SubjectKind
    service_line: str
    source: str
    effective_from: date
    levels: frozenset[str] = frozenset()
    must_be_verified: bool = True
    effective_to: date | None = None

    def applies(self, service_line: str, level: str | None, day: date) -> bool:
        """Whether work of this line and level on this day falls under the rule."""
        in_force = self.effective_from <= day and (self.effective_to is None or day < self.effective_to)
        return in_force and service_line == self.service_line and (not self.levels or level in self.levels)


@dataclass(frozen=True, slots=True)
class HeldCredential:
    """A credential as the rules see it: valid from `valid_from` until `expires_at`; None never ends."""

    credential_type: str
    valid_from: datetime
    expires_at: datetime | None
    verified: bool
    standing: Standing = Standing.GOOD
    screening: ScreeningResult | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Why somebody may not serve, or will soon not: code, credential type, a sentence, and its weight."""

    code: str
    credential_type: str
    text: str
    severity: Severity = Severity.BLOCKS
