"""Short codes: one offer, one answer, five tries, and nobody's name on the page."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text

from marketplace.bookings.telling_models import Telling
from marketplace.foundation.access import NOBODY
from marketplace.foundation.errors import Conflict, InvalidInput, NotFound
from marketplace.foundation.work import unit_of_work
from marketplace.identity.mail import Mail, secret_of
from tests.support.vendor_stage import NOW, VendorStage
from vendors.network.models import VendorProfile
from vendors.offers.code_models import OfferCode
from vendors.offers.codes import Opened, accept_by_code, by_code, decline_by_code, open_door, read_out
from vendors.offers.deadlines import sweep
from vendors.offers.models import Award, Offer
from vendors.offers.service import propose, withdraw
from vendors.offers.words import DeclineReason, OfferState

SOON = NOW + timedelta(minutes=30)


def offered(stage: VendorStage) -> tuple[Offer, str]:
    """An offer to a vendor without software, and the code that its mail carries."""
    with stage.owner() as session:
        session.get_one(VendorProfile, stage.vendors[0]).answers_by_code = True
    with stage.as_planner() as session:
        (offer,) = propose(session, stage.ride(), stage.vendors[:1], SOON)
    with stage.as_vendor(stage.vendors[0]) as session:
        mail = session.scalars(select(Mail).order_by(Mail.id.desc()).limit(1)).one()
        assert mail.subject == f"New offer {offer.reference}"
        secret = secret_of(session, mail)
    code = secret.removeprefix("Code: ").replace(" ", "")
    assert re.fullmatch(r"\d{6}", code)
    assert code not in mail.text + mail.subject
    return offer, code


def knock(stage: VendorStage, reference: str, code: str, address: str = "198.51.100.7") -> Opened:
    with unit_of_work(stage.runtime, NOBODY) as session:
        return open_door(session, reference, code, address)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_the_mailed_code_accepts_its_offer_once_and_the_planner_is_told_to_call(stage: VendorStage) -> None:
    offer, code = offered(stage)
    opened = knock(stage, offer.reference.lower(), f"{code[:3]} {code[3:]}")
    assert opened.offer_id == offer.id
    with unit_of_work(stage.runtime, by_code(opened)) as session:
        accept_by_code(session, opened, code)
    with stage.owner() as session:
        assert session.scalars(select(Award.vendor_organization_id)).all() == [stage.vendors[0]]
        row = session.scalars(select(OfferCode)).one()
        assert (row.ended_because, row.used_at, row.tries) == ("used", NOW, 0)
        assert code.encode() not in bytes(row.digest)
        said = session.scalars(select(Telling.text)).all()
        assert said == ["Accepted by short code: the vendor has no name or address yet."]
        changed = text("SELECT actor_name FROM offer_changes WHERE to_state = 'accepted'")
        assert session.execute(changed).scalars().all() == [f"Short code of {offer.reference}"]
    assert knock(stage, offer.reference, code) == Opened()
    with pytest.raises(Conflict), unit_of_work(stage.runtime, by_code(opened)) as session:
        accept_by_code(session, opened, code)


def test_five_wrong_codes_kill_it_even_for_the_right_one(stage: VendorStage) -> None:
    offer, code = offered(stage)
    for _ in range(5):
        assert knock(stage, offer.reference, wrong(code)) == Opened()
    assert knock(stage, offer.reference, code) == Opened()
    with stage.owner() as session:
        row = session.scalars(select(OfferCode)).one()
        assert (row.tries, row.ended_because) == (5, "tries")


def test_four_wrong_codes_leave_the_right_one_good(stage: VendorStage) -> None:
    offer, code = offered(stage)
    for _ in range(4):
        knock(stage, offer.reference, wrong(code))
    assert knock(stage, offer.reference, code).offer_id == offer.id


def test_an_address_that_keeps_guessing_waits_whatever_it_guesses_at(stage: VendorStage) -> None:
    offer, code = offered(stage)
    for number in range(10):
        knock(stage, "F-111111", f"{number:06d}")
    assert knock(stage, offer.reference, code).wait_seconds > 0
    assert knock(stage, offer.reference, code, "203.0.113.9").offer_id == offer.id


def test_a_code_opens_no_other_offer(stage: VendorStage) -> None:
    _, code = offered(stage)
    other, _ = offered(stage)
    assert knock(stage, other.reference, wrong(code)).offer_id is None
    with unit_of_work(stage.runtime, NOBODY) as session:
        assert session.scalars(select(OfferCode)).all() == []


@pytest.mark.parametrize("ending", ["deadline", "withdrawn"])
def test_a_code_dies_with_its_offer(stage: VendorStage, ending: str) -> None:
    offer, code = offered(stage)
    opened = knock(stage, offer.reference, code)
    if ending == "withdrawn":
        with stage.as_planner() as session:
            withdraw(session, offer.id)
    else:
        stage.at(SOON)
        assert knock(stage, offer.reference, code) == Opened()
        with stage.owner() as session:
            sweep(session, {})
        stage.work_off()
    assert knock(stage, offer.reference, code) == Opened()
    with pytest.raises(Conflict), unit_of_work(stage.runtime, by_code(opened)) as session:
        accept_by_code(session, opened, code)
    with stage.owner() as session:
        assert session.scalars(select(OfferCode.ended_because)).all() == ["closed"]


def test_the_code_declines_too(stage: VendorStage) -> None:
    offer, code = offered(stage)
    opened = knock(stage, offer.reference, code)
    with unit_of_work(stage.runtime, by_code(opened)) as session:
        decline_by_code(session, opened, code, DeclineReason.NO_CAPACITY)
    with stage.owner() as session:
        assert session.get_one(Offer, offer.id).state is OfferState.DECLINED


def test_a_code_read_out_on_the_phone_replaces_the_mailed_one(stage: VendorStage) -> None:
    offer, mailed = offered(stage)
    with stage.as_planner() as session:
        spoken = read_out(session, offer.id)
    assert knock(stage, offer.reference, spoken).offer_id == offer.id
    assert spoken == mailed or knock(stage, offer.reference, mailed).offer_id is None
    for actor in (stage.as_vendor(stage.vendors[1], "planner"), stage.as_vendor(stage.vendors[0], "planner")):
        with pytest.raises(NotFound), actor as session:
            read_out(session, offer.id)
    with pytest.raises(NotFound), stage.as_planner() as session:
        read_out(session, UUID(int=1))


@pytest.mark.parametrize(
    ("reference", "code", "field"),
    [("R-7K3QF9", "123456", "reference"), ("nonsense", "123456", "reference"), ("F-111111", "12345", "code"),
     ("F-111111", "12345a", "code"), ("F-111111", "\u0661\u0662\u0663\u0664\u0665\u0666", "code")],
)  # fmt: skip
def test_what_is_no_reference_or_no_code_is_named(
    stage: VendorStage, reference: str, code: str, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        knock(stage, reference, code)
    assert [error.field for error in refused.value.errors] == [field]
