"""The tables of bookings; identity sits in tables of its own that only awarded parties may read."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Date,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.bookings import trip_models as _trips  # noqa: F401  the same
from marketplace.bookings.parties import BookingParty, party_policy
from marketplace.bookings.words import (
    AWARDED,
    BOOKING_STATES,
    CALLED_OFF,
    BookingKind,
    BookingState,
    LevelOfService,
    LinkAnchor,
    PartyRole,
    PayerKind,
    ServiceStatus,
    VisitPurpose,
    WindowAnchor,
)
from marketplace.careplans import models as _careplans  # noqa: F401  tables that bookings refer to
from marketplace.careplans.disciplines import START_OF_CARE_HOURS, Discipline
from marketplace.careplans.words import Hardness
from marketplace.choices import models as _choices  # noqa: F401  the same
from marketplace.foundation.clock import machine_now
from marketplace.foundation.db import Base, Identified, Revised, Words, metadata, protect
from marketplace.foundation.state import StateChange
from marketplace.patients import coverage_models as _coverage  # noqa: F401  the same

__all__ = [
    "BOOKING_NUMBERS",
    "Booking",
    "BookingChange",
    "BookingItem",
    "BookingLink",
    "BookingParty",
    "BookingRider",
    "BookingSubscriber",
    "BookingWindowMove",
    "party_policy",
]

BOOKING_NUMBERS = Sequence("booking_numbers", metadata=metadata, cache=20)
"""Counts bookings; `spoken_reference("R", n)` makes the number sayable."""


def _among(states: frozenset[BookingState]) -> str:
    return ", ".join(f"'{state}'" for state in sorted(states))


class BookingChange(StateChange, Base):
    """A move of a booking's state, kept for good."""

    __tablename__ = "booking_changes"
    __table_args__ = (Index(None, "subject_id", "id"),)

    subject_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"))


