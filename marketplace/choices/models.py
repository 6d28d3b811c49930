"""The directory of home-health agencies, and the choice records of patients, which nobody can change."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.careplans import models as _careplans  # noqa: F401  tables that choices refer to
from marketplace.choices.words import ChoiceOutcome, PresentationManner, PresentedTo
from marketplace.foundation.db import Base, Identified, Revised, Words, owned_by, protect
from marketplace.foundation.db.security import EVERYBODY


class HomeHealthAgency(Identified, Revised, Base):
    """A home-health agency that asked to be listed, whether or not it takes work here (42 CFR 482.43(c))."""

    __tablename__ = "home_health_agencies"
    __table_args__ = (
        UniqueConstraint("ccn"),
        UniqueConstraint("vendor_organization_id"),
        CheckConstraint("participating_to > participating_from", name="participation"),
        CheckConstraint("quality_stars BETWEEN 1 AND 5", name="stars"),
    )

    ccn: Mapped[str]
    """CMS certification number, unique in the country."""
    name: Mapped[str]
    phone: Mapped[str]
    address: Mapped[str]
    disciplines: Mapped[list[str]]
    quality_stars: Mapped[Decimal | None] = mapped_column(Numeric(2, 1))
    participating_from: Mapped[datetime]
    participating_to: Mapped[datetime | None]
    """When it left the Medicare program; None while it takes part."""
    vendor_organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id"))


class AgencyArea(Identified, Base):
    """A postal code that an agency says it serves, from when until when; never changed but closed."""

    __tablename__ = "home_health_agency_areas"
    __table_args__ = (
        Index(
            "uq_home_health_agency_areas_open",
            "agency_id",
            "postal_code",
            unique=True,
            postgresql_where="listed_to IS NULL",
        ),
        Index(None, "postal_code"),
    )

    agency_id: Mapped[UUID] = mapped_column(ForeignKey("home_health_agencies.id"))
    postal_code: Mapped[str]
    listed_from: Mapped[datetime]
    listed_to: Mapped[datetime | None]


class AgencyNetwork(Identified, Base):
    """A managed-care plan in whose network an agency is, from when until when."""

    __tablename__ = "home_health_agency_networks"
    __table_args__ = (
        Index(
            "uq_home_health_agency_networks_open",
            "agency_id",
            "payer_organization_id",
            unique=True,
            postgresql_where="listed_to IS NULL",
        ),
    )

    agency_id: Mapped[UUID] = mapped_column(ForeignKey("home_health_agencies.id"))
    payer_organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    listed_from: Mapped[datetime]
    listed_to: Mapped[datetime | None]


class FinancialInterest(Identified, Base):
    """What ties a health system to an agency, as its lists disclose it (42 CFR 482.43(c)(3))."""

    __tablename__ = "home_health_financial_interests"
    __table_args__ = (Index(None, "organization_id", "agency_id"),)

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("home_health_agencies.id"))
    statement: Mapped[str] = mapped_column(Text)
    disclosed_from: Mapped[datetime]
    disclosed_to: Mapped[datetime | None]


class ChoiceList(Identified, Base):
    """Every participating agency that serves a patient's home, as the directory stood at one moment."""

    __tablename__ = "choice_lists"
    __table_args__ = (Index(None, "encounter_id", "id"), CheckConstraint("length > 0", name="length"))

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patients.id"))
    encounter_id: Mapped[UUID] = mapped_column(ForeignKey("encounters.id"))
    postal_code: Mapped[str]
    """Of the home: the area that counts for home health."""
    payer_organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id"))
    """The managed-care plan whose network the list shows; None when there is none."""
    ordering_rule: Mapped[str]
    ordering_seed: Mapped[str]
    length: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str]
    """`rules.content_digest` of the lines."""
    compiled_at: Mapped[datetime]
    compiled_by_user_id: Mapped[UUID | None]
    compiled_by_name: Mapped[str]


