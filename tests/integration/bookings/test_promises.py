"""Each promise of the ground, broken by hand, is named by verify."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from marketplace.bookings.promises import INVARIANTS as BOOKINGS
from marketplace.careplans.promises import INVARIANTS as CARE_PLANS
from marketplace.choices.promises import INVARIANTS as CHOICES
from marketplace.foundation.invariants import Breach
from marketplace.foundation.work import WorkSession
from marketplace.patients.promises import INVARIANTS as PATIENTS
from tests.integration.choices.test_promises import HOME_HEALTH_BREACHES
from tests.support.ground_stage import GroundStage

IDS = {
    "RIDE_TASK": "(SELECT id FROM care_plan_tasks WHERE service_kind = 'ride')",
    "OXYGEN_TASK": "(SELECT id FROM care_plan_tasks WHERE service_kind = 'equipment')",
    "RIDE": "(SELECT id FROM bookings WHERE kind = 'ride')",
    "OXYGEN": "(SELECT id FROM bookings WHERE kind = 'equipment')",
    "OTHER": "(SELECT id FROM organizations WHERE slug = 'health-system-2')",
}
BREACHES = {
    "patient-has-identity": "DELETE FROM patient_identities",
    "authorization-units": "UPDATE authorizations SET units_used = units_used + 1",
    "authorization-not-exceeded": "UPDATE authorizations SET units_used = units_approved + 1",
    "discharge-time-follows-moves": (
        "INSERT INTO discharge_time_moves (id, encounter_id, organization_id, previous, current, reason_code,"
        " note, actor_name, happened_at) SELECT gen_random_uuid(), id, organization_id,"
        " expected_discharge_at, expected_discharge_at + interval '1 hour', 'other', '', '', now()"
        " FROM encounters"
    ),
    "encounter-history": "UPDATE encounters SET state = 'discharged'",
    "task-owner": "UPDATE users SET organization_id = {OTHER}",
    "task-history": "UPDATE care_plan_tasks SET state = 'not_needed' WHERE id = {RIDE_TASK}",
    "task-evidence": (
        "UPDATE care_plan_tasks SET state = 'completed', evidence_booking_id = {OXYGEN}"
        " WHERE id = {RIDE_TASK}"
    ),
    "task-follows-booking": "UPDATE care_plan_tasks SET state = 'open' WHERE id = {RIDE_TASK}",
    "way-back-in-one-plan": (
        "UPDATE care_plan_tasks SET way_back_of_task_id = {OXYGEN_TASK} WHERE id = {RIDE_TASK}"
    ),
    "precedence-in-one-plan": (
        "UPDATE care_plan_tasks SET care_plan_id = gen_random_uuid() WHERE id = {OXYGEN_TASK}"
    ),
    "precedence-without-circle": (
        "INSERT INTO task_precedences (predecessor_task_id, successor_task_id, organization_id, hardness,"
        " min_lag_minutes) SELECT successor_task_id, predecessor_task_id, organization_id, 'hard', 0"
        " FROM task_precedences"
    ),
    "booking-has-task": "UPDATE bookings SET care_plan_task_id = gen_random_uuid() WHERE id = {RIDE}",
    "booking-names-payer": "UPDATE bookings SET payer_organization_id = {OTHER} WHERE id = {RIDE}",
    "booking-history": "UPDATE bookings SET state = 'unmet' WHERE id = {RIDE}",
    "booking-state-and-award": ("UPDATE bookings SET state = 'offered' WHERE id = {OXYGEN}"),
    "booking-vendor-party": "UPDATE booking_parties SET organization_id = {OTHER} WHERE role = 'vendor'",
    "booking-requester-party": "DELETE FROM booking_parties WHERE role = 'payer'",
    "booking-field-completion": (
        "ALTER TABLE bookings DROP CONSTRAINT ck_bookings_field_completion;"
        " UPDATE bookings SET state = 'completed' WHERE id = {OXYGEN}"
    ),
    "medically-ready-within-stay": "UPDATE encounters SET medically_ready_at = '1999-01-01T00:00Z'",
    "booking-units": "UPDATE unit_reservations SET state = 'released'",
    "hard-link-kept": (
        "UPDATE bookings SET state = 'completed', service_status = 'completed', finished_at = now(),"
        " arrived_at = now() - interval '1 hour', award_id = gen_random_uuid(),"
        " vendor_organization_id = {OTHER}, promised_start = now(), promised_end = now() + interval '1 hour'"
    ),
    "rider-under-seal": "DELETE FROM booking_riders WHERE booking_id = {RIDE}",
    "round-trip-is-one-trip": "UPDATE bookings SET outward_booking_id = {OXYGEN} WHERE id = {RIDE}",
    "ready-code-released-its-ride": (
        "INSERT INTO ready_codes (id, booking_id, organization_id, reference, digest, issued_at, expires_at,"
        " tries, ended_because) SELECT gen_random_uuid(), id, organization_id, reference, 'x', now(),"
        " now() + interval '1 hour', 0, '' FROM bookings WHERE id = {RIDE}"
    ),
    "booking-window-follows-moves": (
        "INSERT INTO booking_window_moves (id, booking_id, previous_start, previous_end, current_start,"
        " current_end, cause, actor_name, happened_at) SELECT gen_random_uuid(), id, requested_start,"
        " requested_end, requested_start + interval '1 hour', requested_end, 'planner', '', now()"
        " FROM bookings"
    ),
}
LIFTED = {"authorization-not-exceeded": "ck_authorizations_units"}


@pytest.mark.parametrize("name", BREACHES)
def test_verify_names_the_broken_promise(stage: GroundStage, name: str) -> None:
    stage.book(stage.ride())
    stage.awarded(stage.oxygen())
    assert stage.breaches() == []
    with stage.owner() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))  # no triggers, no foreign keys
        if name in LIFTED:
            session.execute(text(f"ALTER TABLE authorizations DROP CONSTRAINT {LIFTED[name]}"))
        session.execute(text(BREACHES[name].format_map(IDS)))
        session.flush()
        named = {breach.invariant for breach in _found(session)}
        session.rollback()

    assert name in named


def test_every_promise_of_the_ground_rooms_is_broken_once() -> None:
    promised = {promise.name for promise in (*PATIENTS, *CARE_PLANS, *CHOICES, *BOOKINGS)}
    assert promised == {*BREACHES, *HOME_HEALTH_BREACHES}


def _found(session: WorkSession) -> list[Breach]:
    return [breach for promise in (*PATIENTS, *CARE_PLANS, *BOOKINGS) for breach in promise.breaches(session)]
