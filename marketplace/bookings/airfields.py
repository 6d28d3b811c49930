"""Airfields of Oregon and southern Washington where ambulance aeroplanes and helicopters land.

Positions say where each field lies to within a few hundred metres: enough to plan by, nothing to fly by.
"""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.bookings.orders import Address
from marketplace.bookings.words import PlaceKind
from marketplace.foundation.geography import Position


@dataclass(frozen=True, slots=True)
class Airfield:
    """A place to take off and land; its code is the one that pilots use (ICAO)."""

    code: str
    name: str
    address_line: str
    city: str
    state: str
    postal_code: str
    position: Position

    @property
    def address(self) -> Address:
        """The airfield as the end of a leg: a transfer point between ambulances (letter I)."""
        place = (self.address_line, self.city, self.state, self.postal_code)
        return Address(PlaceKind.TRANSFER_POINT, *place, f"{self.name} ({self.code})")


def _at(
    code: str, name: str, street: str, town: tuple[str, str, str], latitude: float, longitude: float
) -> Airfield:
    return Airfield(code, name, street, *town, Position(latitude, longitude))


_ALL = (
    _at(
        "KPDX",
        "Portland International",
        "7000 NE Airport Way",
        ("Portland", "OR", "97218"),
        45.5887,
        -122.5969,
    ),
    _at(
        "KTTD", "Portland-Troutdale", "920 NW Perimeter Way", ("Troutdale", "OR", "97060"), 45.5494, -122.4013
    ),
    _at(
        "KHIO", "Portland-Hillsboro", "3355 NE Cornell Rd", ("Hillsboro", "OR", "97124"),
        45.5404, -122.9498,
    ),
    _at(
        "KUAO", "Aurora State", "22785 Airport Rd NE", ("Aurora", "OR", "97002"),
        45.2471, -122.7701,
    ),
    _at(
        "KSLE", "Salem McNary Field", "2990 25th St SE", ("Salem", "OR", "97302"),
        44.9095, -123.0025,
    ),
    _at(
        "KEUG", "Eugene Mahlon Sweet", "28801 Douglas Dr", ("Eugene", "OR", "97402"),
        44.1246, -123.2119,
    ),
    _at(
        "KRDM",
        "Redmond Roberts Field",
        "2522 SE Jesse Butler Cir",
        ("Redmond", "OR", "97756"),
        44.2541,
        -121.1500,
    ),
    _at(
        "KBDN", "Bend Municipal", "63136 Powell Butte Hwy", ("Bend", "OR", "97701"),
        44.0945, -121.2002,
    ),
    _at(
        "KMFR",
        "Rogue Valley International",
        "1000 Terminal Loop Pkwy",
        ("Medford", "OR", "97504"),
        42.3742,
        -122.8735,
    ),
    _at(
        "KLMT", "Klamath Falls", "6775 Arnold Ave", ("Klamath Falls", "OR", "97603"),
        42.1561, -121.7332,
    ),
    _at(
        "KAST", "Astoria Regional", "1110 SE Flightline Dr", ("Warrenton", "OR", "97146"), 46.1580, -123.8787
    ),
    _at(
        "KPDT", "Eastern Oregon Regional", "2016 Airport Rd", ("Pendleton", "OR", "97801"), 45.6951, -118.8414
    ),
    _at(
        "KDLS", "Columbia Gorge Regional", "45 Airport Way", ("Dallesport", "WA", "98617"), 45.6185, -121.1673
    ),
    _at(
        "KYKM", "Yakima Air Terminal", "2406 W Washington Ave", ("Yakima", "WA", "98903"), 46.5682, -120.5440
    ),
)  # fmt: skip

AIRFIELDS: dict[str, Airfield] = {one.code: one for one in _ALL}
"""By code, those nearest to the metro first."""
AIRFIELD_CHOICES = [(one.code, f"{one.name} ({one.code})") for one in _ALL]
