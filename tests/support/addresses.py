"""Whose ids belong into an address, and who may ask there: from the rule of a route alone."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tests.support.lived_in import HOSPITAL, NURSES, PAYER, RIDES, LivedIn

ID = re.compile(r"<uuid:([a-z_]+)>")
PLATFORM = "homeward"
HOME = {
    "planner": HOSPITAL,
    "vendor_admin": RIDES,
    "dispatcher": RIDES,
    "driver": RIDES,
    "clinician": NURSES,
    "biller": RIDES,
    "reviewer": PAYER,
    "org_admin": HOSPITAL,
    "platform_admin": PLATFORM,
    "privacy_officer": PLATFORM,
}
"""Where the demo's own person of each role works, the most telling role first."""
FOUND_BY = {
    "patient_id": "SELECT patient_id FROM bookings WHERE id = :ride",
    "encounter_id": "SELECT encounter_id FROM bookings WHERE id = :ride",
    "coverage_id": "SELECT coverage_id FROM bookings WHERE id = :ride",
    "authorization_id": "SELECT authorization_id FROM bookings WHERE id = :ride",
    "task_id": "SELECT care_plan_task_id FROM bookings WHERE id = :ride",
    "care_plan_id": """SELECT care_plan_id FROM care_plan_tasks
        WHERE id = (SELECT care_plan_task_id FROM bookings WHERE id = :ride)""",
    "booking_id": "SELECT id FROM bookings WHERE id = :ride",
    "offer_id": "SELECT id FROM offers WHERE booking_id = :ride",
    "award_id": "SELECT id FROM awards WHERE booking_id = :ride",
    "amendment_id": "SELECT id FROM award_amendments LIMIT 1",
    "telling_id": "SELECT id FROM booking_tellings WHERE audience = 'planner' LIMIT 1",
    "claim_id": "SELECT claim_id FROM claim_services WHERE booking_id = :ride",
    "deposit_id": "SELECT id FROM deposits LIMIT 1",
    "transfer_id": "SELECT id FROM transfers LIMIT 1",
    "user_id": "SELECT id FROM users WHERE email LIKE 'priya.raman@%'",
    "client_id": "SELECT id FROM api_clients LIMIT 1",
    "organization_id": "SELECT id FROM organizations WHERE slug = 'st-brigid'",
    "choice_list_id": """SELECT id FROM choice_lists
        WHERE encounter_id = (SELECT encounter_id FROM bookings WHERE id = :ride)""",
    "interest_id": "SELECT id FROM home_health_financial_interests LIMIT 1",
    "facility_id": "SELECT facility_id FROM bookings WHERE id = :ride",
    "vehicle_id": "SELECT v.id FROM vehicles v JOIN awards a USING (vendor_organization_id)"
    " WHERE a.booking_id = :ride LIMIT 1",
    "shift_id": "SELECT s.id FROM shifts s JOIN awards a USING (vendor_organization_id)"
    " WHERE a.booking_id = :ride LIMIT 1",
    "credential_id": "SELECT c.id FROM credentials c JOIN awards a USING (vendor_organization_id)"
    " WHERE a.booking_id = :ride LIMIT 1",
    "card_id": "SELECT c.id FROM rate_cards c JOIN awards a USING (vendor_organization_id)"
    " WHERE a.booking_id = :ride LIMIT 1",
    "blocked_time_id": "SELECT id FROM blocked_times LIMIT 1",
    "session_id": "SELECT id FROM sign_in_sessions LIMIT 1",
    "token_id": "SELECT id FROM api_tokens LIMIT 1",
    "fee_id": "SELECT id FROM cancellation_fees LIMIT 1",
    "order_id": "SELECT id FROM standing_orders LIMIT 1",
    "trip_id": "SELECT id FROM trips LIMIT 1",
    "job_id": "SELECT id FROM jobs LIMIT 1",
}
"""An object of the story by the name it has in addresses."""


def ids_of(world: LivedIn) -> Mapping[str, str]:
    """The story's ids by their names in addresses; names without such an object are left out."""
    ride = {"ride": world.things["ride_booking"]}
    found = {name: world.one(query, **(ride if ":ride" in query else {})) for name, query in FOUND_BY.items()}
    return {name: str(value) for name, value in found.items() if value is not None}


def filled(rule: str, ids: Mapping[str, str], otherwise: str) -> str:
    """The rule's address with these ids, `otherwise` where there is none."""
    address = ID.sub(lambda match: ids.get(match[1], otherwise), rule)
    return re.sub(r"<(?:\w+:)?\w+>", "x", address)


def home_role(roles: frozenset[str]) -> tuple[str, str]:
    """(role, organization) of somebody of the demo who may call a route with these roles."""
    return next((role, place) for role, place in HOME.items() if role in roles)
