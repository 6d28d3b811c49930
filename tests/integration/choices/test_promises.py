"""Each promise about choices and visits, broken by hand, is named by verify."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from marketplace.bookings.promises import INVARIANTS as BOOKINGS
from marketplace.choices.promises import INVARIANTS as CHOICES
from tests.support.ground_stage import GroundStage
from tests.support.home_health_stage import HomeHealthStage

HOME_HEALTH_BREACHES = {
    "choice-list-complete": "DELETE FROM choice_list_entries WHERE ccn = '387000'",
    "choice-list-neutral": "UPDATE choice_list_entries SET position = position + 100",
    "choice-list-discloses": (
        "INSERT INTO home_health_financial_interests"
        " (id, organization_id, agency_id, statement, disclosed_from)"
        " SELECT gen_random_uuid(), organization_id, agency_id, 'Owned by us.', now() - interval '99 years'"
        " FROM choice_list_entries"
    ),
    "choice-of-shown-list": "UPDATE patient_choices SET outcome = 'no_preference'",
    "referral-under-choice": "DELETE FROM patient_choices",
    "agency-was-chosen": "DELETE FROM chosen_agencies",
    "start-of-care-in-time": (
        "ALTER TABLE bookings DROP CONSTRAINT ck_bookings_start_of_care;"
        " UPDATE bookings SET offset_end_minutes = 3000 WHERE kind = 'home_health'"
    ),
    "visit-after-homecoming": "DELETE FROM booking_links",
}


@pytest.mark.parametrize("name", HOME_HEALTH_BREACHES)
def test_verify_names_the_broken_promise(stage: GroundStage, home_health: HomeHealthStage, name: str) -> None:
    home_health.choose(home_health.agencies[0])
    stage.book(stage.ride())
    stage.awarded(home_health.visit(), offered_to=(stage.vendors[0],))
    assert stage.breaches() == []
    with stage.owner() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))  # no triggers, no foreign keys
        session.execute(text(HOME_HEALTH_BREACHES[name]))
        named = {one.invariant for promise in (*CHOICES, *BOOKINGS) for one in promise.breaches(session)}
        session.rollback()

    assert name in named
