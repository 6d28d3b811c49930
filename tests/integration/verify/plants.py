"""How each promise is broken by hand in the lived-in world: SQL by the promise's name, run by the owner.

`:ride` and `:oxygen` are Mrs. Alvarez' two bookings, performed and paid; `:stranger` is an organization that
has no part in them, `:hospital` the one that booked. Triggers and foreign keys are off while it runs.
"""

from __future__ import annotations

from tests.integration.verify.desk_plants import DESK
from tests.integration.verify.fee_plants import A_FEE, FEES
from tests.integration.verify.home_health_plants import HOME_HEALTH
from tests.integration.verify.sourcing_plants import SOURCING
from tests.integration.verify.standing_plants import STANDING
from tests.integration.verify.trip_plants import TRIPS

_SECOND_SESSION = """
    INSERT INTO sign_in_sessions (id, digest, organization_id, user_id, stage, device, address, created_at,
      seen_at, expires_at, end_reason)
    SELECT gen_random_uuid(), sha256(id::text::bytea), organization_id, id, 'signed_in', '', '', now(), now(),
      now() + interval '1 hour', '' FROM users WHERE organization_id = :hospital"""
_A_CLIENT = """
    INSERT INTO api_clients (id, organization_id, name, roles, secret_digest, created_at, revoked_at)
    VALUES (:ride, :hospital, 'Gone', '[]', '', now(), now())"""
_ITS_TOKEN = """
    INSERT INTO api_tokens (id, digest, organization_id, client_id, name, scopes, created_at, expires_at)
    VALUES (gen_random_uuid(), 'a', :hospital, :ride, '', '[]', now(), now() + interval '1 hour')"""
_A_QUESTION = """
    INSERT INTO award_amendments (id, award_id, booking_id, organization_id, vendor_organization_id, state,
      previous_start, previous_end, proposed_start, proposed_end, respond_by, proposed_at, revision)
    SELECT gen_random_uuid(), id, booking_id, organization_id, vendor_organization_id, 'proposed',
      promised_start, promised_end, promised_start, promised_end, promised_end, promised_start, 1
    FROM awards WHERE id NOT IN (SELECT award_id FROM award_amendments WHERE state = 'proposed')"""
_BY_HAND = """
    INSERT INTO hand_changes (id, vendor_organization_id, kind, booking_id, vehicle_id, problem_digest,
      certificate, moved, made_at, recorded_at)
    SELECT gen_random_uuid(), vendor_organization_id, 'pin', booking_id, vehicle_id, '', '{}', '[]', now(),
      now() FROM assignments"""
_TWIN = "CREATE TEMP TABLE twin ON COMMIT DROP AS SELECT * FROM {table} LIMIT 1"


def _twin(table: str, changes: str, *lifted: str) -> tuple[str, ...]:
    """A second row like the first of a table, some values changed, the constraints in its way gone."""
    return (
        *lifted,
        _TWIN.format(table=table),
        f"UPDATE twin SET id = gen_random_uuid(), {changes}",  # noqa: S608 - words of this file
        f"INSERT INTO {table} SELECT * FROM twin",  # noqa: S608
    )


