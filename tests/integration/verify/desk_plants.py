"""How the promises about whole discharges are broken by hand in the lived-in world (see `plants`)."""

from __future__ import annotations

_A_DRAFT = """
    INSERT INTO discharge_drafts (id, organization_id, encounter_id, state, booked, created_at, revision)
    SELECT gen_random_uuid(), organization_id, encounter_id, 'confirmed', '[]', now(), 1
    FROM bookings WHERE id = :ride"""
DESK = {
    "discharge-booked-whole": (_A_DRAFT,),
    "discharge-draft-history": (_A_DRAFT,),
    "ready-code-released-its-ride": (
        """INSERT INTO ready_codes (id, booking_id, organization_id, reference, digest, issued_at, expires_at,
             tries, ended_because)
           SELECT gen_random_uuid(), id, organization_id, reference, 'x', now(), now() + interval '1 hour',
             0, ''
           FROM bookings WHERE id = :ride""",
    ),
    "flexible-ride-waits": ("UPDATE bookings SET flexible = true WHERE id = :ride",),
    "proposal-names-candidates": (
        """INSERT INTO discharge_proposals (id, draft_id, number, organization_id, time_zone, state, outlook,
             wishes, orders, result, asked_at)
           SELECT gen_random_uuid(), :ride, 1, :hospital, 'UTC', 'made', '[]', '[]', '[]',
             jsonb_build_array(jsonb_build_object('wish', CAST(:ride AS text), 'vendor',
               CAST(:stranger AS text))), now()""",
    ),
}
