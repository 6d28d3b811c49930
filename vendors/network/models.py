"""Tables of the network: profile, service areas, contracts, rate cards with their lines, capacity."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, Double, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.foundation.db.base import Base, Identified, Revised
from marketplace.foundation.db.security import EVERYBODY, protect
from marketplace.foundation.db.types import Words
from vendors.network.visibility import OWN, OWN_OR_BUYER, PRICES
from vendors.network.words import AreaKind, MileRounding, RateUnit, ServiceLine

_VENDOR = "organizations.id"


class VendorProfile(Revised, Base):
    """What a vendor offers the network: lines, levels, where it starts from, who is told of offers."""

    __tablename__ = "vendor_profiles"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey(_VENDOR), primary_key=True)
    service_lines: Mapped[list[str]]
    levels: Mapped[list[str]]
    """Levels of service it drives; empty for suppliers of equipment."""
    equipment_codes: Mapped[list[str]]
    """HCPCS codes it supplies; empty for transport companies."""
    regions: Mapped[list[str]]
    """Planning regions it works in."""
    time_zone: Mapped[str] = mapped_column(Text)
    base_latitude: Mapped[float] = mapped_column(Double)
    base_longitude: Mapped[float] = mapped_column(Double)
    """Where its vehicles usually start: for the distance shown to planners."""
    offer_email: Mapped[str] = mapped_column(Text)
    """Told, without content, of each offer."""
    office_phone: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Whom a planner calls when nobody answers."""
    answers_by_code: Mapped[bool] = mapped_column(default=False, server_default="false")
    """A vendor without software: its mails carry a short code by which it accepts."""
    accepting: Mapped[bool] = mapped_column(default=True)
    """Whether it takes new work at all at the moment."""


class ServiceArea(Identified, Base):
    """One piece of where a vendor works: a ZIP code, or a circle."""

    __tablename__ = "service_areas"
    __table_args__ = (
        CheckConstraint(
            "(kind = 'postal_code' AND postal_code IS NOT NULL) OR (kind = 'radius' AND latitude IS NOT NULL"
            " AND longitude IS NOT NULL AND radius_meters > 0)",
            name="drawn",
        ),
        Index(None, "vendor_organization_id"),
        Index(None, "postal_code"),
    )

    vendor_organization_id: Mapped[UUID] = mapped_column(ForeignKey(_VENDOR))
    kind: Mapped[AreaKind] = mapped_column(Words(AreaKind))
    postal_code: Mapped[str | None] = mapped_column(Text)
    latitude: Mapped[float | None] = mapped_column(Double)
    longitude: Mapped[float | None] = mapped_column(Double)
    radius_meters: Mapped[int | None]


class Contract(Identified, Base):
    """What a vendor and a health system have agreed beside prices; without one, the defaults below hold."""

    __tablename__ = "vendor_contracts"
    __table_args__ = (
        ExcludeConstraint(
            ("vendor_organization_id", "="),
            ("organization_id", "="),
            (text("daterange(effective_from, effective_to)"), "&&"),
            name="ex_vendor_contracts_one_in_force",
            using="gist",
        ),
        CheckConstraint("amendment_tolerance_minutes BETWEEN 0 AND 240", name="tolerance"),
        CheckConstraint("response_minutes BETWEEN 1 AND 2880", name="response"),
        CheckConstraint("share_percent BETWEEN 1 AND 100", name="share"),
        CheckConstraint("notice_hours BETWEEN 1 AND 168", name="notice"),
        CheckConstraint("wait_minutes BETWEEN 5 AND 120", name="wait"),
    )

    vendor_organization_id: Mapped[UUID] = mapped_column(ForeignKey(_VENDOR))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey(_VENDOR))
    """The health system."""
    amendment_tolerance_minutes: Mapped[int] = mapped_column(default=15)
    """A promised window follows the discharge by itself as long as neither end moves further than this."""
    response_minutes: Mapped[int] = mapped_column(default=15)
    """How long the vendor has to answer an amendment."""
    share_percent: Mapped[int | None]
    """The share of a kind of work that the health system promised to give; counts when vendors are ranked."""
    late_cancellation_cents: Mapped[int] = mapped_column(default=0, server_default="0")
    """What the health system owes for work called off late: see `notice_hours`."""
    no_show_cents: Mapped[int] = mapped_column(default=0, server_default="0")
    """What it owes for a vehicle that came in vain."""
    vendor_no_show_cents: Mapped[int] = mapped_column(default=0, server_default="0")
    """What the vendor owes for work that it did not come for."""
    notice_hours: Mapped[int | None]
    """Calling off is free up to so many hours before the promised time; None is 17:00 of the day before."""
    wait_minutes: Mapped[int] = mapped_column(default=15, server_default="15")
    """How long a driver waits before a rider counts as a no-show."""
    effective_from: Mapped[date] = mapped_column(Date)
    effective_to: Mapped[date | None] = mapped_column(Date)
    """The first day on which it no longer holds."""