class Booking(Identified, Revised, Base):
    """A ride, a delivery or a visit asked for one care-plan task, and who pays for it."""

    __tablename__ = "bookings"
    __table_args__ = (
        UniqueConstraint("reference"),
        UniqueConstraint("id", "organization_id"),
        Index(
            "uq_bookings_live_task",
            "care_plan_task_id",
            unique=True,
            postgresql_where=f"state NOT IN ({_among(CALLED_OFF)})",
        ),
        Index(None, "encounter_id"),
        Index(None, "care_plan_task_id"),
        Index(None, "outward_booking_id"),
        Index(
            "ix_bookings_open_work", "requested_start", postgresql_where="state IN ('requested', 'offered')"
        ),
        Index(
            "ix_bookings_unplaced_work",
            "vendor_organization_id",
            "promised_start",
            postgresql_where="state IN ('accepted', 'on_hold')",
        ),
        CheckConstraint("requested_end > requested_start", name="requested_window"),
        CheckConstraint("promised_end > promised_start", name="promised_window"),
        CheckConstraint(
            f"state NOT IN ({_among(AWARDED)}) OR "
            "(award_id IS NOT NULL AND vendor_organization_id IS NOT NULL AND promised_start IS NOT NULL)",
            name="awarded",
        ),
        CheckConstraint("(award_id IS NULL) = (vendor_organization_id IS NULL)", name="award_and_vendor"),
        CheckConstraint("(kind = 'ride') = (level_of_service IS NOT NULL)", name="ride_level"),
        CheckConstraint("NOT flexible OR kind = 'ride'", name="flexible_ride"),
        CheckConstraint(
            "outward_booking_id IS NULL OR (kind = 'ride' AND outward_booking_id <> id)", name="way_back"
        ),
        CheckConstraint("ready_at IS NULL OR flexible", name="ready"),
        Index(
            "uq_bookings_live_leg",
            "trip_id",
            "trip_leg",
            unique=True,
            postgresql_where=f"state NOT IN ({_among(CALLED_OFF)})",
        ),
        CheckConstraint(
            "(trip_id IS NULL) = (trip_leg IS NULL) AND (trip_id IS NULL OR kind = 'ride')", name="leg"
        ),
        CheckConstraint("level_of_service NOT LIKE 'air%' OR trip_id IS NOT NULL", name="flight_in_trip"),
        CheckConstraint("(kind = 'ride') = (origin_postal_code IS NOT NULL)", name="ride_origin"),
        CheckConstraint("(payer_kind = 'coverage') = (coverage_id IS NOT NULL)", name="payer"),
        CheckConstraint("authorization_id IS NULL OR coverage_id IS NOT NULL", name="authorized_coverage"),
        CheckConstraint("state <> 'completed' OR service_status = 'completed'", name="field_completion"),
        CheckConstraint(
            "(kind = 'home_health') = (discipline IS NOT NULL AND visit_purpose IS NOT NULL)", name="visit"
        ),
        CheckConstraint(
            f"kind <> 'home_health' OR state IN ('draft', {_among(CALLED_OFF)})"
            " OR patient_choice_id IS NOT NULL",
            name="patient_choice",
        ),
        CheckConstraint(
            "visit_purpose IS DISTINCT FROM 'start_of_care' OR CASE WHEN start_of_care_on IS NOT NULL"
            " THEN anchor = 'fixed'"
            f" ELSE anchor = 'fixed' OR offset_end_minutes <= {START_OF_CARE_HOURS * 60} END",
            name="start_of_care",
        ),
        ForeignKeyConstraint(
            ["patient_choice_id", "encounter_id"], ["patient_choices.id", "patient_choices.encounter_id"]
        ),
    )
    __states__: ClassVar = BOOKING_STATES
    __history__: ClassVar = BookingChange

    reference: Mapped[str]
    """Sayable, `R-7K3QF9`."""
    kind: Mapped[BookingKind] = mapped_column(Words(BookingKind))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    """The health system that asked."""
    facility_id: Mapped[UUID] = mapped_column(ForeignKey("facilities.id"))
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patients.id"))
    encounter_id: Mapped[UUID] = mapped_column(ForeignKey("encounters.id"))
    care_plan_task_id: Mapped[UUID] = mapped_column(ForeignKey("care_plan_tasks.id"))
    requested_by_user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))

    payer_kind: Mapped[PayerKind] = mapped_column(Words(PayerKind))
    payer_organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    """Who pays; the health system itself when the patient pays or the hospital does."""
    coverage_id: Mapped[UUID | None] = mapped_column(ForeignKey("coverages.id"))
    authorization_id: Mapped[UUID | None] = mapped_column(ForeignKey("authorizations.id"))
    authorization_units: Mapped[int] = mapped_column(Integer, default=0)

    level_of_service: Mapped[LevelOfService | None] = mapped_column(Words(LevelOfService))
    outward_booking_id: Mapped[UUID | None] = mapped_column(ForeignKey("bookings.id"))
    """The ride there of which this is the way back; None of every other booking."""
    trip_id: Mapped[UUID | None] = mapped_column(ForeignKey("trips.id"))
    """The trip of which this ride is a leg."""
    trip_leg: Mapped[int | None] = mapped_column(Integer)
    """Its number in the trip, from 1; a leg that was called off and booked again keeps it."""
    discipline: Mapped[Discipline | None] = mapped_column(Words(Discipline))
    """Who visits; None unless it is a home-health visit."""
    visit_purpose: Mapped[VisitPurpose | None] = mapped_column(Words(VisitPurpose))
    start_of_care_on: Mapped[date | None] = mapped_column(Date)
    """The day that the physician ordered for the start of care, where one was ordered."""
    patient_choice_id: Mapped[UUID | None]
    """The patient's choice under which the visit was referred; without one it stays a draft."""
    origin_latitude: Mapped[float | None] = mapped_column(Double)
    origin_longitude: Mapped[float | None] = mapped_column(Double)
    """Positions are no finer than the postal code until the identity is opened."""
    origin_postal_code: Mapped[str | None]
    origin_place_kind: Mapped[str | None]
    """A letter of `words.PlaceKind`."""
    destination_latitude: Mapped[float] = mapped_column(Double)
    destination_longitude: Mapped[float] = mapped_column(Double)
    destination_postal_code: Mapped[str]
    destination_place_kind: Mapped[str]
    distance_meters: Mapped[int] = mapped_column(Integer, default=0)
    """On the road between origin and destination, estimated; 0 for deliveries and visits."""
    service_seconds: Mapped[int] = mapped_column(Integer)
    """At the pickup for a ride, at the home for a delivery or a visit."""
    dropoff_seconds: Mapped[int] = mapped_column(Integer, default=0)
    """At the destination of a ride."""
    needs: Mapped[dict[str, Any]]
    """`patients.words.Needs` as they were when booked."""

    flexible: Mapped[bool] = mapped_column(default=False, server_default="false")
    """The ride is fetched once somebody says that the patient is ready; until then no vehicle is planned."""
    ready_at: Mapped[datetime | None]
    """When somebody said so."""
    anchor: Mapped[WindowAnchor] = mapped_column(Words(WindowAnchor))
    offset_start_minutes: Mapped[int | None] = mapped_column(Integer)
    offset_end_minutes: Mapped[int | None] = mapped_column(Integer)
    """Distance of the window from its anchor; None when it is fixed."""
    requested_start: Mapped[datetime]
    requested_end: Mapped[datetime]
    """Window of the pickup for a ride, of the arrival for a delivery or a visit."""

    state: Mapped[BookingState] = mapped_column(Words(BookingState))
    hold_reason: Mapped[str | None]
    held_from: Mapped[str | None]
    """The state to go back to when the hold is lifted."""
    service_status: Mapped[ServiceStatus | None] = mapped_column(Words(ServiceStatus))
    service_status_at: Mapped[datetime | None]
    vendor_organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id"))
    award_id: Mapped[UUID | None]
    promised_start: Mapped[datetime | None]
    promised_end: Mapped[datetime | None]
    planned_start: Mapped[datetime | None]
    planned_end: Mapped[datetime | None]
    """Inside the promise: when the plan lets the service begin and end; moves as the plan does."""
    reached_at: Mapped[datetime | None]
    """When the vehicle stood where the window was promised for: at the pickup of a ride, at the home."""
    boarded_at: Mapped[datetime | None]
    """When the patient was on board of a ride."""
    arrived_at: Mapped[datetime | None]
    """At the destination of a ride, at the home for a delivery."""
    finished_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=machine_now)


