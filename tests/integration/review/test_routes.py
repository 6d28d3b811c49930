"""Claims over JSON: who sees them, who decides, what bad input answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from marketplace.foundation.ids import new_id
from tests.integration.review.conftest import Person
from tests.support.billing_stage import BillingStage

People = Callable[[str], Person]


@pytest.fixture
def ride(stage: BillingStage) -> str:
    """The id of the claim for Rosa's ride, with the payer."""
    stage.ride_done()
    stage.bill()
    return str(stage.claims()[0].id)


def test_vendor_and_payer_see_the_claim_and_nobody_else_does(ride: str, somebody_of: People) -> None:
    for who in ("driver_vendor", "payer"):
        found = somebody_of(who).get(f"/api/v1/claims/{ride}")
        assert (found.status_code, found.json["total_cents"]) == (200, 61_98)
        assert found.json["member"]["name"] == "Rosa Alvarez"
        assert [line["hcpcs_code"] for line in found.json["lines"]] == ["A0130", "S0209", "A0422"]
        assert [len(pointer["digest"]) for pointer in found.json["evidence"]] == [64]
    foreign = somebody_of("supplier").get(f"/api/v1/claims/{ride}")
    missing = somebody_of("supplier").get(f"/api/v1/claims/{new_id()}")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.json["detail"] == missing.json["detail"]
    assert somebody_of("hospital").get(f"/api/v1/claims/{ride}").status_code == 403


def test_lists_hold_each_sides_own_claims(stage: BillingStage, somebody_of: People) -> None:
    stage.oxygen_done()
    stage.ride_done()
    stage.bill()
    oxygen, ride = (str(claim.id) for claim in stage.claims())
    assert [one["id"] for one in somebody_of("payer").get("/api/v1/claims").json["items"]] == [ride, oxygen]
    assert [one["id"] for one in somebody_of("driver_vendor").get("/api/v1/claims").json["items"]] == [ride]
    assert somebody_of("payer").get("/api/v1/claims?state=paid").json["items"] == []


def test_a_claim_is_approved_once_and_a_replay_gets_the_first_answer(ride: str, somebody_of: People) -> None:
    payer = somebody_of("payer")
    first = payer.send(f"/api/v1/claims/{ride}/approval", {}, key="one")
    again = payer.send(f"/api/v1/claims/{ride}/approval", {}, key="one")
    assert (first.status_code, first.json["state"], first.json["approved_cents"]) == (200, "approved", 61_98)
    assert (again.status_code, again.json) == (200, first.json)
    other = payer.send(f"/api/v1/claims/{ride}/approval", {}, key="two")
    assert (other.status_code, other.json["code"]) == (409, "transition-refused")


def test_the_vendor_cannot_decide_its_own_claim(ride: str, somebody_of: People) -> None:
    refused = somebody_of("driver_vendor").send(f"/api/v1/claims/{ride}/approval", {})
    assert refused.status_code == 403


BAD_INPUT = (
    ("approval", {"approved_cents": 0}, "approved_cents"),
    ("approval", {"approved_cents": -5}, "approved_cents"),
    ("approval", {"approved_cents": "x"}, "approved_cents"),
    ("approval", {"approved_cents": 61_99}, "approved_cents"),
    ("approval", {"approved_cents": 10_00}, "note"),
    ("approval", {"note": "a\u0000b"}, "note"),
    ("approval", {"note": "a" * 1001}, "note"),
    ("approval", {"surprise": 1}, "surprise"),
    ("denial", {}, "reason"),
    ("denial", {"reason": "because"}, "reason"),
    ("question", {"note": ""}, "note"),
    ("question", {"note": "why"}, "note"),
)


def test_bad_input_names_its_field_and_saves_nothing(ride: str, somebody_of: People) -> None:
    payer = somebody_of("payer")
    for verb, body, field in BAD_INPUT:
        refused = payer.send(f"/api/v1/claims/{ride}/{verb}", body)
        assert refused.status_code in {400, 422}, body
        assert field in [error["field"] for error in refused.json["errors"]], body
        assert payer.get(f"/api/v1/claims/{ride}").json["state"] == "submitted"


def test_a_question_and_its_answer_travel_over_json(ride: str, somebody_of: People) -> None:
    payer, vendor = somebody_of("payer"), somebody_of("driver_vendor")
    assert vendor.send(f"/api/v1/claims/{ride}/answer", {"note": "Here you are."}).status_code == 409
    payer.send(f"/api/v1/claims/{ride}/question", {"note": "Which vehicle was it?"})
    answered = vendor.send(f"/api/v1/claims/{ride}/answer", {"note": "Van 7, the white one."})
    assert (answered.status_code, answered.json["state"]) == (200, "accepted")
    denied = payer.send(f"/api/v1/claims/{ride}/denial", {"reason": "not_necessary"})
    assert [one["decision"] for one in payer.get(f"/api/v1/claims/{ride}").json["decisions"]] == [
        "more_wanted",
        "answered",
        "denied",
    ]
    assert denied.json["state"] == "denied"


def test_deposits_and_balances_are_each_payers_own(somebody_of: People) -> None:
    payer = somebody_of("payer")
    made = payer.send("/api/v1/deposits", {"amount_cents": 5_000_00, "method": "pm_usBankAccount"})
    assert (made.status_code, made.json["state"], made.json["amount_cents"]) == (201, "intended", 5_000_00)
    assert payer.get(f"/api/v1/deposits/{made.json['id']}").status_code == 200
    assert payer.get("/api/v1/balance").json == {"available_cents": 0, "owed_cents": 0}
    assert somebody_of("supplier").get(f"/api/v1/deposits/{made.json['id']}").status_code == 403
    refused = payer.send("/api/v1/deposits", {"amount_cents": 0})
    assert [error["field"] for error in refused.json["errors"]] == ["amount_cents"]


def test_a_vendor_opens_one_payout_account(somebody_of: People) -> None:
    vendor = somebody_of("supplier")
    assert vendor.get("/api/v1/payout-account").status_code == 404
    first = vendor.send("/api/v1/payout-account", {"email": "office@example.com"})
    second = vendor.send("/api/v1/payout-account", {})
    assert (first.status_code, first.json["state"]) == (201, "requested")
    assert second.json["id"] == first.json["id"]
