"""The directory: organizations with their facilities and units, and the users who act for them."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Double, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.foundation.db import Base, Identified, Revised, Words, owned_by, protect
from marketplace.foundation.state import StateChange
from marketplace.foundation.transitions import StateTable
from marketplace.identity.words import OrganizationKind, OrganizationState, UserState

ORGANIZATION_STATES = StateTable(
    "organization",
    {
        OrganizationState.ACTIVE: [OrganizationState.SUSPENDED],
        OrganizationState.SUSPENDED: [OrganizationState.ACTIVE],
    },
)
USER_STATES = StateTable(
    "user",
    {
        UserState.INVITED: [UserState.ACTIVE, UserState.DEACTIVATED],
        UserState.ACTIVE: [UserState.DEACTIVATED],
        UserState.DEACTIVATED: [UserState.ACTIVE, UserState.INVITED],
    },
)


class OrganizationChange(StateChange, Base):
    """A move of an organization's state."""

    __tablename__ = "organization_changes"

    subject_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), index=True)


class Organization(Identified, Revised, Base):
    """A health system, vendor, payer, or the platform itself."""

    __tablename__ = "organizations"
    __table_args__ = (UniqueConstraint("slug"), Index(None, "kind", "name"))
    __states__: ClassVar = ORGANIZATION_STATES
    __history__: ClassVar = OrganizationChange

    kind: Mapped[OrganizationKind] = mapped_column(Words(OrganizationKind))
    name: Mapped[str]
    slug: Mapped[str]
    """A short stable name for addresses and files: lower-case letters, digits, dashes."""
    npi: Mapped[str | None]
    """National Provider Identifier, ten digits with a check digit."""
    time_zone: Mapped[str]
    """IANA name, for display and local rules."""
    state: Mapped[OrganizationState] = mapped_column(
        Words(OrganizationState), default=OrganizationState.ACTIVE
    )


class Facility(Identified, Revised, Base):
    """A place where an organization works: a hospital, an office."""

    __tablename__ = "facilities"
    __table_args__ = (
        UniqueConstraint("organization_id", "name"),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    name: Mapped[str]
    address: Mapped[str]
    """Street, city and state in one line."""
    postal_code: Mapped[str]
    latitude: Mapped[float] = mapped_column(Double)
    longitude: Mapped[float] = mapped_column(Double)
    time_zone: Mapped[str]


class Unit(Identified, Base):
    """A ward or department of a facility, such as 4 West."""

    __tablename__ = "units"
    __table_args__ = (UniqueConstraint("facility_id", "name"),)

    facility_id: Mapped[UUID] = mapped_column(ForeignKey("facilities.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    name: Mapped[str]


class UserChange(StateChange, Base):
    """A move of a user's state."""

    __tablename__ = "user_changes"

    subject_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)


class User(Identified, Revised, Base):
    """A person who acts for exactly one organization; how the person proves it is kept elsewhere."""

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("email"),
        Index(None, "organization_id", "name"),
        CheckConstraint("email = lower(email)", name="email_folded"),
    )
    __states__: ClassVar = USER_STATES
    __history__: ClassVar = UserChange

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    email: Mapped[str]
    """Where mail reaches the person, and the name to sign in with; lower case."""
    name: Mapped[str]
    roles: Mapped[list[str]]
    state: Mapped[UserState] = mapped_column(Words(UserState), default=UserState.INVITED)
    demo_user: Mapped[bool] = mapped_column(Boolean, default=False)
    """Excused from the second factor; exists only where the environment is demo or test."""


class UserFacility(Base):
    """A facility a user works at; a user without any works at all facilities of the organization."""

    __tablename__ = "user_facilities"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    facility_id: Mapped[UUID] = mapped_column(ForeignKey("facilities.id"), primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))


_SIGNED_IN = "homeward_organization() IS NOT NULL"
_PLATFORM = (
    "EXISTS (SELECT 1 FROM organizations acting"
    " WHERE acting.id = homeward_organization() AND acting.kind = 'platform')"
)
_FIRST = (  # the installation's own organization, before there is anybody who could set it up
    "kind = 'platform' AND id = homeward_organization() AND NOT EXISTS (SELECT 1 FROM organizations)"
)
_READERS = dict.fromkeys(("relay", "planner", "janitor"), "SELECT")
_OWN = owned_by("organization_id")

protect(
    Organization,
    _SIGNED_IN,
    insert=f"{_PLATFORM} OR {_FIRST}",
    change=f"id = homeward_organization() OR {_PLATFORM}",
    grants=_READERS,
)
protect(
    OrganizationChange,
    f"subject_id = homeward_organization() OR {_PLATFORM}",
    append_only=True,
)
protect(Facility, _SIGNED_IN, insert=_OWN, change=_OWN, grants=_READERS)
protect(Unit, _SIGNED_IN, insert=_OWN, change=_OWN, verbs="SELECT, INSERT, UPDATE, DELETE", grants=_READERS)
protect(User, _OWN, grants=_READERS)
protect(
    UserChange,
    "EXISTS (SELECT 1 FROM users WHERE users.id = subject_id)",
    append_only=True,
)
protect(UserFacility, _OWN, verbs="SELECT, INSERT, DELETE", grants=_READERS)
