"""The words of a patient's choice: to whom a list is shown and how, what was chosen, a line of the list."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID


class PresentedTo(StrEnum):
    """Who sees the list and chooses."""

    PATIENT = "patient"
    REPRESENTATIVE = "representative"


class PresentationManner(StrEnum):
    """How the list was shown."""

    SCREEN = "screen"
    PAPER = "paper"
    READ_ALOUD = "read_aloud"
    """To somebody who cannot read it, or through an interpreter."""


class ChoiceOutcome(StrEnum):
    """What came of showing the list."""

    CHOSEN = "chosen"
    """One agency or several, in the patient's own order."""
    NO_PREFERENCE = "no_preference"
    """Any agency of the list may be asked."""


OUTCOME_LABELS = {
    ChoiceOutcome.CHOSEN: "The patient chose",
    ChoiceOutcome.NO_PREFERENCE: "The patient has no preference",
}
MANNER_LABELS = {
    PresentationManner.SCREEN: "On a screen",
    PresentationManner.PAPER: "On paper",
    PresentationManner.READ_ALOUD: "Read aloud",
}


@dataclass(frozen=True, slots=True)
class Representative:
    """Who chooses for a patient that cannot; kept under seal."""

    name: str
    relationship: str


@dataclass(frozen=True, slots=True)
class ListedAgency:
    """An agency as a list shows it, taken from the directory at one moment."""

    agency_id: UUID
    ccn: str
    """CMS certification number."""
    name: str
    phone: str
    address: str
    disciplines: tuple[str, ...]
    quality_stars: str
    """CMS's quality of patient care rating, such as 3.5; empty when CMS gives none."""
    in_network: bool | None
    """Of the patient's managed-care plan; None when no plan restricts the choice."""
    interest: str
    """The hospital's financial interest in the agency, in words; empty for none."""
    vendor_organization_id: UUID | None
    """Its organization in this marketplace, when it has one."""

    def to_json(self) -> dict[str, Any]:
        """JSON-ready values."""
        texts = {"agency_id": str(self.agency_id), "disciplines": list(self.disciplines)}
        vendor = str(self.vendor_organization_id) if self.vendor_organization_id else None
        return asdict(self) | texts | {"vendor_organization_id": vendor}
