"""Words of a fleet: kinds of vehicles and crew members, skills, configurations."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class VehicleKind(StrEnum):
    """What a vehicle is built as."""

    SEDAN = "sedan"
    MINIVAN = "minivan"
    WHEELCHAIR_VAN = "wheelchair_van"
    STRETCHER_VAN = "stretcher_van"
    AMBULANCE = "ambulance"
    CARGO_VAN = "cargo_van"
    AIRPLANE = "airplane"
    HELICOPTER = "helicopter"


class CrewKind(StrEnum):
    """What a crew member does."""

    DRIVER = "driver"
    TECHNICIAN = "technician"
    CLINICIAN = "clinician"
    """Nurse, therapist, social worker or aide of a home-health agency."""


class Skill(StrEnum):
    """What a crew member can do beyond driving."""

    WHEELCHAIR_SECUREMENT = "wheelchair_securement"
    STRETCHER = "stretcher"
    BARIATRIC = "bariatric"
    STAIRS = "stairs"
    """Carries a rider over stairs with a chair, together with a second person."""
    OXYGEN_SETUP = "oxygen_setup"
    BED_SETUP = "bed_setup"
    RESPIRATORY = "respiratory"
    BLS = "bls"
    ALS = "als"
    PILOT = "pilot"
    FLIGHT_NURSE = "flight_nurse"
    SPANISH = "spanish"
    SKILLED_NURSING = "sn"
    PHYSICAL_THERAPY = "pt"
    OCCUPATIONAL_THERAPY = "ot"
    SPEECH_THERAPY = "slp"
    SOCIAL_WORK = "msw"
    AIDE = "hha"
    """The disciplines of home health, as `careplans.disciplines` names them."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """One way to convert a vehicle: how many of each it then holds at most, all at once."""

    name: str
    ambulatory: int = 0
    wheelchair: int = 0
    stretcher: int = 0
    cargo_liters: int = 0

    def to_json(self) -> dict[str, Any]:
        """The values as stored on the vehicle."""
        return {
            "name": self.name,
            "ambulatory": self.ambulatory,
            "wheelchair": self.wheelchair,
            "stretcher": self.stretcher,
            "cargo_liters": self.cargo_liters,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Configuration:
        """The configuration again."""
        return cls(**stored)
