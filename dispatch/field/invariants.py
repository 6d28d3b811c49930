"""What field work promises about its stored data."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from dispatch.field.chain import first_broken
from dispatch.field.evidence import link_of
from dispatch.field.models import ServiceEvent
from marketplace.foundation.invariants import Invariant, sql_invariant
from marketplace.foundation.work import WorkSession


def _broken_chains(session: WorkSession) -> list[tuple[str, str]]:
    chains: dict[UUID, list[ServiceEvent]] = {}
    rows = session.scalars(
        select(ServiceEvent)
        .order_by(ServiceEvent.booking_id, ServiceEvent.sequence)
        .execution_options(yield_per=2000)
    )
    for row in rows:
        chains.setdefault(row.booking_id, []).append(row)
    broken = []
    for booking_id, events in chains.items():
        sequence = first_broken((link_of(event), bytes(event.hash)) for event in events)
        if sequence is not None:
            broken.append((str(booking_id), f"field event {sequence} does not follow from the one before"))
    return broken


FIELD_INVARIANTS = (
    Invariant("field-chain", "No field event was ever changed, dropped or reordered.", _broken_chains),
    sql_invariant(
        "field-completion-has-events",
        "Every completed service has every step of its way recorded, in the order of time.",
        """SELECT f.booking_id, 'completed without ' || CASE f.kind WHEN 'ride' THEN 'a rider on board'
               WHEN 'home_health' THEN 'a begun visit' ELSE 'a receiver' END
           FROM field_services f WHERE f.status = 'completed' AND NOT EXISTS (
             SELECT 1 FROM service_events e WHERE e.booking_id = f.booking_id AND e.award_id = f.award_id
             AND e.status = CASE f.kind WHEN 'ride' THEN 'on_board' WHEN 'home_health' THEN 'started'
               ELSE 'accepted_by_receiver' END)""",
    ),
    sql_invariant(
        "field-completion-has-proof",
        "No service is completed without its papers: a trip log, a signed proof of delivery, a visit record.",
        """SELECT f.booking_id, 'completed without ' || CASE f.kind WHEN 'ride' THEN 'a trip log'
               WHEN 'home_health' THEN 'a visit record' ELSE 'proof of delivery' END
           FROM field_services f WHERE f.status = 'completed' AND NOT EXISTS (
             SELECT 1 FROM evidence_items i WHERE i.booking_id = f.booking_id
             AND i.kind = CASE f.kind WHEN 'ride' THEN 'trip_log' WHEN 'home_health' THEN 'visit_record'
               ELSE 'proof_of_delivery' END)""",
    ),
    sql_invariant(
        "visit-verified",
        "Every completed visit has the six elements of electronic visit verification, in the order of time.",
        """SELECT f.booking_id, 'completed without type, clinician, place, begin or end'
           FROM field_services f JOIN bookings b ON b.id = f.booking_id
           WHERE f.status = 'completed' AND f.kind = 'home_health' AND NOT EXISTS (
             SELECT 1 FROM evidence_items i WHERE i.booking_id = f.booking_id AND i.kind = 'visit_record'
               AND i.facts->>'service_type' = b.discipline AND i.facts->>'clinician_user_id' IS NOT NULL
               AND i.facts->>'place' IN ('position', 'confirmed_home')
               AND (i.facts->>'ended_at')::timestamptz >= (i.facts->>'started_at')::timestamptz)""",
    ),
    sql_invariant(
        "field-and-booking-agree",
        "A booking's status is the last one its crew reported.",
        """SELECT b.id, 'booking says ' || coalesce(b.service_status, 'nothing') || ', the crew ' || e.status
           FROM bookings b JOIN LATERAL (SELECT status, award_id FROM service_events
             WHERE booking_id = b.id ORDER BY sequence DESC LIMIT 1) e ON e.award_id = b.award_id
           WHERE e.status <> 'cancelled_at_door' AND b.service_status IS DISTINCT FROM e.status""",
    ),
    sql_invariant(
        "equipment-before-patient",
        "No patient arrives home before equipment that must be there first.",
        """SELECT l.successor_booking_id, 'arrived ' || ride.occurred_at || ', before ' ||
               l.predecessor_booking_id || ' was set up'
           FROM booking_links l
           JOIN bookings before ON before.id = l.predecessor_booking_id AND before.kind = 'equipment'
           JOIN service_events ride ON ride.booking_id = l.successor_booking_id
             AND ride.status = 'arrived_dropoff'
           LEFT JOIN service_events gear ON gear.booking_id = l.predecessor_booking_id
             AND gear.status = 'set_up'
           WHERE l.hardness = 'hard' AND l.broken_at IS NULL
             AND (gear.occurred_at IS NULL OR gear.occurred_at > ride.occurred_at)""",
    ),
)
"""Chains whole, completions proven, statuses agreed, equipment before patient."""