class BookingItem(Identified, Base):
    """One item to deliver."""

    __tablename__ = "booking_items"
    __table_args__ = (
        Index(None, "booking_id"),
        CheckConstraint("quantity BETWEEN 1 AND 99", name="quantity"),
        CheckConstraint("modifier IN ('NU', 'RR')", name="modifier"),
    )

    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"))
    hcpcs_code: Mapped[str]
    description: Mapped[str]
    quantity: Mapped[int] = mapped_column(Integer, default=1)
    modifier: Mapped[str]
    """NU bought new, RR rented."""
    serial_number: Mapped[str | None]
    """Written at delivery."""


class BookingRider(Base):
    """The least a crew must know to find the person: one sealed JSON (`reading.Rider`)."""

    __tablename__ = "booking_riders"

    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"), primary_key=True)
    organization_id: Mapped[UUID]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class BookingSubscriber(Base):
    """What a claim must say of the patient: one sealed JSON (`reading.Subscriber`)."""

    __tablename__ = "booking_subscribers"

    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"), primary_key=True)
    organization_id: Mapped[UUID]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class BookingLink(Base):
    """One booking comes before another, from the finish of the first to a moment of the second.

    That is its arrival (of a ride its drop-off: equipment is in the home before the patient is), or between
    the legs of a trip its pickup.
    """

    __tablename__ = "booking_links"
    __table_args__ = (Index(None, "successor_booking_id"),)

    predecessor_booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"), primary_key=True)
    successor_booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"), primary_key=True)
    organization_id: Mapped[UUID]
    hardness: Mapped[Hardness] = mapped_column(Words(Hardness))
    min_lag_seconds: Mapped[int] = mapped_column(Integer, default=0)
    max_lag_seconds: Mapped[int | None] = mapped_column(Integer)
    after_anchor: Mapped[LinkAnchor] = mapped_column(
        Words(LinkAnchor), default=LinkAnchor.ARRIVAL, server_default="arrival"
    )
    broken_at: Mapped[datetime | None]
    """When the services were done in the wrong order all the same: the named exception."""
    broken_note: Mapped[str | None]


class BookingWindowMove(Identified, Base):
    """One move of a requested window: from, to, why."""

    __tablename__ = "booking_window_moves"
    __table_args__ = (Index(None, "booking_id", "id"),)

    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"))
    previous_start: Mapped[datetime]
    previous_end: Mapped[datetime]
    current_start: Mapped[datetime]
    current_end: Mapped[datetime]
    cause: Mapped[str]
    """`discharge_time`, `planner`, `way_there` when a way back moved with its way there, or `leg_before` when
    the trip is late."""
    actor_name: Mapped[str]
    happened_at: Mapped[datetime]


_OWN = "organization_id = homeward_organization()"
_WORKING = (PartyRole.CANDIDATE, PartyRole.VENDOR)
_SYSTEM = {"planner": "SELECT, INSERT, UPDATE", "janitor": "SELECT, INSERT, UPDATE"}
_AWARDEE = f"{_OWN} OR {party_policy('booking_id', roles=(PartyRole.VENDOR,))}"
_CLAIM_SIDES = f"{_OWN} OR {party_policy('booking_id', roles=(PartyRole.VENDOR, PartyRole.PAYER))}"

protect(
    Booking,
    f"{_OWN} OR {party_policy('id')}",
    insert=_OWN,
    change=f"{_OWN} OR {party_policy('id', roles=_WORKING)}",
    grants=_SYSTEM,
)
protect(
    BookingChange,
    party_policy("subject_id"),
    append_only=True,
    grants=dict.fromkeys(_SYSTEM, "SELECT, INSERT"),
)
protect(
    BookingItem,
    party_policy("booking_id"),
    change=party_policy("booking_id", roles=(PartyRole.REQUESTER, PartyRole.VENDOR)),
    grants=dict.fromkeys(_SYSTEM, "SELECT"),
)
protect(BookingRider, _AWARDEE, insert=_OWN, change=_OWN)
protect(BookingSubscriber, _CLAIM_SIDES, insert=_OWN, change=_OWN)
protect(BookingWindowMove, party_policy("booking_id"), append_only=True)
protect(
    BookingLink,
    f"{_OWN} OR {party_policy('predecessor_booking_id')} OR {party_policy('successor_booking_id')}",
    insert=_OWN,
    change=_OWN,
    grants=dict.fromkeys(_SYSTEM, "SELECT"),
)
