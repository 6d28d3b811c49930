"""Who sees which row of the second floor, asked of the database itself."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import ProgrammingError

from marketplace.foundation.access import NOBODY, Actor, ActorKind
from marketplace.foundation.db.base import Base
from marketplace.foundation.work import unit_of_work
from tests.support.vendor_stage import NOW, PICKUP, VendorStage
from vendors.credentials.models import Credential
from vendors.credentials.words import SubjectKind
from vendors.fleet.models import CrewMember, Depot, Shift, StockItem, Vehicle
from vendors.fleet.service import add_shift
from vendors.network.models import RateCard, RateLine
from vendors.offers.models import Award, Offer, OfferChange
from vendors.offers.service import accept, propose

BOTH: tuple[type[Base], ...] = (Offer, OfferChange)
SECRET: tuple[type[Base], ...] = (Vehicle, CrewMember, Depot, Shift)


@pytest.fixture
def busy(stage: VendorStage) -> VendorStage:
    """Both vendors were asked, the first has accepted; it has a fleet."""
    booking_id = stage.ride()
    vehicle, (driver,) = stage.fleet(stage.vendors[0])
    with stage.as_planner() as session:
        offers = propose(session, booking_id, stage.vendors, NOW + timedelta(minutes=30))
    with stage.as_vendor(stage.vendors[0]) as session:
        accept(session, offers[0].id)
        add_shift(session, vehicle.id, [driver.id], PICKUP - timedelta(hours=4), PICKUP)
    return stage


def count(stage: VendorStage, actor: Actor, model: type[Base]) -> int:
    with unit_of_work(stage.runtime, actor) as session:
        return len(session.scalars(select(model)).all())


def test_a_vendor_sees_its_own_offers_and_a_rival_sees_only_its_own(busy: VendorStage) -> None:
    for vendor_id in busy.vendors:
        with busy.as_vendor(vendor_id) as session:
            assert set(session.scalars(select(Offer.vendor_organization_id))) == {vendor_id}
    with busy.as_planner() as session:
        assert set(session.scalars(select(Offer.vendor_organization_id))) == set(busy.vendors)


def test_the_loser_does_not_learn_who_won(busy: VendorStage) -> None:
    loser = busy.office(busy.vendors[1])
    assert count(busy, loser, Award) == 0
    with unit_of_work(busy.runtime, loser) as session:
        names = set(session.scalars(select(OfferChange.actor_name)))
        people = set(session.scalars(select(OfferChange.actor_user_id)))
    assert names == {"Dana", "Homeward"}
    assert people == {busy.planner_id, None}


@pytest.mark.parametrize("model", SECRET)
def test_a_fleet_is_seen_by_nobody_but_its_vendor(busy: VendorStage, model: type[Base]) -> None:
    assert count(busy, busy.office(busy.vendors[0]), model) >= 1
    with busy.as_vendor(busy.vendors[1]) as session:
        owners = {row.vendor_organization_id for row in session.scalars(select(model))}
    assert owners <= {busy.vendors[1]}
    assert count(busy, busy.planner, model) == 0


def test_prices_are_hidden_from_rivals_and_shown_to_hospitals(busy: VendorStage) -> None:
    for model in (RateCard, RateLine):
        with busy.as_vendor(busy.vendors[1]) as session:
            owners = {row.vendor_organization_id for row in session.scalars(select(model))}
        assert owners == {busy.vendors[1]}
    assert count(busy, busy.planner, RateCard) == 3


def test_hospitals_see_a_vendors_papers_and_not_those_of_its_people(busy: VendorStage) -> None:
    with busy.as_planner() as session:
        assert set(session.scalars(select(Credential.subject_kind))) == {SubjectKind.VENDOR}
    with busy.as_vendor(busy.vendors[1]) as session:
        assert set(session.scalars(select(Credential.vendor_organization_id))) == {busy.vendors[1]}


def test_nobody_and_strangers_see_nothing(busy: VendorStage) -> None:
    stranger = Actor(ActorKind.USER, None, UUID(int=7), "vendor", frozenset({"vendor_admin"}))
    for model in (*BOTH, *SECRET, Award, RateCard, Credential, StockItem):
        assert count(busy, NOBODY, model) == 0
        assert count(busy, stranger, model) == 0


def test_a_vendor_cannot_change_a_rivals_offer_or_price(busy: VendorStage) -> None:
    with busy.as_vendor(busy.vendors[1]) as session:
        theirs = Offer.vendor_organization_id == busy.vendors[0]
        session.execute(update(Offer).where(theirs).values(quote_cents=1))
        with pytest.raises(ProgrammingError), session.begin_nested():
            session.execute(text("UPDATE rate_lines SET cents = 1"))
    with busy.owner() as session:
        assert 1 not in set(session.scalars(select(Offer.quote_cents)))


def test_a_vendor_cannot_write_a_row_in_a_rivals_name(busy: VendorStage) -> None:
    with busy.owner() as session:
        depot = session.scalars(select(Depot).where(Depot.vendor_organization_id == busy.vendors[0])).one()
    with busy.as_vendor(busy.vendors[1]) as session:
        session.add(
            StockItem(
                vendor_organization_id=busy.vendors[0],
                depot_id=depot.id,
                hcpcs_code="E1390",
                description="x",
                quantity=1,
            )
        )
        with pytest.raises(ProgrammingError, match="row-level security"):
            session.flush()
        session.rollback()
