"""Tables of the fleet: depots, vehicles, crew members, shifts with breaks, blocked times, stock."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Double, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.foundation.db.base import Base, Identified, Revised
from marketplace.foundation.db.security import protect
from marketplace.foundation.db.types import Words
from vendors.fleet.words import Configuration, CrewKind, VehicleKind
from vendors.network.visibility import OWN, OWN_OR_BUYER

_VENDOR = "organizations.id"


class Depot(Identified, Base):
    """A yard or warehouse where vehicles start, end and load."""

    __tablename__ = "depots"
    __table_args__ = (Index(None, "vendor_organization_id"),)

    vendor_organization_id: Mapped[UUID] = mapped_column(ForeignKey(_VENDOR))
    name: Mapped[str] = mapped_column(Text)
    address_line: Mapped[str] = mapped_column(Text)
    postal_code: Mapped[str] = mapped_column(Text)
    latitude: Mapped[float] = mapped_column(Double)
    longitude: Mapped[float] = mapped_column(Double)


class Vehicle(Identified, Revised, Base):
    """A vehicle, the ways it can be converted and the levels of service it is fit for."""

    __tablename__ = "vehicles"
    __table_args__ = (
        UniqueConstraint("vendor_organization_id", "name"),
        CheckConstraint("jsonb_array_length(configurations) > 0", name="configured"),
    )

    vendor_organization_id: Mapped[UUID] = mapped_column(ForeignKey(_VENDOR))
    name: Mapped[str] = mapped_column(Text)
    plate: Mapped[str] = mapped_column(Text)
    kind: Mapped[VehicleKind] = mapped_column(Words(VehicleKind))
    configurations: Mapped[list[Any]]
    levels: Mapped[list[str]]
    """Levels of service it may serve; empty for cargo vans."""
    features: Mapped[list[str]]
    """Such as lift, ramp, stair_chair, oxygen_mount."""
    lift_capacity_kg: Mapped[int | None]
    """Rider and chair together; None without a lift."""
    depot_id: Mapped[UUID] = mapped_column(ForeignKey("depots.id"))
    in_service: Mapped[bool] = mapped_column(default=True)

    depot: Mapped[Depot] = relationship(lazy="raise")

    def ways(self) -> tuple[Configuration, ...]:
        """Its configurations as values."""
        return tuple(Configuration.from_json(stored) for stored in self.configurations)


class CrewMember(Identified, Revised, Base):
    """A driver, technician or clinician of a vendor, with or without a sign-in of their own."""

    __tablename__ = "crew_members"
    __table_args__ = (Index(None, "vendor_organization_id"), UniqueConstraint("user_id"))

    vendor_organization_id: Mapped[UUID] = mapped_column(ForeignKey(_VENDOR))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[CrewKind] = mapped_column(Words(CrewKind))
    skills: Mapped[list[str]]
    phone: Mapped[str] = mapped_column(Text, default="")
    in_service: Mapped[bool] = mapped_column(default=True)


class Shift(Identified, Revised, Base):
    """A vehicle at work from start to end with its crew; a vehicle is never in two at once."""

    __tablename__ = "shifts"
    __table_args__ = (
        ExcludeConstraint(
            ("vehicle_id", "="),
            (text("tstzrange(starts_at, ends_at)"), "&&"),
            where=text("cancelled_at IS NULL"),
            name="ex_shifts_vehicle_once",
            using="gist",
        ),
        CheckConstraint("ends_at > starts_at AND ends_at <= starts_at + interval '16 hours'", name="length"),
        CheckConstraint("break_minutes BETWEEN 0 AND 120", name="break"),
        CheckConstraint(
            "break_minutes = 0 OR (break_earliest_at >= starts_at AND break_latest_at >= break_earliest_at"
            " AND break_latest_at + make_interval(mins => break_minutes::integer) <= ends_at)",
            name="break_inside",
        ),
        Index(None, "vendor_organization_id", "starts_at"),
        Index(None, "starts_at"),
    )

    vendor_organization_id: Mapped[UUID] = mapped_column(ForeignKey(_VENDOR))
    vehicle_id: Mapped[UUID] = mapped_column(ForeignKey("vehicles.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    break_minutes: Mapped[int] = mapped_column(default=0)
    break_earliest_at: Mapped[datetime | None]
    break_latest_at: Mapped[datetime | None]
    """The break begins between these two."""
    cancelled_at: Mapped[datetime | None]

    vehicle: Mapped[Vehicle] = relationship(lazy="raise")
    crew: Mapped[list[ShiftCrew]] = relationship(
        lazy="selectin", order_by="ShiftCrew.position", cascade="all, delete-orphan"
    )

    @property
    def crew_member_ids(self) -> list[UUID]:
        """The crew, the driver first."""
        return [seat.crew_member_id for seat in self.crew]


class ShiftCrew(Base):
    """One crew member in one shift, with the shift's times so that the database can refuse overlaps."""

    __tablename__ = "shift_crews"
    __table_args__ = (
        ExcludeConstraint(
            ("crew_member_id", "="),
            (text("tstzrange(starts_at, ends_at)"), "&&"),
            name="ex_shift_crews_person_once",
            using="gist",
        ),
        CheckConstraint("ends_at > starts_at", name="length"),
    )

    shift_id: Mapped[UUID] = mapped_column(ForeignKey("shifts.id"), primary_key=True)
    crew_member_id: Mapped[UUID] = mapped_column(ForeignKey("crew_members.id"), primary_key=True)
    vendor_organization_id: Mapped[UUID] = mapped_column(ForeignKey(_VENDOR))
    position: Mapped[int] = mapped_column(default=0)
    """0 drives."""
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]

    crew_member: Mapped[CrewMember] = relationship(lazy="raise")


class BlockedTime(Identified, Base):
    """A time in which the vendor needs a vehicle, or a crew member, for itself."""

    __tablename__ = "blocked_times"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="length"),
        CheckConstraint("num_nonnulls(vehicle_id, crew_member_id) = 1", name="one_subject"),
        Index(None, "vendor_organization_id", "starts_at"),
    )

    vendor_organization_id: Mapped[UUID] = mapped_column(ForeignKey(_VENDOR))
    vehicle_id: Mapped[UUID | None] = mapped_column(ForeignKey("vehicles.id"))
    crew_member_id: Mapped[UUID | None] = mapped_column(ForeignKey("crew_members.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)


class StockItem(Identified, Revised, Base):
    """How many pieces of one HCPCS code lie ready in a depot."""

    __tablename__ = "stock_items"
    __table_args__ = (
        UniqueConstraint("depot_id", "hcpcs_code"),
        CheckConstraint("quantity >= 0", name="not_negative"),
        Index(None, "vendor_organization_id", "hcpcs_code"),
    )

    vendor_organization_id: Mapped[UUID] = mapped_column(ForeignKey(_VENDOR))
    depot_id: Mapped[UUID] = mapped_column(ForeignKey("depots.id"))
    hcpcs_code: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    quantity: Mapped[int]


_READERS = dict.fromkeys(("planner", "janitor"), "SELECT")
_CHANGING = "SELECT, INSERT, UPDATE, DELETE"

protect(Depot, OWN, grants=_READERS)
protect(Vehicle, OWN, grants=_READERS)
protect(CrewMember, OWN, grants=_READERS)
protect(Shift, OWN, grants=_READERS)
protect(ShiftCrew, OWN, verbs=_CHANGING, grants=_READERS)
protect(BlockedTime, OWN, verbs=_CHANGING, grants=_READERS)
protect(StockItem, OWN_OR_BUYER, insert=OWN, change=OWN, grants=_READERS)
