"""The equipment that goes home with patients: HCPCS Level II codes and what delivering each one takes.

Codes and their meaning are those of CMS's public HCPCS Level II; minutes, weights, volumes and crew
are our planning figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from marketplace.foundation.errors import InvalidInput


class Acquisition(StrEnum):
    """How Medicare pays for an item; it decides the modifier and whether months follow."""

    PURCHASE = "purchase"
    """Bought new: modifier NU, one claim."""
    CAPPED_RENTAL = "capped_rental"
    """Rented for 13 months, then the patient's own: RR (42 CFR 414.229)."""
    OXYGEN = "oxygen"
    """Rented for 36 months within a five-year life: RR (42 CFR 414.226)."""
    RENTAL = "rental"
    """Rented as long as it is needed: RR."""


@dataclass(frozen=True, slots=True)
class Equipment:
    """One kind of item: what it is and what its delivery takes."""

    code: str
    name: str
    setup_minutes: int
    """At the home, from the door to the signature."""
    acquisition: Acquisition
    weight_kg: int
    volume_liters: int
    """As loaded in the van."""
    persons: int = 1
    """Technicians needed to carry and set it up."""
    life_sustaining: bool = False
    """Must be in the home before the patient is, and served round the clock."""
    needs_receiver: bool = False
    """Somebody must be there to let it in and be shown how it works."""
    max_weight_kg: int | None = None
    """The heaviest person it holds."""

    @property
    def modifier(self) -> str:
        """NU for a purchase, RR for every kind of rent."""
        return "NU" if self.acquisition is Acquisition.PURCHASE else "RR"


_BUY, _CAPPED, _OXYGEN, _RENT = Acquisition
_ITEMS = (
    Equipment("E0100", "Cane, adjustable or fixed", 5, _BUY, 1, 3, max_weight_kg=136),
    Equipment("E0105", "Quad or three-prong cane", 5, _BUY, 2, 5, max_weight_kg=136),
    Equipment("E0143", "Folding walker with wheels", 10, _BUY, 4, 60, max_weight_kg=136),
    Equipment("E0149", "Heavy-duty walker with wheels", 10, _BUY, 8, 90, max_weight_kg=225),
    Equipment("E0163", "Commode chair with fixed arms", 10, _BUY, 8, 120, max_weight_kg=136),
    Equipment("E0168", "Heavy-duty or extra-wide commode chair", 15, _BUY, 14, 180, max_weight_kg=225),
    Equipment("E0240", "Bath or shower chair", 10, _BUY, 4, 80, max_weight_kg=136),
    Equipment("E0247", "Transfer bench for tub or toilet", 15, _BUY, 7, 110, max_weight_kg=136),
    Equipment("E0185", "Gel pressure pad for a mattress", 10, _BUY, 12, 60),
    Equipment(
        "E0260",
        "Semi-electric hospital bed with rails and mattress",
        50,
        _CAPPED,
        110,
        1100,
        persons=2,
        needs_receiver=True,
        max_weight_kg=158,
    ),
    Equipment(
        "E0303",
        "Heavy-duty, extra-wide hospital bed",
        70,
        _CAPPED,
        180,
        1500,
        persons=2,
        needs_receiver=True,
        max_weight_kg=272,
    ),
    Equipment("E0277", "Powered pressure-reducing air mattress", 30, _CAPPED, 15, 150, needs_receiver=True),
    Equipment("E0570", "Nebulizer with compressor", 15, _CAPPED, 3, 12),
    Equipment("E0600", "Suction pump", 25, _CAPPED, 5, 20, life_sustaining=True, needs_receiver=True),
    Equipment("E0601", "CPAP device", 45, _CAPPED, 2, 15, needs_receiver=True),
    Equipment("E0470", "Bi-level respiratory assist device", 50, _CAPPED, 3, 15, needs_receiver=True),
    Equipment(
        "E0630",
        "Patient lift, hydraulic or mechanical",
        40,
        _CAPPED,
        45,
        400,
        needs_receiver=True,
        max_weight_kg=180,
    ),
    Equipment(
        "E0781", "Ambulatory infusion pump", 40, _RENT, 2, 10, life_sustaining=True, needs_receiver=True
    ),
    Equipment("E2402", "Negative-pressure wound therapy pump", 35, _CAPPED, 3, 15, needs_receiver=True),
    Equipment("B9002", "Enteral nutrition pump", 40, _RENT, 4, 20, life_sustaining=True, needs_receiver=True),
    Equipment("K0001", "Standard wheelchair", 15, _CAPPED, 18, 250, max_weight_kg=113),
    Equipment("K0003", "Lightweight wheelchair", 15, _CAPPED, 15, 220, max_weight_kg=113),
    Equipment("K0007", "Extra heavy-duty wheelchair", 20, _CAPPED, 28, 350, max_weight_kg=272),
    Equipment(
        "E0431",
        "Portable gaseous oxygen system",
        15,
        _OXYGEN,
        8,
        30,
        life_sustaining=True,
        needs_receiver=True,
    ),
    Equipment("E1390", "Oxygen concentrator", 35, _OXYGEN, 16, 80, life_sustaining=True, needs_receiver=True),
    Equipment(
        "E1392", "Portable oxygen concentrator", 25, _OXYGEN, 5, 20, life_sustaining=True, needs_receiver=True
    ),
    Equipment(
        "E0466",
        "Home ventilator, non-invasive interface",
        60,
        _RENT,
        12,
        50,
        life_sustaining=True,
        needs_receiver=True,
    ),
)
CATALOG: dict[str, Equipment] = {item.code: item for item in _ITEMS}
"""Every item that can be ordered, by its HCPCS code."""

COMPANIONS: dict[str, tuple[str, ...]] = {
    "E1390": ("E0431", "E1392"),
    "E0260": ("E0185", "E0277", "E0630"),
    "E0303": ("E0277", "E0630"),
    "E0143": ("E0163", "E0240"),
    "K0001": ("E0163", "E0247"),
    "E0466": ("E0600", "E1390"),
}
"""What usually goes with an item."""


def equipment(code: str, field: str = "hcpcs_code") -> Equipment:
    """The item with this code; refuses another one, naming `field`."""
    found = CATALOG.get(code.strip().upper())
    if found is None:
        raise InvalidInput(
            field, f"{code[:12]!r} is not an item we deliver: choose one of the list, such as E1390"
        )
    return found
