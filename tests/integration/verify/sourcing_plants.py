"""How the promises about searches for vendors, short codes and records are broken by hand."""

from __future__ import annotations

import json
from uuid import UUID

_A_SEARCH = """INSERT INTO sourcings (id, booking_id, organization_id, mode, state, cause, started_at,
    ended_at, escalate_at, revision)
    SELECT gen_random_uuid(), id, organization_id, 'waterfall', '{state}', 'planner',
    now(), now(), now(), 1 FROM bookings WHERE id = :ride"""
_A_WAVE = """INSERT INTO sourcing_waves (id, sourcing_id, booking_id, organization_id, number, asked,
    opened_at, respond_by, closed_at, explanation)
    SELECT gen_random_uuid(), id, booking_id, organization_id, 1, '{asked}',
    now(), now(), {closed}, '' FROM sourcings WHERE booking_id = :ride"""
_NOBODYS_OFFER = json.dumps([{"vendor_id": str(UUID(int=1)), "offer_id": str(UUID(int=2))}])
SOURCING = {
    "sourcing-one-open-wave": (
        _A_SEARCH.format(state="stopped"),
        _A_WAVE.format(asked="[]", closed="NULL"),
    ),
    "sourcing-asks-once": (
        _A_SEARCH.format(state="stopped"),
        _A_WAVE.format(asked=_NOBODYS_OFFER, closed="now()"),
    ),
    "sourcing-ends-in-time": (
        _A_SEARCH.format(state="running"),
        "UPDATE booking_changes SET recorded_at = recorded_at - interval '1 hour'",
    ),
    "exhausted-search-was-told": (_A_SEARCH.format(state="exhausted"),),
    "turned-back-was-followed": (
        """INSERT INTO service_records (id, award_id, booking_id, organization_id, vendor_organization_id,
             kind, outcome, reason_code, minutes_late, vehicle_had_left, happened_at, recorded_at)
           SELECT gen_random_uuid(), gen_random_uuid(), id, organization_id, vendor_organization_id, 'ride',
             'turned_back', 'crew_absent', 0, false, now(), now() - interval '1 hour'
           FROM bookings WHERE id = :ride""",
    ),
    "hold-was-told": (
        """UPDATE bookings SET state = 'on_hold',
             hold_reason = 'Waits for R-111111, which must be in the home'
             || ' first and has no vendor now.' WHERE id = :ride""",
    ),
    "code-dies-with-offer": (
        """INSERT INTO offer_codes (id, offer_id, booking_id, organization_id, vendor_organization_id,
             reference, digest, issued_at, expires_at, tries, ended_because)
           SELECT gen_random_uuid(), id, booking_id, organization_id, vendor_organization_id, 'F-1', 'x',
             now(), respond_by, 0, '' FROM offers WHERE booking_id = :ride""",
    ),
}
