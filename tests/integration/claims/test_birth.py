"""A completed service becomes one claim, priced as agreed, with its evidence; nothing else does."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select, text, update

from billing.adjudication import service as adjudication
from billing.claims.floors_below import FloorsBelow
from billing.claims.reading import claim_view
from billing.claims.service import check_again, claim_service, evidence_added
from billing.claims.words import ClaimState, ServiceKind
from dispatch.field.rules import Signature
from marketplace.foundation.audit import AuditEvent
from marketplace.foundation.errors import Conflict, InvalidInput, NotFound, StaleRevision, TransitionRefused
from marketplace.foundation.work import Runtime, unit_of_work
from marketplace.identity.models import Organization, User
from tests.support.billing_stage import BillingStage
from tests.support.ground_stage import NOW, GroundStage
from vendors.credentials.models import Credential
from vendors.fleet.models import CrewMember


@pytest.fixture
def stage(runtime: Runtime) -> BillingStage:
    return BillingStage(GroundStage(runtime)).build()


def test_a_completed_ride_becomes_a_clean_claim_with_the_payer(stage: BillingStage) -> None:
    booking = stage.ride_done()
    stage.bill()
    (claim,) = stage.claims()
    assert claim.findings == []
    assert (claim.state, claim.kind, claim.payer_organization_id) == (
        ClaimState.SUBMITTED,
        ServiceKind.RIDE,
        stage.ground.payer,
    )
    assert [(line.hcpcs_code, line.units, line.charge_cents) for line in claim.lines] == [
        ("A0130", Decimal(1), 42_00),
        ("S0209", Decimal("3.5"), 9_98),
        ("A0422", Decimal(1), 10_00),
    ]
    assert claim.total_cents == 61_98
    assert [part.booking_id for part in claim.services] == [booking]
    assert [pointer.kind for pointer in claim.evidence] == ["trip_log"]
    assert stage.breaches() == []


def test_a_completed_delivery_becomes_a_claim_for_the_first_month(stage: BillingStage) -> None:
    stage.oxygen_done()
    stage.bill()
    (claim,) = stage.claims()
    assert claim.findings == []
    assert [
        (line.hcpcs_code, line.modifiers, line.charge_cents, line.rental_month) for line in claim.lines
    ] == [
        ("E1390", ["RR"], 142_00, 1),
        ("A9901", [], 25_00, None),
    ]
    assert (claim.state, claim.total_cents) == (ClaimState.SUBMITTED, 167_00)
    assert stage.breaches() == []


def test_the_same_news_twice_makes_one_claim(stage: BillingStage) -> None:
    booking = stage.ride_done()
    stage.bill()
    with unit_of_work(stage.runtime, stage.biller(stage.driver_vendor)) as session:
        again = claim_service(session, booking, FloorsBelow())
    assert [claim.id for claim in stage.claims()] == [again.id]


def test_a_service_under_way_cannot_be_claimed(stage: BillingStage) -> None:
    booking = stage.accepted(stage.ground.ride(), stage.driver_vendor)
    with (
        pytest.raises(Conflict, match="not completed"),
        unit_of_work(stage.runtime, stage.biller(stage.driver_vendor)) as session,
    ):
        claim_service(session, booking.id, FloorsBelow())
    assert stage.claims() == []


@pytest.mark.parametrize("who", ["rival", "payer", "other_hospital"])
def test_nobody_but_the_vendor_can_claim_a_service(stage: BillingStage, who: str) -> None:
    booking = stage.ride_done()
    organization = {
        "rival": stage.supplier,
        "payer": stage.ground.payer,
        "other_hospital": stage.ground.other_hospital,
    }[who]
    with (
        pytest.raises(NotFound),
        unit_of_work(stage.runtime, stage.ground.actor(organization, "biller")) as session,
    ):
        claim_service(session, booking, FloorsBelow())


def test_a_rider_who_could_not_sign_is_a_warning_and_no_hindrance(stage: BillingStage) -> None:
    stage.ride_done(signature=Signature())
    stage.bill()
    (claim,) = stage.claims()
    assert [finding["code"] for finding in claim.findings] == ["rider-did-not-sign"]
    assert claim.state is ClaimState.SUBMITTED


def test_miles_far_beyond_the_route_hold_the_claim_and_the_payer_does_not_see_it(stage: BillingStage) -> None:
    stage.ride_done(miles=41.7)
    stage.bill()
    (claim,) = stage.claims()
    assert [finding["code"] for finding in claim.findings] == ["miles-over-route"]
    assert claim.state is ClaimState.HELD
    with pytest.raises(NotFound), unit_of_work(stage.runtime, stage.reviewer()) as session:
        claim_view(session, claim.id)
    assert stage.breaches() == []


def test_new_evidence_makes_a_held_claim_look_again(stage: BillingStage) -> None:
    booking = stage.ride_done(miles=41.7)
    stage.bill()
    with unit_of_work(stage.runtime, stage.biller(stage.driver_vendor)) as session:
        looked = evidence_added(session, booking, FloorsBelow())
    assert looked is not None
    assert (looked.state, len(looked.lines)) == (ClaimState.HELD, 3)
    assert stage.breaches() == []


def test_a_credential_that_had_lapsed_at_the_service_holds_the_claim(stage: BillingStage) -> None:

    stage.ride_done()
    with stage.ground.owner() as session:
        lapsed = Credential.credential_type == "general_liability"
        session.execute(update(Credential).where(lapsed).values(expires_at=NOW))
    stage.bill()
    (claim,) = stage.claims()
    assert [finding["code"] for finding in claim.findings] == ["credential-lapsed"]
    assert claim.state is ClaimState.HELD


def test_the_claim_page_shows_member_and_evidence_and_is_audited(stage: BillingStage) -> None:

    stage.oxygen_done()
    stage.bill()
    (claim,) = stage.claims()
    with unit_of_work(stage.runtime, stage.reviewer()) as session:
        view = claim_view(session, claim.id)
        assert (view.member.name, view.member.date_of_birth, view.member.member_id) == (
            "Rosa Alvarez",
            "1948-05-17",
            "EV-88310442",
        )
        (paper,) = view.shown[0].papers
        assert (paper.receiver_name, paper.relationship, paper.unchanged) == (
            "Elena Alvarez",
            "son or daughter",
            True,
        )
        assert view.shown[0].package.chain_is_whole is True
    with stage.ground.owner() as session:
        looks = select(AuditEvent).where(AuditEvent.action == "claims:read", AuditEvent.object_id == claim.id)
        assert [look.patient_id for look in session.scalars(looks)] == [stage.ground.patient]


def test_an_approval_moves_the_claim_and_a_second_decision_is_refused(stage: BillingStage) -> None:
    stage.ride_done()
    stage.bill()
    (claim,) = stage.claims()
    with unit_of_work(stage.runtime, stage.reviewer()) as session:
        approved = adjudication.approve(session, claim.id, revision=claim.revision)
        assert (approved.state, approved.approved_cents) == (ClaimState.APPROVED, 61_98)
    with pytest.raises(TransitionRefused), unit_of_work(stage.runtime, stage.reviewer()) as session:
        adjudication.deny(session, claim.id, reason="duplicate")
    assert stage.claims()[0].state is ClaimState.APPROVED


def test_a_decision_on_an_outdated_page_is_refused_and_changes_nothing(stage: BillingStage) -> None:
    stage.ride_done()
    stage.bill()
    (claim,) = stage.claims()
    with pytest.raises(StaleRevision), unit_of_work(stage.runtime, stage.reviewer()) as session:
        adjudication.approve(session, claim.id, revision=claim.revision - 1)
    assert stage.claims()[0].state is ClaimState.SUBMITTED


@pytest.mark.parametrize("cents", [0, 61_99, -1])
def test_only_an_amount_within_the_total_can_be_approved(stage: BillingStage, cents: int) -> None:
    stage.ride_done()
    stage.bill()
    (claim,) = stage.claims()
    with (
        pytest.raises(InvalidInput, match="approved_cents"),
        unit_of_work(stage.runtime, stage.reviewer()) as session,
    ):
        adjudication.approve(session, claim.id, approved_cents=cents, note="because of this")


def test_a_question_goes_to_the_vendor_and_its_answer_back_to_the_payer(stage: BillingStage) -> None:
    stage.ride_done()
    stage.bill()
    (claim,) = stage.claims()
    with unit_of_work(stage.runtime, stage.reviewer()) as session:
        adjudication.ask_for_more(session, claim.id, note="Please explain the extra stop.")
    with unit_of_work(stage.runtime, stage.biller(stage.driver_vendor)) as session:
        adjudication.answer(session, claim.id, note="The patient fetched her keys.")
    with unit_of_work(stage.runtime, stage.reviewer()) as session:
        denied = adjudication.deny(session, claim.id, reason="miles_excessive", note="Not covered.")
        view = claim_view(session, claim.id)
        assert denied.state is ClaimState.DENIED
        assert [(one.decision, one.carc, one.rarc, one.group_code) for one in view.decisions] == [
            ("more_wanted", "", "", ""),
            ("answered", "", "", ""),
            ("denied", "150", "M22", "CO"),
        ]


def test_each_invariant_names_the_breach_that_is_planted(stage: BillingStage) -> None:

    stage.ride_done()
    stage.bill()
    breaches = {
        "claim-lines-sum": "UPDATE claims SET total_cents = total_cents + 1",
        "claim-from-completed-service": "DELETE FROM claim_services",
    }
    for name, sql in breaches.items():
        with stage.ground.owner() as session:
            session.execute(text("SET LOCAL session_replication_role = replica"))
            session.execute(text(sql))
        assert any(found.startswith(f"{name}:") for found in stage.breaches()), name


def test_a_mended_claim_goes_to_its_payer_when_it_is_checked_again(stage: BillingStage) -> None:
    vendor = stage.driver_vendor
    with stage.ground.owner() as session:
        session.execute(update(Organization).where(Organization.id == vendor).values(npi=None))
    stage.ride_done()
    stage.bill()
    (claim,) = stage.claims()
    assert [finding["code"] for finding in claim.findings] == ["npi-missing"]
    with stage.ground.owner() as session:
        session.execute(update(Organization).where(Organization.id == vendor).values(npi="1234567893"))
    with unit_of_work(stage.runtime, stage.biller(vendor)) as session:
        assert check_again(session, claim.id, FloorsBelow()).state is ClaimState.SUBMITTED
    with (
        pytest.raises(Conflict, match="has been sent"),
        unit_of_work(stage.runtime, stage.biller(vendor)) as session,
    ):
        check_again(session, claim.id, FloorsBelow())
    assert stage.breaches() == []


def test_a_denied_claim_can_be_appealed_and_then_approved(stage: BillingStage) -> None:
    stage.ride_done()
    stage.bill()
    (claim,) = stage.claims()
    with unit_of_work(stage.runtime, stage.reviewer()) as session:
        adjudication.deny(session, claim.id, reason="not_documented")
    with unit_of_work(stage.runtime, stage.biller(stage.driver_vendor)) as session:
        adjudication.appeal(session, claim.id, note="The trip log is attached and signed.")
    with unit_of_work(stage.runtime, stage.reviewer()) as session:
        approved = adjudication.approve(session, claim.id, approved_cents=50_00, note="Base and miles only.")
        assert (approved.state, approved.approved_cents) == (ClaimState.APPROVED, 50_00)
    stage.bill()
    assert stage.breaches() == []


def test_a_ride_reported_by_the_office_still_names_its_driver(stage: BillingStage) -> None:
    booking = stage.ride_done()
    with stage.ground.owner() as session:
        session.execute(update(CrewMember).values(user_id=None))
    stage.bill()
    (claim,) = stage.claims()
    assert claim.findings == []
    with unit_of_work(stage.runtime, stage.biller(stage.driver_vendor)) as session:
        log = FloorsBelow().service(session, booking).trip_log
        assert log is not None
        assert log.driver_name == session.get_one(User, stage.ground.people[stage.driver_vendor]).name
