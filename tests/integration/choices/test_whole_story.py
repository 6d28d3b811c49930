"""A nurse's first visit, from the patient's choice to the approved claim, as the lived-in world has it."""

from __future__ import annotations

import pytest

from tests.support.lived_in import HOSPITAL, NURSES, PAYER, LivedIn


def test_the_visit_is_verified_and_claimed_at_the_contracted_price(lived_in_world: LivedIn) -> None:
    world = lived_in_world
    claim = world.api("reviewer", PAYER, "GET", f"/claims/{world.things['visit_claim']}")

    (line,) = claim["lines"]
    assert (line["hcpcs_code"], float(line["units"]), line["charge_cents"]) == ("T1030", 1, 165_00)
    assert claim["findings"] == []
    assert claim["kind"] == "visit"


def test_the_payers_page_shows_the_six_elements_and_not_the_note(lived_in_world: LivedIn) -> None:
    path = f"/review/claims/{lived_in_world.things['visit_claim']}"
    page = lived_in_world.ask("GET", path, lived_in_world.token("reviewer", PAYER)).get_data(as_text=True)

    for shown in ("Visit record", "Skilled nursing", "Joy Adeyemi", "Began", "Ended", "The phone"):
        assert shown in page
    assert "Wound dressed" not in page


def test_the_nurse_has_the_visit_on_her_own_phone(lived_in_world: LivedIn) -> None:
    token = lived_in_world.token("clinician", NURSES)
    stop = lived_in_world.ask("GET", f"/field/stops/{lived_in_world.things['visit_booking']}", token)
    page = stop.get_data(as_text=True)

    assert stop.status_code == 200
    for shown in ("Start of care, skilled nursing", "Visit verification", "recorded by the phone"):
        assert shown in page


@pytest.mark.parametrize(
    ("role", "organization", "path"),
    [
        ("planner", HOSPITAL, "/choices/{home_health_encounter}"),
        ("planner", HOSPITAL, "/choices/{unchosen_home_health_encounter}"),
        ("planner", HOSPITAL, "/bookings/{home_health_booking}"),
        ("planner", HOSPITAL, "/bookings/new?task={unchosen_home_health_task}"),
        ("planner", HOSPITAL, "/patients/{home_health_patient}"),
        ("platform_admin", "homeward", "/admin/home-health-agencies"),
        ("org_admin", HOSPITAL, "/admin/home-health-agencies"),
        ("org_admin", NURSES, "/admin/home-health-agencies"),
    ],
)
def test_pages_of_home_health_answer(
    lived_in_world: LivedIn, role: str, organization: str, path: str
) -> None:
    address = path.format(**lived_in_world.world.planted)
    answer = lived_in_world.ask("GET", address, lived_in_world.token(role, organization))

    assert answer.status_code == 200, answer.get_data(as_text=True)[:500]
