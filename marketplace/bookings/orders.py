"""What a planner asks for: orders of rides, equipment and visits, as frozen values without any database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from marketplace.bookings.words import (
    LevelOfService,
    PayerKind,
    PlaceKind,
    VisitPurpose,
    WindowAnchor,
)
from marketplace.careplans.disciplines import Discipline
from marketplace.patients.words import Receiver


@dataclass(frozen=True, slots=True)
class PayerChoice:
    """Who stands for the bill: a coverage (with or without an authorization), the hospital, the patient."""

    kind: PayerKind
    coverage_id: UUID | None = None
    authorization_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """Somewhere to pick up, drop off or deliver; street and name are identity, the postal code is not."""

    place_kind: PlaceKind
    address_line: str
    city: str
    state: str
    postal_code: str
    name: str = ""
    """Of a facility, when it is one."""

    @property
    def line(self) -> str:
        """The address in one line."""
        parts = (self.name, self.address_line, self.city, f"{self.state} {self.postal_code}".strip())
        return ", ".join(part for part in parts if part)

    @classmethod
    def of_line(cls, line: str, place_kind: PlaceKind) -> Address:
        """The address that was written as this line."""
        street, city, place = ["", "", *line.rsplit(", ", 2)][-3:]
        state, _, postal_code = place.rpartition(" ")
        return cls(place_kind, street, city, state, postal_code)


@dataclass(frozen=True, slots=True)
class RequestedWindow:
    """From when until when; tied to the discharge it moves with it, fixed it stays."""

    start: datetime
    end: datetime
    anchor: WindowAnchor = WindowAnchor.DISCHARGE


@dataclass(frozen=True, slots=True)
class RideOrder:
    """A ride for a task: the window is that of the pickup."""

    task_id: UUID
    level_of_service: LevelOfService
    payer: PayerChoice
    window: RequestedWindow | None = None
    """None takes the task's due window."""
    origin: Address | None = None
    """None is the hospital of the stay; of a way back, where its way there ended."""
    destination: Address | None = None
    """None is the patient's home."""
    note: str = ""
    """For the crew; travels with the identity."""
    flexible: bool = False
    """Fetched within the window once somebody says that the patient is ready."""
    booking_id: UUID | None = None
    """Given where ids come from a seed."""


@dataclass(frozen=True, slots=True)
class WayBack:
    """The ride back, asked together with the ride there: at a time, or flexible and called when needed."""

    window: RequestedWindow
    flexible: bool = True
    booking_id: UUID | None = None
    """Given where ids come from a seed."""


@dataclass(frozen=True, slots=True)
class ItemOrder:
    """One kind of item and how many."""

    hcpcs_code: str
    quantity: int = 1
    modifier: str | None = None
    """NU or RR; None takes the catalogue's."""


@dataclass(frozen=True, slots=True)
class EquipmentOrder:
    """A delivery for a task: the window is that of the arrival."""

    task_id: UUID
    items: tuple[ItemOrder, ...]
    payer: PayerChoice
    window: RequestedWindow | None = None
    destination: Address | None = None
    receiver: Receiver | None = None
    """None takes the receiver named in the patient's needs."""
    note: str = ""
    booking_id: UUID | None = None
    """Given where ids come from a seed."""


@dataclass(frozen=True, slots=True)
class VisitOrder:
    """A home-health visit for a task: the window is that of the arrival."""

    task_id: UUID
    payer: PayerChoice
    discipline: Discipline | None = None
    """None is the task's."""
    purpose: VisitPurpose | None = None
    """None is the start of care for the first visit of a stay that may begin it, else a further visit."""
    window: RequestedWindow | None = None
    start_of_care_on: date | None = None
    """The day that the physician ordered for the start of care; None is within 48 hours of the discharge."""
    destination: Address | None = None
    note: str = ""
    booking_id: UUID | None = None
    """Given where ids come from a seed."""