class ChoiceListEntry(Base):
    """A line of a list: an agency as the directory described it then."""

    __tablename__ = "choice_list_entries"

    choice_list_id: Mapped[UUID] = mapped_column(ForeignKey("choice_lists.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    """From 1."""
    organization_id: Mapped[UUID]
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("home_health_agencies.id"))
    ccn: Mapped[str]
    name: Mapped[str]
    phone: Mapped[str]
    address: Mapped[str]
    disciplines: Mapped[list[str]]
    quality_stars: Mapped[str]
    in_network: Mapped[bool | None]
    interest: Mapped[str]
    vendor_organization_id: Mapped[UUID | None]


class ChoicePresentation(Identified, Base):
    """A list was shown: when, by whom, to whom, how."""

    __tablename__ = "choice_presentations"
    __table_args__ = (
        Index(None, "choice_list_id"),
        CheckConstraint(
            "(presented_to = 'representative') = (representative_sealed IS NOT NULL)", name="representative"
        ),
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    choice_list_id: Mapped[UUID] = mapped_column(ForeignKey("choice_lists.id"))
    presented_at: Mapped[datetime]
    presented_by_user_id: Mapped[UUID | None]
    presented_by_name: Mapped[str]
    presented_to: Mapped[PresentedTo] = mapped_column(Words(PresentedTo))
    manner: Mapped[PresentationManner] = mapped_column(Words(PresentationManner))
    representative_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Sealed JSON (`words.Representative`)."""


class PatientChoice(Identified, Base):
    """What the patient chose of a list that was shown; a change of mind is a further row."""

    __tablename__ = "patient_choices"
    __table_args__ = (
        Index(None, "encounter_id", "id"),
        UniqueConstraint("id", "choice_list_id"),
        UniqueConstraint("id", "encounter_id"),
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    encounter_id: Mapped[UUID] = mapped_column(ForeignKey("encounters.id"))
    choice_list_id: Mapped[UUID] = mapped_column(ForeignKey("choice_lists.id"))
    presentation_id: Mapped[UUID] = mapped_column(ForeignKey("choice_presentations.id"))
    outcome: Mapped[ChoiceOutcome] = mapped_column(Words(ChoiceOutcome))
    chosen_at: Mapped[datetime]
    recorded_by_user_id: Mapped[UUID | None]
    recorded_by_name: Mapped[str]
    note: Mapped[str] = mapped_column(Text, default="")


class ChosenAgency(Base):
    """A line that was chosen, in the patient's own order."""

    __tablename__ = "chosen_agencies"
    __table_args__ = (
        UniqueConstraint("patient_choice_id", "position"),
        ForeignKeyConstraint(
            ["patient_choice_id", "choice_list_id"], ["patient_choices.id", "patient_choices.choice_list_id"]
        ),
        ForeignKeyConstraint(
            ["choice_list_id", "position"],
            ["choice_list_entries.choice_list_id", "choice_list_entries.position"],
        ),
    )

    patient_choice_id: Mapped[UUID] = mapped_column(primary_key=True)
    rank: Mapped[int] = mapped_column(Integer, primary_key=True)
    """1 is asked first."""
    organization_id: Mapped[UUID]
    choice_list_id: Mapped[UUID]
    position: Mapped[int] = mapped_column(Integer)


_PLATFORM = (
    "EXISTS (SELECT 1 FROM organizations whose WHERE whose.id = homeward_organization()"
    " AND whose.kind = 'platform')"
)
_ITSELF = (
    "EXISTS (SELECT 1 FROM home_health_agencies listed"
    " WHERE listed.id = agency_id AND listed.vendor_organization_id = homeward_organization())"
)
_LISTED = f"{_PLATFORM} OR {_ITSELF}"
_OWN = owned_by("organization_id")
_READING = dict.fromkeys(("planner", "janitor"), "SELECT")
protect(
    HomeHealthAgency,
    EVERYBODY,
    insert=_PLATFORM,
    change=f"{_PLATFORM} OR vendor_organization_id = homeward_organization()",
    grants=_READING,
)
protect(AgencyArea, EVERYBODY, insert=_LISTED, change=_LISTED, grants=_READING)
protect(AgencyNetwork, EVERYBODY, insert=_PLATFORM, change=_PLATFORM, grants=_READING)
protect(FinancialInterest, _OWN)
for _record in (ChoiceList, ChoiceListEntry, ChoicePresentation, PatientChoice, ChosenAgency):
    protect(_record, _OWN, append_only=True, grants=_READING)
