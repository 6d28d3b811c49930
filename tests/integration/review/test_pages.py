"""Billing's pages: the queue, the claim, the decision, the money, in few queries."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import event

from billing.claims.words import ClaimState
from marketplace.foundation.ids import new_id
from tests.integration.review.conftest import Person
from tests.support.billing_stage import BillingStage

People = Callable[[str], Person]


@pytest.fixture
def claimed(stage: BillingStage) -> BillingStage:
    """Ride and oxygen, both with the payer."""
    stage.oxygen_done()
    stage.ride_done()
    stage.bill()
    return stage


def test_the_queue_lists_what_is_to_be_decided_without_a_patients_name(
    claimed: BillingStage, somebody_of: People
) -> None:
    page = somebody_of("payer").get("/review/")
    assert page.status_code == 200
    for claim in claimed.claims():
        assert claim.reference in page.text
    assert "$167.00" in page.text
    assert "Alvarez" not in page.text


def test_a_claim_page_shows_member_lines_evidence_and_the_decision(
    claimed: BillingStage, somebody_of: People
) -> None:
    oxygen = claimed.claims()[0]
    page = somebody_of("payer").get(f"/review/claims/{oxygen.id}")
    assert page.status_code == 200
    for words in (
        "Rosa Alvarez",
        "EV-88310442",
        "E1390",
        "Elena Alvarez",
        "son or daughter",
        "Approve",
        "Unchanged",
    ):
        assert words in page.text, words


def test_approving_on_the_page_leads_back_to_the_queue(claimed: BillingStage, somebody_of: People) -> None:
    payer, ride = somebody_of("payer"), claimed.claims()[1]
    answer = payer.post(f"/review/claims/{ride.id}/approval", {"revision": ride.revision})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/review/")
    assert claimed.claims()[1].state is ClaimState.APPROVED
    assert "Approved $61.98" in payer.get(f"/review/claims/{ride.id}").text


def test_a_denial_without_a_reason_comes_back_with_an_error_summary(
    claimed: BillingStage, somebody_of: People
) -> None:
    payer, ride = somebody_of("payer"), claimed.claims()[1]
    answer = payer.post(f"/review/claims/{ride.id}/denial", {"revision": ride.revision})
    assert answer.status_code == 422
    assert 'id="error-summary"' in answer.text
    assert claimed.claims()[1].state is ClaimState.SUBMITTED
    done = payer.post(f"/review/claims/{ride.id}/denial", {"revision": ride.revision, "reason": "duplicate"})
    assert done.status_code == 303
    assert claimed.claims()[1].state is ClaimState.DENIED


def test_the_vendor_sees_its_claims_and_answers_a_question(
    claimed: BillingStage, somebody_of: People
) -> None:
    payer, vendor, ride = somebody_of("payer"), somebody_of("driver_vendor"), claimed.claims()[1]
    assert ride.reference in vendor.get("/billing/?tab=sent").text
    payer.post(f"/review/claims/{ride.id}/question", {"note": "Which entrance was it?"})
    page = vendor.get(f"/billing/claims/{ride.id}")
    assert "Which entrance was it?" in page.text
    assert vendor.post(f"/billing/claims/{ride.id}/answer", {"note": "The north one."}).status_code == 303
    assert claimed.claims()[1].state is ClaimState.ACCEPTED
    assert somebody_of("supplier").get(f"/billing/claims/{ride.id}").status_code == 404


def test_the_money_pages_take_a_deposit_and_open_an_account(
    claimed: BillingStage, somebody_of: People
) -> None:
    payer, vendor = somebody_of("payer"), somebody_of("supplier")
    bad = payer.post("/money/", {"amount_cents": "lots"})
    assert (bad.status_code, "Write an amount like 1234.50." in bad.text) == (422, True)
    assert (
        payer.post("/money/", {"amount_cents": "5,000.00", "method": "pm_usBankAccount"}).status_code == 303
    )
    assert "$5,000.00" in payer.get("/money/").text
    assert vendor.post("/billing/payouts", {}).status_code == 303
    assert "Being opened" in vendor.get("/billing/payouts").text


def test_each_list_comes_as_csv(claimed: BillingStage, somebody_of: People) -> None:
    got = somebody_of("payer").get("/review/?csv=1")
    rows = got.text.lstrip("\ufeff").splitlines()
    assert rows[0] == "Claim,Service date,Kind,State,Total,Approved,Currency"
    assert len(rows) == 3


def test_a_live_row_comes_alone(claimed: BillingStage, somebody_of: People) -> None:
    claim = claimed.claims()[0]
    row = somebody_of("payer").get(f"/review/claims/{claim.id}/row")
    assert re.match(rf'<tr data-row id="claim-{claim.id}"', row.text.strip())


@pytest.mark.parametrize("page", ["/review/", "/money/", "/review/claims/{id}"])
def test_somebody_without_the_role_is_refused(claimed: BillingStage, somebody_of: People, page: str) -> None:
    url = page.format(id=claimed.claims()[0].id)
    assert somebody_of("hospital").get(url).status_code == 403
    assert somebody_of("payer").get(f"/review/claims/{new_id()}").status_code == 404


@pytest.mark.parametrize("page", ["/review/", "/review/claims/{id}", "/money/"])
def test_a_page_takes_at_most_twelve_queries_of_its_own(
    claimed: BillingStage, somebody_of: People, page: str
) -> None:
    url = page.format(id=claimed.claims()[0].id)
    payer = somebody_of("payer")
    payer.get(url)
    statements: list[str] = []
    engine = claimed.runtime.databases.engine("web")

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    payer.get(url)
    event.remove(engine, "before_cursor_execute", note)
    own = [
        one
        for one in statements
        if not re.search(r"set_config|api_tokens|audit_events|business_clock|users", one)
    ]
    assert len(own) <= 12, "\n".join(own)
