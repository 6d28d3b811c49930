"""Hospital stays: admitting, moving the expected discharge time, leaving."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from marketplace.foundation import audit, state
from marketplace.foundation.announce import announce
from marketplace.foundation.errors import (
    Conflict,
    FieldError,
    InvalidInput,
    NotFound,
    StaleRevision,
)
from marketplace.foundation.events import publish
from marketplace.foundation.ids import new_id
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Facility
from marketplace.patients.events import DischargeTimeChanged
from marketplace.patients.models import DischargeTimeMove, Encounter, Patient
from marketplace.patients.words import DischargeReason, EncounterState

LONGEST_AHEAD = timedelta(days=60)
"""Nobody plans a discharge further ahead; beyond it a year was mistyped."""
PAST_GRACE = timedelta(minutes=15)
"""An expected time may lie this far back: people type what the clock on the wall says."""


def admit(
    session: WorkSession,
    patient_id: UUID,
    facility_id: UUID,
    *,
    admitted_at: datetime,
    expected_discharge_at: datetime,
    unit: str = "",
    encounter_id: UUID | None = None,
) -> Encounter:
    """A stay of the patient in one of the health system's facilities, with the time they should leave."""
    session.actor.require("planner")
    if session.get(Patient, patient_id) is None:
        raise NotFound
    errors = _time_errors(session.now(), admitted_at, expected_discharge_at)
    facility = session.get(Facility, facility_id)
    if facility is None or facility.organization_id != session.actor.organization():
        errors.append(FieldError("facility_id", "choose one of your facilities"))
    if len(unit) > 60:
        errors.append(FieldError("unit", "write at most 60 characters"))
    if errors:
        raise InvalidInput(errors)
    stay = Encounter(
        id=encounter_id or new_id(),
        organization_id=session.actor.organization(),
        patient_id=patient_id,
        facility_id=facility_id,
        unit=unit.strip(),
        admitted_at=admitted_at,
        expected_discharge_at=expected_discharge_at,
        state=EncounterState.ADMITTED if admitted_at <= session.now() else EncounterState.EXPECTED,
    )
    session.add(stay)
    state.begin(session, stay)
    return stay


def move_discharge(
    session: WorkSession,
    encounter_id: UUID,
    new_time: datetime,
    *,
    reason_code: DischargeReason = DischargeReason.OTHER,
    note: str = "",
    revision: int | None = None,
) -> Encounter:
    """Move the expected discharge time; windows that hang on it follow by `DischargeTimeChanged`.

    With `revision` a change made meanwhile is refused as StaleRevision. The same time again changes nothing.
    """
    session.actor.require("planner")
    stay = locked_encounter(session, encounter_id)
    if revision is not None and stay.revision != revision:
        raise StaleRevision(
            f"The discharge time was moved to {stay.expected_discharge_at:%Y-%m-%d %H:%M} UTC meanwhile.",
            remedy="Look at the new time, then move it again if it is still wrong.",
        )
    if stay.state not in (EncounterState.EXPECTED, EncounterState.ADMITTED):
        raise Conflict(f"This stay is {stay.state}; its discharge time does not move any more.")
    errors = _time_errors(session.now(), stay.admitted_at, new_time)
    if len(note) > 500:
        errors.append(FieldError("note", "write at most 500 characters"))
    if errors:
        raise InvalidInput(errors)
    if new_time == stay.expected_discharge_at:
        return stay
    previous, stay.expected_discharge_at = stay.expected_discharge_at, new_time
    stay.revision += 1
    _remember(session, stay, previous, reason_code, note)
    publish(session, DischargeTimeChanged(stay.id, previous, new_time, stay.revision))
    announce(session, [stay.organization_id], "encounter", stay.id, stay.revision)
    return stay


