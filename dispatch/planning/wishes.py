"""What somebody would like to book and what the joint plan proposes for it: JSON-ready values, no names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from marketplace.bookings.words import LevelOfService
from marketplace.careplans.disciplines import Discipline
from marketplace.foundation.geography import Position
from marketplace.patients.words import Needs


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """Work not booked yet: where, when, what it takes, and what each vendor would charge.

    `destination` is None for a delivery or a visit, whose one place is `origin`. Times are aware. A visit's
    agencies stand in the patient's order, and no price changes who is asked first.
    """

    id: UUID
    kind: str
    origin: Position
    destination: Position | None
    earliest: datetime
    latest: datetime
    first_seconds: int
    last_seconds: int
    needs: Needs
    level: LevelOfService | None = None
    discipline: Discipline | None = None
    items: tuple[tuple[str, int], ...] = ()
    quotes: Mapping[UUID, int] = field(default_factory=dict)
    """Cents by vendor, of those who may be asked, the first to be asked first."""

    def to_json(self) -> dict[str, Any]:
        """JSON-ready values."""
        return {
            "id": str(self.id),
            "kind": self.kind,
            "origin": [self.origin.latitude, self.origin.longitude],
            "destination": (
                [self.destination.latitude, self.destination.longitude] if self.destination else None
            ),
            "earliest": self.earliest.isoformat(),
            "latest": self.latest.isoformat(),
            "first_seconds": self.first_seconds,
            "last_seconds": self.last_seconds,
            "needs": self.needs.to_json(),
            "level": self.level.value if self.level else None,
            "discipline": self.discipline.value if self.discipline else None,
            "items": [list(item) for item in self.items],
            "quotes": [[str(vendor), cents] for vendor, cents in self.quotes.items()],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Wish:
        """The wish again."""
        goal = stored["destination"]
        return cls(
            id=UUID(stored["id"]),
            kind=stored["kind"],
            origin=Position(*stored["origin"]),
            destination=Position(*goal) if goal else None,
            earliest=datetime.fromisoformat(stored["earliest"]),
            latest=datetime.fromisoformat(stored["latest"]),
            first_seconds=stored["first_seconds"],
            last_seconds=stored["last_seconds"],
            needs=Needs.from_json(stored["needs"]),
            level=LevelOfService(stored["level"]) if stored["level"] else None,
            discipline=Discipline(stored["discipline"]) if stored.get("discipline") else None,
            items=tuple((code, pieces) for code, pieces in stored["items"]),
            quotes={UUID(vendor): cents for vendor, cents in stored["quotes"]},
        )


class Basis(StrEnum):
    """What stands behind a proposal."""

    PLANNED = "planned"
    """It has its place in a checked plan of the whole day."""
    PRICED = "priced"
    """No vendor has a shift that day yet: chosen by price, then the shorter way, or chosen by the patient."""
    LEFT_OUT = "left_out"
    """No vehicle has room for it; the reason and what would help are said."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProposedWork:
    """Who should be asked for a wish and when it would be done.

    `others` says of the other vendors what they would cost more in all, or the first rule against them.
    """

    wish_id: UUID
    basis: Basis
    vendor_id: UUID | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    because: tuple[str, ...] = ()
    others: tuple[tuple[UUID, str], ...] = ()
    remedies: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """JSON-ready values."""
        return {
            "wish": str(self.wish_id),
            "basis": self.basis.value,
            "vendor": str(self.vendor_id) if self.vendor_id else None,
            "starts_at": self.starts_at.isoformat() if self.starts_at else None,
            "ends_at": self.ends_at.isoformat() if self.ends_at else None,
            "because": list(self.because),
            "others": [[str(vendor), why] for vendor, why in self.others],
            "remedies": list(self.remedies),
        }
