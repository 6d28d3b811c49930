"""The tables of patients: one row without identity, and identity under seal in tables of their own."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    Sequence,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.foundation.clock import machine_now
from marketplace.foundation.db import Base, Identified, Revised, Words, metadata, owned_by, protect
from marketplace.foundation.state import StateChange
from marketplace.foundation.transitions import StateTable
from marketplace.identity import models as _identity  # noqa: F401  tables that patients refer to
from marketplace.patients.words import (
    DischargeReason,
    EncounterState,
    IsolationPrecaution,
    MobilityAid,
)

PATIENT_NUMBERS = Sequence("patient_numbers", metadata=metadata)
"""Counts patients; `spoken_reference("P", n)` makes the number sayable."""

ENCOUNTER_STATES = StateTable(
    "hospital stay",
    {
        EncounterState.EXPECTED: [EncounterState.ADMITTED, EncounterState.CANCELLED],
        EncounterState.ADMITTED: [EncounterState.DISCHARGED, EncounterState.CANCELLED],
        EncounterState.DISCHARGED: [EncounterState.ADMITTED],
        EncounterState.CANCELLED: [],
    },
)


class Patient(Identified, Revised, Base):
    """A patient of a health system: a reference and nothing that says who it is."""

    __tablename__ = "patients"
    __table_args__ = (UniqueConstraint("reference"), Index(None, "organization_id", "id"))

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    reference: Mapped[str]
    """Sayable, `P-7K3QF9`."""
    created_at: Mapped[datetime] = mapped_column(default=machine_now)


class PatientIdentity(Base):
    """The direct identifiers of a patient, one sealed JSON (`words.Identity`)."""

    __tablename__ = "patient_identities"
    __table_args__ = (UniqueConstraint("organization_id", "mrn_token"),)

    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patients.id"), primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    mrn_token: Mapped[bytes] = mapped_column(LargeBinary)
    """Blind token of the record number: no two patients of a health system share one."""
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class HandlingNeeds(Revised, Base):
    """What a crew must know to move or visit the patient, and who receives deliveries at home."""

    __tablename__ = "handling_needs"
    __table_args__ = (
        CheckConstraint("stairs_count BETWEEN 0 AND 200", name="stairs"),
        CheckConstraint("weight_kg BETWEEN 1 AND 500", name="weight"),
        CheckConstraint("oxygen_lpm BETWEEN 0 AND 60", name="oxygen"),
        CheckConstraint("receiver_until > receiver_from", name="receiver_window"),
    )

    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patients.id"), primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    stairs_count: Mapped[int] = mapped_column(Integer, default=0)
    weight_kg: Mapped[int | None] = mapped_column(Integer)
    oxygen_lpm: Mapped[Decimal] = mapped_column(Numeric(4, 1), default=Decimal(0))
    mobility_aid: Mapped[MobilityAid] = mapped_column(Words(MobilityAid), default=MobilityAid.NONE)
    escort: Mapped[bool] = mapped_column(Boolean, default=False)
    isolation_precaution: Mapped[IsolationPrecaution] = mapped_column(
        Words(IsolationPrecaution), default=IsolationPrecaution.NONE
    )
    interpreter_language: Mapped[str | None] = mapped_column(Text)
    receiver_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Sealed JSON (`words.Receiver`)."""
    receiver_from: Mapped[datetime | None]
    receiver_until: Mapped[datetime | None]


class EncounterChange(StateChange, Base):
    """A move of a stay's state."""

    __tablename__ = "encounter_changes"

    subject_id: Mapped[UUID] = mapped_column(ForeignKey("encounters.id"), index=True)


class Encounter(Identified, Revised, Base):
    """A hospital stay with the time at which the patient is expected to leave."""

    __tablename__ = "encounters"
    __table_args__ = (
        Index(None, "organization_id", "state", "expected_discharge_at", "id"),
        Index(None, "patient_id"),
        CheckConstraint("expected_discharge_at > admitted_at", name="order"),
    )
    __states__: ClassVar = ENCOUNTER_STATES
    __history__: ClassVar = EncounterChange

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patients.id"))
    facility_id: Mapped[UUID] = mapped_column(ForeignKey("facilities.id"))
    unit: Mapped[str] = mapped_column(Text, default="")
    """Ward, such as 4 West."""
    admitted_at: Mapped[datetime]
    expected_discharge_at: Mapped[datetime]
    medically_ready_at: Mapped[datetime | None]
    """From when on the care team would have let the patient go; None while it would not."""
    discharged_at: Mapped[datetime | None]
    left_ready: Mapped[bool | None]
    """Whether evidence confirmed everything when the patient left; None when nobody asked."""
    left_note: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Why the patient left although something was not confirmed."""
    state: Mapped[EncounterState] = mapped_column(Words(EncounterState), default=EncounterState.ADMITTED)


class DischargeTimeMove(Identified, Base):
    """One move of an expected discharge time: from, to, why, who."""

    __tablename__ = "discharge_time_moves"
    __table_args__ = (Index(None, "encounter_id", "happened_at"),)

    encounter_id: Mapped[UUID] = mapped_column(ForeignKey("encounters.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    previous: Mapped[datetime]
    current: Mapped[datetime]
    reason_code: Mapped[DischargeReason] = mapped_column(Words(DischargeReason))
    note: Mapped[str] = mapped_column(Text, default="")
    actor_user_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(Text, default="")
    happened_at: Mapped[datetime]


_OWN = owned_by("organization_id")
_READING = dict.fromkeys(("planner", "janitor"), "SELECT")
protect(Patient, _OWN)
protect(PatientIdentity, _OWN)
protect(HandlingNeeds, _OWN)
protect(Encounter, _OWN, grants=_READING)
protect(
    EncounterChange,
    "EXISTS (SELECT 1 FROM encounters stay WHERE stay.id = subject_id)",
    append_only=True,
)
protect(DischargeTimeMove, _OWN, append_only=True)
