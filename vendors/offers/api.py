"""JSON routes of offers, awards, amendments and candidates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from marketplace.bookings.service import rider as rider_of
from marketplace.web import current
from marketplace.web.api import Api
from vendors.offers.amendments import accept_amendment, refuse_amendment
from vendors.offers.locking import own_award, own_offer
from vendors.offers.matching import candidates
from vendors.offers.models import Award, AwardAmendment, Offer
from vendors.offers.reading import questions, schedule_of
from vendors.offers.rules import Candidate
from vendors.offers.schemas import (
    AmendmentView,
    AwardRiderView,
    AwardView,
    CandidateFilter,
    CandidateView,
    DayFilter,
    DeclineBody,
    OfferFilter,
    OfferView,
    ProposalBody,
    RefusalBody,
    TurnBackBody,
)
from vendors.offers.service import OFFICE, accept, decline, propose, turn_back, withdraw

api = Api("offers", __name__)
_OFFICE = set(OFFICE)


@api.get("/offers", summary="Offers to us", roles=_OFFICE, query=OfferFilter, response=OfferView, many=True)
def offers(query: dict[str, Any]) -> Sequence[Offer]:
    """The acting vendor's offers in one state, the first to answer on top."""
    session = current.session()
    return session.scalars(
        select(Offer)
        .where(Offer.vendor_organization_id == session.actor.organization(), Offer.state == query["state"])
        .order_by(Offer.respond_by, Offer.id)
        .limit(query["limit"])
    ).all()


@api.get("/offers/<uuid:offer_id>", summary="One offer", roles=_OFFICE, response=OfferView)
def one_offer(offer_id: UUID) -> Offer:
    """One offer to the acting vendor."""
    return own_offer(current.session(), offer_id)


@api.post(
    "/offers/<uuid:offer_id>/accept", summary="Accept an offer", roles=_OFFICE, response=AwardView, status=201
)
def accept_offer(offer_id: UUID) -> Award:
    """Promise the work; 409 with the reason when somebody was first or it is too late."""
    return accept(current.session(), offer_id)


@api.post(
    "/offers/<uuid:offer_id>/decline",
    summary="Decline an offer",
    roles=_OFFICE,
    body=DeclineBody,
    response=OfferView,
    status=200,
)
def decline_offer(offer_id: UUID, body: dict[str, Any]) -> Offer:
    """Decline the work with a coded reason."""
    return decline(current.session(), offer_id, body["reason_code"], body.get("note"))


@api.post(
    "/offers/<uuid:offer_id>/withdraw",
    summary="Take an open offer back",
    roles={"planner"},
    response=OfferView,
    status=200,
)
def withdraw_offer(offer_id: UUID) -> Offer:
    """The planner takes an open offer back."""
    return withdraw(current.session(), offer_id)


@api.post(
    "/bookings/<uuid:booking_id>/offers",
    summary="Offer a booking to vendors",
    roles={"planner"},
    body=ProposalBody,
    response=OfferView,
    many=True,
)
def propose_offers(booking_id: UUID, body: dict[str, Any]) -> list[Offer]:
    """Offer a booking to one or several vendors until a deadline."""
    return propose(current.session(), booking_id, body["vendor_ids"], body["respond_by"])


@api.get(
    "/vendors/candidates",
    summary="Vendors for a booking, with quotes, and why not the others",
    roles={"planner"},
    query=CandidateFilter,
    response=CandidateView,
    many=True,
)
def vendor_candidates(query: dict[str, Any]) -> list[Candidate]:
    """Every vendor of the service line, judged for the booking."""
    return candidates(current.session(), query["booking"])


@api.get(
    "/awards", summary="Accepted work of a day", roles=_OFFICE, query=DayFilter, response=AwardView, many=True
)
def awards(query: dict[str, Any]) -> list[Award]:
    """The acting vendor's accepted work of one local day."""
    day = query.get("day") or current.now().astimezone(current.zone()).date()
    return [row.award for row in schedule_of(current.session(), day, current.zone())]


@api.get("/awards/<uuid:award_id>", summary="One award", roles=_OFFICE, response=AwardView)
def one_award(award_id: UUID) -> Award:
    """One award of the acting vendor."""
    return own_award(current.session(), award_id)


@api.get(
    "/awards/<uuid:award_id>/rider", summary="Who rides or receives", roles=_OFFICE, response=AwardRiderView
)
def award_rider(award_id: UUID) -> object:
    """Name, phone and addresses for accepted work; the look is audited."""
    session = current.session()
    return rider_of(session, own_award(session, award_id).booking_id)


@api.post(
    "/awards/<uuid:award_id>/turn-back",
    summary="Return accepted work",
    roles=_OFFICE,
    body=TurnBackBody,
    response=AwardView,
    status=200,
)
def turn_back_award(award_id: UUID, body: dict[str, Any]) -> Award:
    """Return accepted work with a coded reason, unless the vehicle has left."""
    return turn_back(current.session(), award_id, body["reason_code"], body.get("note"))


@api.get("/amendments", summary="Changed times to answer", roles=_OFFICE, response=AmendmentView, many=True)
def amendments() -> list[AwardAmendment]:
    """Questions about promised windows that wait for the acting vendor."""
    return [question.amendment for question in questions(current.session())]


@api.post(
    "/amendments/<uuid:amendment_id>/accept",
    summary="Agree to a changed time",
    roles=_OFFICE,
    response=AwardView,
    status=200,
)
def accept_change(amendment_id: UUID) -> Award:
    """The promised window becomes the proposed one."""
    return accept_amendment(current.session(), amendment_id)


@api.post(
    "/amendments/<uuid:amendment_id>/refuse",
    summary="Refuse a changed time",
    roles=_OFFICE,
    body=RefusalBody,
    response=AwardView,
    status=200,
)
def refuse_change(amendment_id: UUID, body: dict[str, Any]) -> Award:
    """The award is released and the work offered to others."""
    return refuse_amendment(current.session(), amendment_id, body.get("note"))
