"""What the board promises about its stored data."""

from __future__ import annotations

from marketplace.foundation.invariants import sql_invariant

BOARD_INVARIANTS = (
    sql_invariant(
        "hand-change-has-certificate",
        "No change by hand moved or fixed a service without the certificate of the independent check.",
        """SELECT id, kind || ' without a seal' FROM hand_changes
           WHERE kind <> 'unpin' AND (coalesce(certificate->>'seal', '') = ''
             OR jsonb_array_length(certificate->'rules') = 0)""",
    ),
    sql_invariant(
        "pin-has-hand",
        "Whatever is pinned to a vehicle was put or kept there by somebody of the vendor.",
        """SELECT a.booking_id, 'pinned by nobody' FROM assignments a
           WHERE a.pinned AND NOT EXISTS (
             SELECT 1 FROM hand_changes h WHERE h.kind <> 'unpin'
               AND a.booking_id IN (h.booking_id, h.other_booking_id)
               AND h.vendor_organization_id = a.vendor_organization_id)""",
    ),
)
"""Certificates of hand changes, hands behind pins."""
