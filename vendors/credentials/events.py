"""News from credentials."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from marketplace.foundation.events import Event


@dataclass(frozen=True, slots=True)
class EligibilityRevoked(Event):
    """A credential lost its standing ahead of time: planned work of its subject must be looked at again."""

    vendor_organization_id: UUID
    subject_kind: str
    subject_id: UUID
    credential_type: str
    revision: int
