"""Words of the network: service lines, units of a rate, how miles are counted, frozen rate lines."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class ServiceLine(StrEnum):
    """What a vendor does; equal to the kind of booking it may be offered."""

    RIDE = "ride"
    EQUIPMENT = "equipment"
    HOME_HEALTH = "home_health"


class RateUnit(StrEnum):
    """What one amount of a rate line pays for."""

    TRIP = "trip"
    """Once per ride or delivery."""
    MILE = "mile"
    """Per loaded mile: with the rider on board."""
    ITEM = "item"
    """Per piece bought."""
    MONTH = "month"
    """Per piece and month rented."""
    HALF_HOUR = "half_hour"
    """Per begun half hour of waiting."""
    VISIT = "visit"
    """Once per home-health visit, however long it takes."""


class MileRounding(StrEnum):
    """How loaded miles become billable miles."""

    TENTH_UP = "tenth_up"
    """Up to the next tenth below 100 miles, from 100 on to the next whole mile (CMS CR 7065, 2011-01-01)."""
    WHOLE_UP = "whole_up"
    """Up to the next whole mile: payers who refuse decimals."""


class AreaKind(StrEnum):
    """How a service area is drawn."""

    POSTAL_CODE = "postal_code"
    RADIUS = "radius"


@dataclass(frozen=True, slots=True)
class RateLineValue:
    """One line of a rate card in force: `cents` per `unit` of the HCPCS `code`.

    `modifier` is NU (bought) or RR (rented) for equipment. A line with a `level_of_service` is for rides of
    that level only and goes before one without.
    """

    code: str
    description: str
    unit: RateUnit
    cents: int
    modifier: str | None = None
    level_of_service: str | None = None
    mile_rounding: MileRounding = MileRounding.TENTH_UP

    def to_json(self) -> dict[str, Any]:
        """The line as it is kept with an award."""
        return asdict(self) | {"unit": str(self.unit), "mile_rounding": str(self.mile_rounding)}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> RateLineValue:
        """The line again."""
        return cls(
            **{
                **stored,
                "unit": RateUnit(stored["unit"]),
                "mile_rounding": MileRounding(stored["mile_rounding"]),
            }
        )
