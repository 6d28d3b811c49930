"""The record of a home-health visit as claims see it: the six elements, and when the patient went home."""

from __future__ import annotations

from datetime import datetime

from billing.claims.values import VisitRecord
from dispatch.field import words as field
from dispatch.field.evidence import EvidencePackage, private_content
from marketplace.bookings.behalf import requester_acts
from marketplace.bookings.models import Booking
from marketplace.foundation.work import WorkSession
from marketplace.patients.models import Encounter


def visit_of(session: WorkSession, booking: Booking, shown: EvidencePackage) -> VisitRecord | None:
    """The clinician's record of a visit; None for other work, and where nothing was written down."""
    item = shown.item(field.EvidenceKind.VISIT_RECORD)
    if booking.discipline is None or item is None:
        return None
    return VisitRecord(
        clinician_name=str(private_content(session, item.id).get("clinician_name", "")),
        started_at=_moment(item.facts.get("started_at")),
        ended_at=_moment(item.facts.get("ended_at")),
        place_recorded=item.facts.get("place") in {"position", "confirmed_home"},
        service_type=str(item.facts.get("service_type", "")),
        ordered_type=str(booking.discipline),
        left_hospital_at=_left_hospital(session, booking),
    )


def _left_hospital(session: WorkSession, booking: Booking) -> datetime | None:
    """When the stay ended, as the health system recorded it; read on the requester's behalf."""
    with requester_acts(session, booking):
        stay = session.get(Encounter, booking.encounter_id)
        return stay.discharged_at if stay is not None else None


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(str(text)) if text else None
