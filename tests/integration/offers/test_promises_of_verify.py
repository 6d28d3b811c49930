"""Each promise that `verify` checks: kept after ordinary work, and its breach is named when planted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from marketplace.foundation.access import system_actor
from marketplace.foundation.work import WorkSession, unit_of_work
from tests.support.vendor_stage import NOW, PICKUP, VendorStage
from vendors.fleet.service import add_shift
from vendors.offers.invariants import INVARIANTS
from vendors.offers.service import accept, propose

ANOTHER_AWARD = (
    "DROP INDEX uq_awards_live",
    "CREATE TEMP TABLE twin ON COMMIT DROP AS SELECT * FROM awards",
    """UPDATE twin SET id = gen_random_uuid(),
       offer_id = (SELECT id FROM offers WHERE state = 'lost' LIMIT 1)""",
    "INSERT INTO awards SELECT * FROM twin",
)
A_QUESTION = """
    INSERT INTO award_amendments (id, award_id, booking_id, organization_id, vendor_organization_id, state,
      previous_start, previous_end, proposed_start, proposed_end, respond_by, proposed_at, revision)
    SELECT gen_random_uuid(), id, booking_id, organization_id, vendor_organization_id, 'proposed',
      promised_start, promised_end, promised_start, promised_end, promised_end, promised_start, 1 FROM awards
"""
PLANTS: dict[str, tuple[str, ...]] = {
    "award-once": ANOTHER_AWARD,
    "award-matches-booking": ("UPDATE awards SET promised_end = promised_end + interval '1 minute'",),
    "booking-has-its-award": ("UPDATE awards SET state = 'released'",),
    "cancelled-work-released": (
        "SET LOCAL session_replication_role = replica",
        "UPDATE bookings SET state = 'cancelled_advance'",
        "UPDATE booking_changes SET recorded_at = recorded_at - interval '1 hour'",
    ),
    "offers-agree": ("UPDATE offers SET state = 'open' WHERE state = 'lost'",),
    "answered-in-time": ("UPDATE awards SET accepted_at = accepted_at + interval '1 day'",),
    "credentials-cover-service": (
        """UPDATE credentials SET expires_at = valid_from + interval '1 day'
           WHERE credential_type = 'auto_liability'""",
    ),
    "question-has-promise": (A_QUESTION, "UPDATE awards SET state = 'released'"),
    "code-dies-with-offer": (
        """INSERT INTO offer_codes (id, offer_id, booking_id, organization_id, vendor_organization_id,
             reference, digest, issued_at, expires_at, tries, ended_because)
           SELECT gen_random_uuid(), id, booking_id, organization_id, vendor_organization_id, 'F-1', 'x',
             now(), respond_by, 0, '' FROM offers WHERE state = 'accepted'""",
    ),
    "shift-crew-times": ("UPDATE shifts SET ends_at = ends_at + interval '1 hour'",),
}


@pytest.fixture
def busy(stage: VendorStage) -> VendorStage:
    """Two vendors asked, one has accepted, and has a van on the road."""
    booking_id = stage.ride()
    vehicle, (driver,) = stage.fleet(stage.vendors[0])
    with stage.as_planner() as session:
        offers = propose(session, booking_id, stage.vendors, NOW + timedelta(minutes=30))
    with stage.as_vendor(stage.vendors[0]) as session:
        accept(session, offers[0].id)
        add_shift(session, vehicle.id, [driver.id], PICKUP - timedelta(hours=4), PICKUP + timedelta(hours=4))
    return stage


def broken(session: WorkSession) -> set[str]:
    return {breach.invariant for found in INVARIANTS for breach in found.breaches(session)}


def test_ordinary_work_keeps_every_promise_as_the_verifier_sees_it(busy: VendorStage) -> None:
    with unit_of_work(busy.runtime, system_actor(), "verifier") as session:
        assert broken(session) == set()


@pytest.mark.parametrize("name", [found.name for found in INVARIANTS])
def test_a_planted_breach_is_named(busy: VendorStage, name: str) -> None:
    with WorkSession(busy.runtime, system_actor(), "owner") as session:
        for statement in PLANTS[name]:
            session.execute(text(statement))
        assert name in broken(session)
        session.rollback()
