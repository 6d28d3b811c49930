"""The tables of who pays: coverage by a payer, authorizations, and their units set aside for bookings."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.foundation.clock import machine_now
from marketplace.foundation.db import Base, Identified, Revised, Words, owned_by, protect
from marketplace.patients import models as _patients  # noqa: F401  tables that coverage refers to
from marketplace.patients.words import ReservationState, ServiceLine


class Coverage(Identified, Revised, Base):
    """A patient's membership with a payer; the member id is under seal."""

    __tablename__ = "coverages"
    __table_args__ = (
        Index(None, "patient_id"),
        Index(None, "payer_organization_id"),
        CheckConstraint("effective_to >= effective_from", name="order"),
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patients.id"))
    payer_organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    plan_name: Mapped[str]
    member_id_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    effective_from: Mapped[date] = mapped_column(Date)
    effective_to: Mapped[date | None] = mapped_column(Date)
    """Last day of the coverage; None while it goes on."""
    created_at: Mapped[datetime] = mapped_column(default=machine_now)


class Authorization(Identified, Revised, Base):
    """A payer's permission for units of a service line; the database refuses more units than approved."""

    __tablename__ = "authorizations"
    __table_args__ = (
        Index(None, "coverage_id"),
        Index(None, "payer_organization_id", "number", unique=True),
        CheckConstraint("units_approved > 0", name="approved"),
        CheckConstraint("units_used BETWEEN 0 AND units_approved", name="units"),
        CheckConstraint("valid_to >= valid_from", name="order"),
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    coverage_id: Mapped[UUID] = mapped_column(ForeignKey("coverages.id"))
    payer_organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    number: Mapped[str]
    """As the payer prints it; unique with the payer."""
    service_line: Mapped[ServiceLine] = mapped_column(Words(ServiceLine))
    hcpcs_codes: Mapped[list[str]]
    """The codes it covers; empty means every code of the service line."""
    units_approved: Mapped[int] = mapped_column(Integer)
    """One-way trips for rides, items or rental months for equipment, visits for home health."""
    units_used: Mapped[int] = mapped_column(Integer, default=0)
    """Reserved or consumed; always the sum of the live reservations."""
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date] = mapped_column(Date)
    vendor_organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id"))
    """The only vendor it is good for, when the payer named one."""


class UnitReservation(Identified, Base):
    """Units of an authorization set aside for one booking; a released one counts no more."""

    __tablename__ = "unit_reservations"
    __table_args__ = (
        Index("uq_unit_reservations_live", "booking_id", unique=True, postgresql_where="state <> 'released'"),
        Index(None, "authorization_id"),
        CheckConstraint("units > 0", name="units"),
    )

    authorization_id: Mapped[UUID] = mapped_column(ForeignKey("authorizations.id"))
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    payer_organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    units: Mapped[int] = mapped_column(Integer)
    state: Mapped[ReservationState] = mapped_column(
        Words(ReservationState), default=ReservationState.RESERVED
    )
    reserved_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    """When it was consumed or released."""
    note: Mapped[str] = mapped_column(Text, default="")


_OWN = owned_by("organization_id")
_BOTH_SIDES = owned_by("organization_id", "payer_organization_id")
protect(Coverage, _BOTH_SIDES, insert=_OWN, change=_OWN)
_SETTLING = dict.fromkeys(("planner", "janitor"), "SELECT, UPDATE")
protect(Authorization, _BOTH_SIDES, grants=_SETTLING)
protect(UnitReservation, _BOTH_SIDES, grants=_SETTLING)