def medically_ready(
    session: WorkSession, encounter_id: UUID, ready_at: datetime | None, *, withdrawn: bool = False
) -> Encounter:
    """The care team would let the patient go from `ready_at` on (now when None), or `withdrawn`: no longer.

    Raises InvalidInput for a moment before the admission or in the future, Conflict for a stay that ended.
    """
    session.actor.require("planner")
    stay = locked_encounter(session, encounter_id)
    if stay.state is not EncounterState.ADMITTED:
        raise Conflict("This stay has ended.", remedy="Only who is admitted becomes ready to leave.")
    moment = None if withdrawn else ready_at or session.now()
    if moment is not None and not stay.admitted_at <= moment <= session.now():
        raise InvalidInput("medically_ready_at", "write a moment after the admission that has passed")
    stay.medically_ready_at = moment
    stay.revision += 1
    details = {"at": moment.isoformat() if moment else None}
    audit.record(
        session, "encounters:medically_ready", "encounters", stay.id, details, patient_id=stay.patient_id
    )
    announce(session, [stay.organization_id], "encounter", stay.id, stay.revision)
    return stay


def discharge(
    session: WorkSession,
    encounter_id: UUID,
    left_at: datetime | None = None,
    *,
    ready: bool | None = None,
    note: str = "",
) -> Encounter:
    """The patient has left the hospital (now, or at `left_at`).

    `ready` says whether evidence confirmed everything then, `note` why the patient left without. Raises
    InvalidInput for a time to come or before the stay.
    """
    session.actor.require("planner")
    stay = locked_encounter(session, encounter_id)
    moment = left_at or session.now()
    if not stay.admitted_at <= moment <= session.now() + PAST_GRACE:
        raise InvalidInput("left_at", "write when the patient left: after the admission, not in the future")
    state.move(session, stay, EncounterState.DISCHARGED)
    stay.discharged_at = moment
    stay.left_ready, stay.left_note = ready, note
    announce(session, [stay.organization_id], "encounter", stay.id, stay.revision)
    return stay


def encounter(session: WorkSession, encounter_id: UUID) -> Encounter:
    """The stay; NotFound when missing or foreign."""
    found = session.get(Encounter, encounter_id)
    if found is None:
        raise NotFound
    return found


def locked_encounter(session: WorkSession, encounter_id: UUID) -> Encounter:
    """The stay as it is now, locked until the end of the transaction."""
    query = select(Encounter).where(Encounter.id == encounter_id).with_for_update()
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound
    return found


def discharge_moves(session: WorkSession, encounter_id: UUID) -> list[DischargeTimeMove]:
    """How the expected time has moved, oldest first."""
    query = select(DischargeTimeMove).where(DischargeTimeMove.encounter_id == encounter_id)
    return list(session.scalars(query.order_by(DischargeTimeMove.happened_at, DischargeTimeMove.id)))


def _time_errors(now: datetime, admitted_at: datetime, leaves_at: datetime) -> list[FieldError]:
    field = "expected_discharge_at"
    if leaves_at <= admitted_at:
        return [FieldError(field, "the discharge must come after the admission")]
    if leaves_at < now - PAST_GRACE:
        return [FieldError(field, "this time has passed; write when the patient will leave")]
    if leaves_at > now + LONGEST_AHEAD:
        return [FieldError(field, "this is more than 60 days ahead; check the date")]
    return []


def _remember(
    session: WorkSession, stay: Encounter, previous: datetime, reason: DischargeReason, note: str
) -> None:
    session.add(
        DischargeTimeMove(
            encounter_id=stay.id,
            organization_id=stay.organization_id,
            previous=previous,
            current=stay.expected_discharge_at,
            reason_code=reason,
            note=note.strip(),
            actor_user_id=session.actor.user_id,
            actor_name=session.actor.name,
            happened_at=session.now(),
        )
    )
    audit.record(
        session,
        "encounters:discharge_moved",
        "encounters",
        stay.id,
        {"reason": reason, "from": previous.isoformat(), "to": stay.expected_discharge_at.isoformat()},
        patient_id=stay.patient_id,
    )