FOUNDATION = {
    "job-finished-once": ("UPDATE jobs SET lease_until = now() WHERE state = 'done'",),
    "event-delivered": (
        """UPDATE jobs SET state = 'queued', created_at = now() - interval '2 hours'
           WHERE kind = 'foundation.deliver'""",
    ),
    "delivery-has-event": ("DELETE FROM outbox_events",),
    "audit-chain": ("UPDATE audit_events SET actor_name = 'Nobody' WHERE object_id = :ride",),
}
IDENTITY = {
    "deactivated-shut-out": (_SECOND_SESSION, "UPDATE users SET state = 'deactivated'"),
    "revoked-client-shut-out": (_A_CLIENT, _ITS_TOKEN),
    "user-findable": ("DELETE FROM sign_in_names WHERE organization_id = :hospital",),
    "two-factors": (_SECOND_SESSION, "UPDATE users SET demo_user = false"),
    "door-keeps-to-tenant": ("UPDATE user_secrets SET organization_id = :stranger",),
    "administered": ("UPDATE users SET roles = '[\"planner\"]' WHERE organization_id = :hospital",),
    "roles-fit": ("UPDATE users SET roles = '[\"driver\"]' WHERE organization_id = :hospital",),
    "no-demo-in-production": ("UPDATE users SET demo_user = true",),
}
GROUND = {
    "patient-has-identity": ("DELETE FROM patient_identities",),
    "authorization-units": ("UPDATE authorizations SET units_used = units_used + 1 WHERE units_used > 0",),
    "authorization-not-exceeded": (
        "ALTER TABLE authorizations DROP CONSTRAINT ck_authorizations_units",
        "UPDATE authorizations SET units_used = units_approved + 1",
    ),
    "discharge-time-follows-moves": (
        """INSERT INTO discharge_time_moves (id, encounter_id, organization_id, previous, current,
             reason_code, note, actor_name, happened_at) SELECT gen_random_uuid(), id, organization_id,
             expected_discharge_at, expected_discharge_at + interval '1 hour', 'other', '', '', now()
           FROM encounters""",
    ),
    "medically-ready-within-stay": (
        "UPDATE encounters SET medically_ready_at = admitted_at - interval '1 hour'",
    ),
    "left-ready-had-evidence": (
        """UPDATE encounters SET left_ready = true, medically_ready_at = admitted_at,
             discharged_at = expected_discharge_at + interval '1 day'""",
    ),
    "encounter-history": ("UPDATE encounters SET state = 'discharged'",),
    "task-owner": ("UPDATE users SET organization_id = :stranger WHERE organization_id = :hospital",),
    "task-history": ("UPDATE care_plan_tasks SET state = 'not_needed'",),
    "task-evidence": ("UPDATE care_plan_tasks SET evidence_booking_id = :oxygen WHERE state = 'completed'",),
    "task-follows-booking": ("UPDATE care_plan_tasks SET state = 'open' WHERE state = 'booked'",),
    "way-back-in-one-plan": (
        """UPDATE care_plan_tasks SET way_back_of_task_id = (SELECT care_plan_task_id FROM bookings
             WHERE id = :oxygen) WHERE id = (SELECT care_plan_task_id FROM bookings WHERE id = :ride)""",
    ),
    "precedence-in-one-plan": ("UPDATE care_plan_tasks SET care_plan_id = gen_random_uuid()",),
    "precedence-without-circle": (
        """INSERT INTO task_precedences (predecessor_task_id, successor_task_id, organization_id, hardness,
             min_lag_minutes) SELECT successor_task_id, predecessor_task_id, organization_id, 'hard', 0
           FROM task_precedences""",
    ),
    "booking-has-task": ("UPDATE bookings SET care_plan_task_id = gen_random_uuid() WHERE id = :ride",),
    "booking-names-payer": ("UPDATE bookings SET payer_organization_id = :stranger WHERE id = :ride",),
    "booking-history": ("UPDATE bookings SET state = 'under_way' WHERE id = :ride",),
    "booking-state-and-award": ("UPDATE bookings SET state = 'offered' WHERE id = :ride",),
    "booking-vendor-party": (
        "UPDATE booking_parties SET organization_id = :stranger WHERE role = 'vendor' AND booking_id = :ride",
    ),
    "booking-requester-party": ("DELETE FROM booking_parties WHERE role = 'payer' AND booking_id = :ride",),
    "booking-field-completion": ("UPDATE bookings SET finished_at = NULL WHERE id = :ride",),
    "booking-units": ("UPDATE bookings SET state = 'cancelled_late' WHERE id = :ride",),
    "hard-link-kept": (
        """UPDATE bookings SET arrived_at = (
             SELECT finished_at - interval '1 minute' FROM bookings WHERE id = :oxygen) WHERE id = :ride""",
    ),
    "rider-under-seal": ("DELETE FROM booking_subscribers WHERE booking_id = :ride",),
    "round-trip-is-one-trip": ("UPDATE bookings SET outward_booking_id = :oxygen WHERE id = :ride",),
    "booking-window-follows-moves": (
        """INSERT INTO booking_window_moves (id, booking_id, previous_start, previous_end, current_start,
             current_end, cause, actor_name, happened_at) SELECT gen_random_uuid(), id, requested_start,
             requested_end, requested_start + interval '1 hour', requested_end, 'planner', '', now()
           FROM bookings WHERE id = :ride""",
    ),
}
VENDORS = {
    "fee-by-contract": ("DELETE FROM cancellation_fees", A_FEE.format(more=1)),
    "no-claim-for-what-was-not-done": ("DELETE FROM cancellation_fees", A_FEE.format(more=0)),
    "award-once": _twin(
        "awards",
        "offer_id = gen_random_uuid()",
        "DROP INDEX uq_awards_live",
    ),
    "award-matches-booking": ("UPDATE awards SET promised_end = promised_end + interval '1 minute'",),
    "booking-has-its-award": ("UPDATE awards SET state = 'released' WHERE booking_id = :ride",),
    "cancelled-work-released": (
        "UPDATE bookings SET state = 'cancelled_advance' WHERE id = :ride",
        "UPDATE booking_changes SET recorded_at = recorded_at - interval '1 hour'",
    ),
    "offers-agree": ("UPDATE offers SET state = 'open' WHERE booking_id = :ride",),
    "answered-in-time": ("UPDATE awards SET accepted_at = accepted_at + interval '1 day'",),
    "credentials-cover-service": (
        """UPDATE credentials SET expires_at = valid_from + interval '1 day'
           WHERE credential_type = 'auto_liability'""",
    ),
    "question-has-promise": (_A_QUESTION, "UPDATE awards SET state = 'released'"),
    "shift-crew-times": ("UPDATE shifts SET ends_at = ends_at + interval '1 hour'",),
}
DISPATCH = {
    "plan-has-certificate": ('UPDATE plan_versions SET certificate = \'{"seal": "", "rules": []}\'',),
    "assignment-has-award": ("UPDATE assignments SET award_id = gen_random_uuid()",),
    "assignment-keeps-promise": ("UPDATE assignments SET starts_at = starts_at - interval '6 hours'",),
    "plan-keeps-order": (
        """UPDATE bookings SET state = 'scheduled' WHERE id = :ride""",
        """UPDATE assignments SET ends_at = starts_at WHERE booking_id = :ride""",
        """UPDATE assignments SET ends_at = ends_at + interval '1 day' WHERE booking_id = :oxygen""",
    ),
    "vehicle-in-one-place": _twin(
        "assignments",
        "booking_id = gen_random_uuid()",
        "ALTER TABLE assignments DROP CONSTRAINT ex_assignments_vehicle_in_two_places",
    ),
    "hand-change-has-certificate": (_BY_HAND,),
    "pin-has-hand": ("UPDATE assignments SET pinned = true",),
    "field-chain": ("UPDATE service_events SET occurred_at = occurred_at - interval '1 hour'",),
    "field-completion-has-events": ("DELETE FROM service_events WHERE status = 'on_board'",),
    "field-completion-has-proof": ("DELETE FROM evidence_items WHERE kind = 'proof_of_delivery'",),
    "field-and-booking-agree": (
        "ALTER TABLE bookings DROP CONSTRAINT ck_bookings_field_completion",
        "UPDATE bookings SET service_status = 'on_board' WHERE id = :ride",
    ),
    "equipment-before-patient": (
        "UPDATE service_events SET occurred_at = occurred_at + interval '1 day' WHERE status = 'set_up'",
    ),
}
BILLING = {
    "claim-from-completed-service": ("DELETE FROM claim_services",),
    "evidence-unchanged": ("UPDATE evidence_items SET digest = 'another'",),
    "claim-lines-sum": ("UPDATE claims SET total_cents = total_cents + 1",),
    "payment-needs-approval": ("DELETE FROM claim_decisions",),
    "approval-in-ledger": ("UPDATE payable_groups SET amount_cents = amount_cents + 1",),
    "ledger-entry-balances": ("UPDATE ledger_postings SET amount_cents = amount_cents + 1",),
    "ledger-sums-to-zero": (
        "DELETE FROM ledger_postings WHERE id = (SELECT id FROM ledger_postings LIMIT 1)",
    ),
    "posting-on-its-account": ("UPDATE ledger_postings SET organization_id = :stranger",),
    "one-live-transfer": _twin(
        "transfers",
        "number = -1, attempt = 99, idempotency_key = 'another', stripe_transfer_id = NULL",
        "DROP INDEX uq_transfers_live",
    ),
    "transfers-in-ledger": ("UPDATE transfers SET reversed_cents = 1",),
    "deposits-in-ledger": ("UPDATE deposits SET amount_cents = amount_cents + 1",),
    "only-cleared-money-spent": (
        """DELETE FROM ledger_postings WHERE entry_id IN
             (SELECT id FROM ledger_entries WHERE kind = 'deposit_cleared')""",
    ),
    "tried-again-by-somebody": ("UPDATE transfers SET attempt = 6",),
    "paid-claims-were-paid": ("UPDATE transfers SET state = 'failed'",),
}
PLANTS = {
    **FOUNDATION,
    **IDENTITY,
    **GROUND,
    **HOME_HEALTH,
    **VENDORS,
    **SOURCING,
    **DISPATCH,
    **BILLING,
    **FEES,
    **DESK,
    **STANDING,
    **TRIPS,
}