class RateCard(Identified, Base):
    """One version of a vendor's prices, for one payer or (payer None) for everybody else."""

    __tablename__ = "rate_cards"
    __table_args__ = (
        ExcludeConstraint(
            ("vendor_organization_id", "="),
            (
                text("coalesce(payer_organization_id, '00000000-0000-0000-0000-000000000000'::uuid)"),
                "=",
            ),
            (text("daterange(effective_from, effective_to)"), "&&"),
            name="ex_rate_cards_one_in_force",
            using="gist",
        ),
        CheckConstraint("effective_to IS NULL OR effective_to > effective_from", name="some_days"),
        CheckConstraint("length(currency) = 3", name="currency_code"),
        Index(None, "vendor_organization_id", "effective_from"),
    )

    vendor_organization_id: Mapped[UUID] = mapped_column(ForeignKey(_VENDOR))
    payer_organization_id: Mapped[UUID | None] = mapped_column(ForeignKey(_VENDOR))
    effective_from: Mapped[date] = mapped_column(Date)
    effective_to: Mapped[date | None] = mapped_column(Date)
    """The first day on which it no longer holds."""
    currency: Mapped[str] = mapped_column(Text, default="USD")
    mile_rounding: Mapped[MileRounding] = mapped_column(Words(MileRounding), default=MileRounding.TENTH_UP)

    lines: Mapped[list[RateLine]] = relationship(order_by="RateLine.code", cascade="all")


class RateLine(Identified, Base):
    """A price: integer cents per unit of a code. Never changed: a new price is a new card."""

    __tablename__ = "rate_lines"
    __table_args__ = (
        UniqueConstraint(
            "rate_card_id", "code", "unit", "modifier", "level_of_service", postgresql_nulls_not_distinct=True
        ),
        CheckConstraint("cents >= 0", name="not_negative"),
        Index(None, "vendor_organization_id"),
    )

    rate_card_id: Mapped[UUID] = mapped_column(ForeignKey("rate_cards.id"))
    vendor_organization_id: Mapped[UUID]
    payer_organization_id: Mapped[UUID | None]
    """Both copied from the card for row security."""
    code: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    unit: Mapped[RateUnit] = mapped_column(Words(RateUnit))
    cents: Mapped[int]
    modifier: Mapped[str | None] = mapped_column(Text)
    level_of_service: Mapped[str | None] = mapped_column(Text)


class Capacity(Identified, Base):
    """How much work of one line a vendor takes from the marketplace on a weekday; no row: no limit."""

    __tablename__ = "vendor_capacities"
    __table_args__ = (
        UniqueConstraint("vendor_organization_id", "service_line", "weekday"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("per_day >= 0", name="not_negative"),
    )

    vendor_organization_id: Mapped[UUID] = mapped_column(ForeignKey(_VENDOR))
    service_line: Mapped[ServiceLine] = mapped_column(Words(ServiceLine))
    weekday: Mapped[int]
    """0 is Monday."""
    per_day: Mapped[int]


class CapacityUse(Base):
    """How much work of one line a vendor has accepted for one local day."""

    __tablename__ = "vendor_capacity_uses"
    __table_args__ = (CheckConstraint("accepted >= 0", name="not_negative"),)

    vendor_organization_id: Mapped[UUID] = mapped_column(ForeignKey(_VENDOR), primary_key=True)
    service_line: Mapped[ServiceLine] = mapped_column(Words(ServiceLine), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    accepted: Mapped[int]


_READERS = dict.fromkeys(("planner", "janitor"), "SELECT")

protect(
    VendorProfile, EVERYBODY, insert="organization_id = homeward_organization()",
    change="organization_id = homeward_organization()", grants=_READERS,
)  # fmt: skip
protect(ServiceArea, EVERYBODY, insert=OWN, change=OWN, verbs="SELECT, INSERT, DELETE", grants=_READERS)
_BUYER = "organization_id = homeward_organization()"
_SIDES = f"({OWN} OR {_BUYER})"
protect(Contract, _SIDES, insert=_SIDES, change=_BUYER, grants=_READERS)
protect(RateCard, PRICES, insert=OWN, change=OWN, grants=_READERS)
protect(RateLine, PRICES, insert=OWN, change="false", verbs="SELECT, INSERT", grants=_READERS)
protect(
    Capacity, OWN_OR_BUYER, insert=OWN, change=OWN, verbs="SELECT, INSERT, UPDATE, DELETE", grants=_READERS
)
protect(CapacityUse, OWN_OR_BUYER, grants=dict.fromkeys(("planner", "janitor"), "SELECT, INSERT, UPDATE"))
