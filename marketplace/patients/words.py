"""The words of the patients room: mobility, isolation, encounters, authorizations, and the frozen needs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any


class MobilityAid(StrEnum):
    """How the patient moves; it decides which vehicle can carry them."""

    NONE = "none"
    CANE = "cane"
    WALKER = "walker"
    WHEELCHAIR = "wheelchair"
    """A standard wheelchair that the patient stays in during the ride."""
    POWER_WHEELCHAIR = "power_wheelchair"
    """Heavier and longer than a standard chair; needs a wide lift."""
    BARIATRIC_WHEELCHAIR = "bariatric_wheelchair"
    """An extra-wide chair; needs a wide lift."""
    STRETCHER = "stretcher"
    """The patient must lie."""


class IsolationPrecaution(StrEnum):
    """Transmission-based precautions (CDC): what the crew wears and whether the ride can be shared."""

    NONE = "none"
    CONTACT = "contact"
    DROPLET = "droplet"
    AIRBORNE = "airborne"


class EncounterState(StrEnum):
    """Where a hospital stay stands."""

    EXPECTED = "expected"
    ADMITTED = "admitted"
    DISCHARGED = "discharged"
    CANCELLED = "cancelled"


class ServiceLine(StrEnum):
    """What kind of service an authorization, a task or a booking is about."""

    RIDE = "ride"
    EQUIPMENT = "equipment"
    HOME_HEALTH = "home_health"


class ReservationState(StrEnum):
    """What became of units set aside for a booking."""

    RESERVED = "reserved"
    CONSUMED = "consumed"
    """The service was done; the units are spent, and come back only when the claim is voided."""
    RELEASED = "released"


class DischargeReason(StrEnum):
    """Why an expected discharge time was moved."""

    CLINICAL = "clinical"
    AWAITING_TRANSPORT = "awaiting_transport"
    AWAITING_PRESCRIPTIONS = "awaiting_prescriptions"
    AWAITING_CONSULT = "awaiting_consult"
    AWAITING_EQUIPMENT = "awaiting_equipment"
    FAMILY = "family"
    EARLIER = "earlier"
    OTHER = "other"


MOBILITY_LABELS = {
    MobilityAid.NONE: "Walks without help",
    MobilityAid.CANE: "Cane",
    MobilityAid.WALKER: "Walker",
    MobilityAid.WHEELCHAIR: "Wheelchair",
    MobilityAid.POWER_WHEELCHAIR: "Power wheelchair",
    MobilityAid.BARIATRIC_WHEELCHAIR: "Extra-wide wheelchair",
    MobilityAid.STRETCHER: "Must lie (stretcher)",
}
ISOLATION_LABELS = {
    IsolationPrecaution.NONE: "None",
    IsolationPrecaution.CONTACT: "Contact",
    IsolationPrecaution.DROPLET: "Droplet",
    IsolationPrecaution.AIRBORNE: "Airborne",
}
DISCHARGE_REASON_LABELS = {
    DischargeReason.CLINICAL: "Clinical change",
    DischargeReason.AWAITING_TRANSPORT: "Waiting for a ride",
    DischargeReason.AWAITING_PRESCRIPTIONS: "Waiting for prescriptions",
    DischargeReason.AWAITING_CONSULT: "Waiting for a consult",
    DischargeReason.AWAITING_EQUIPMENT: "Waiting for equipment",
    DischargeReason.FAMILY: "Family not ready",
    DischargeReason.EARLIER: "Ready earlier",
    DischargeReason.OTHER: "Other",
}

WHEELCHAIRS = frozenset(
    {MobilityAid.WHEELCHAIR, MobilityAid.POWER_WHEELCHAIR, MobilityAid.BARIATRIC_WHEELCHAIR}
)
WIDE_WHEELCHAIRS = frozenset({MobilityAid.POWER_WHEELCHAIR, MobilityAid.BARIATRIC_WHEELCHAIR})


@dataclass(frozen=True, slots=True)
class Needs:
    """What a crew must know to move or visit a patient; holds nothing that identifies anybody."""

    stairs_count: int = 0
    """Steps between the street and the patient's rooms."""
    weight_kg: int | None = None
    oxygen_lpm: Decimal = Decimal(0)
    """Oxygen flow in litres per minute; 0 is none."""
    mobility_aid: MobilityAid = MobilityAid.NONE
    escort: bool = False
    """Somebody travels along."""
    isolation_precaution: IsolationPrecaution = IsolationPrecaution.NONE
    interpreter_language: str | None = None

    def to_json(self) -> dict[str, Any]:
        """JSON-ready values; the flow as text, so that it stays exact."""
        return asdict(self) | {"oxygen_lpm": str(self.oxygen_lpm)}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Needs:
        """The needs again from `to_json`'s values; missing ones take their defaults."""
        known = {name: value for name, value in values.items() if name in cls.__slots__}
        known["oxygen_lpm"] = Decimal(str(known.get("oxygen_lpm") or 0))
        known["mobility_aid"] = MobilityAid(known.get("mobility_aid", "none"))
        known["isolation_precaution"] = IsolationPrecaution(known.get("isolation_precaution", "none"))
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the patient is: the direct identifiers, kept only under seal."""

    given_name: str
    family_name: str
    birth_date: str
    """ISO date."""
    mrn: str
    """Medical record number of the health system."""
    phone: str = ""
    address_line: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""

    @property
    def name(self) -> str:
        """Given and family name, as people say it."""
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def listed_name(self) -> str:
        """Family name first, as lists sort."""
        return f"{self.family_name}, {self.given_name}"

    @property
    def address(self) -> str:
        """The address in one line; empty parts are left out."""
        place = f"{self.state} {self.postal_code}".strip()
        return ", ".join(part for part in (self.address_line, self.city, place) if part)


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who takes a delivery at home: the patient may still be in hospital."""

    name: str
    phone: str
    relationship: str = ""
    instructions: str = ""
