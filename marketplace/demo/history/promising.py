"""Who was asked for past work and who promised it: offers, the award, and what a turn-back leaves behind."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from marketplace.bookings.words import PartyRole, PartyStatus
from marketplace.demo.history.asking import Errand, party
from marketplace.demo.history.past import Move, Past, Somebody
from marketplace.demo.history.stage import SLOW_TO_ANSWER, PastVendor
from marketplace.foundation.geography import Position
from vendors.network.rules import Price, price
from vendors.network.service import work_of
from vendors.network.words import RateLineValue
from vendors.offers.models import Award, Offer
from vendors.offers.preview import preview_of
from vendors.offers.words import AwardState, OfferState

_RESPONSE = timedelta(minutes=35)


@dataclass
class Promise:
    """A vendor's promise and what it was made from."""

    vendor: PastVendor
    by: Somebody
    offer: Offer
    award: Award
    rates: list[RateLineValue]
    accepted_at: datetime


def able_vendors(past: Past, errand: Errand) -> list[PastVendor]:
    """The vendors that could have done this work, nearest first as a planner would ask them."""
    booking = errand.booking
    if booking.level_of_service is not None:
        level = str(booking.level_of_service)
        fitting = [one for one in past.stage.rides if level in one.cast.levels]
        reach = [one for one in fitting if _within(one, errand.origin) and _within(one, errand.home)]
    else:
        code = errand.items[0].hcpcs_code
        fitting = [one for one in past.stage.supplies if code in one.cast.equipment]
        reach = [one for one in fitting if _within(one, errand.home)]
    return reach or fitting


def promise(past: Past, errand: Errand) -> Promise | None:
    """The work is offered to one or two vendors and one of them takes it; None when nobody could have."""
    able = able_vendors(past, errand)
    if not able:
        return None
    weights = [len(one.vehicles) for one in able]
    winner = past.dice.choices(able, weights=weights)[0]
    others = [one for one in able if one is not winner]
    beside = past.dice.choice(others) if others and past.dice.random() < 0.5 else None
    offered_at = errand.asked_at + timedelta(minutes=past.dice.randrange(2, 11))
    errand.became(Move("offered", offered_at, errand.patient.planner))
    slow = winner.cast.slug == SLOW_TO_ANSWER
    accepted_at = offered_at + timedelta(
        minutes=past.dice.randrange(14, 30) if slow else past.dice.randrange(2, 14)
    )
    if beside is not None:
        _other_answer(past, errand, beside, offered_at, accepted_at)
    return take(past, errand, winner, offered_at, accepted_at)


def take(
    past: Past, errand: Errand, vendor: PastVendor, offered_at: datetime, accepted_at: datetime
) -> Promise:
    """This vendor accepts: its offer and the award with the rates of the day."""
    by, booking = Somebody(vendor.organization_id, *vendor.office), errand.booking
    rates = past.stage.prices(
        past.session, past.world, vendor, booking.payer_organization_id, booking.requested_start
    )
    quoted = price(work_of(booking, errand.items), rates)
    offer = _offer(past, errand, vendor, offered_at, OfferState.ACCEPTED, quoted)
    award = Award(
        id=past.rows.id(accepted_at),
        booking_id=booking.id,
        organization_id=booking.organization_id,
        vendor_organization_id=vendor.organization_id,
        payer_organization_id=booking.payer_organization_id,
        offer_id=offer.id,
        state=AwardState.HELD,
        accepted_at=accepted_at,
        kind=offer.kind,
        level_of_service=offer.level_of_service,
        promised_start=booking.requested_start,
        promised_end=booking.requested_end,
        agreed_start=booking.requested_start,
        agreed_end=booking.requested_end,
        preview=offer.preview,
        rates=[line.to_json() for line in rates],
        quote_lines=offer.quote_lines,
        total_cents=offer.quote_cents,
    )
    errand.parties.append(party(booking, vendor.organization_id, PartyRole.VENDOR, PartyStatus.ACTIVE))
    booking.vendor_organization_id, booking.award_id = vendor.organization_id, award.id
    booking.promised_start, booking.promised_end = award.promised_start, award.promised_end
    planner = errand.patient.planner
    past.trail(offer, [Move("open", offered_at, planner), Move("accepted", accepted_at, by)])
    errand.became(Move("accepted", accepted_at, by))
    return Promise(vendor, by, offer, award, rates, accepted_at)


def write_award(past: Past, made: Promise, moves: list[Move]) -> None:
    """The award in its last state, with its own history behind it."""
    made.award.state = AwardState(moves[-1].state) if moves else AwardState.HELD
    made.award.revision = 1 + len(moves)
    past.rows.keep(made.award, made.accepted_at)
    past.trail(made.award, [Move("held", made.accepted_at, made.by), *moves])


def turned_back(past: Past, errand: Errand, made: Promise, at: datetime) -> None:
    """The vendor gives the work back; the booking waits for somebody else again."""
    write_award(past, made, [Move("released", at, made.by, reason="vehicle_breakdown")])
    errand.parties[-1].status = PartyStatus.RELEASED
    booking = errand.booking
    booking.vendor_organization_id = booking.award_id = None
    booking.promised_start = booking.promised_end = None
    errand.became(Move("requested", at, made.by, reason="vehicle_breakdown"))


def _other_answer(
    past: Past, errand: Errand, vendor: PastVendor, offered_at: datetime, accepted_at: datetime
) -> None:
    """What the vendor said that did not get the work: it was slower, or did not want it."""
    booking = errand.booking
    rates = past.stage.prices(
        past.session, past.world, vendor, booking.payer_organization_id, booking.requested_start
    )
    declined = past.dice.random() < 0.4
    state = OfferState.DECLINED if declined else OfferState.LOST
    offer = _offer(past, errand, vendor, offered_at, state, price(work_of(booking, errand.items), rates))
    by = Somebody(vendor.organization_id, *vendor.office)
    answered = accepted_at - timedelta(seconds=30) if declined else accepted_at
    reason = past.dice.choice(("no_capacity", "too_far", "too_short_notice")) if declined else None
    planner = errand.patient.planner
    past.trail(offer, [Move("open", offered_at, planner), Move(state, answered, by, reason=reason)])
    status = PartyStatus.DECLINED if declined else PartyStatus.LOST
    errand.parties.append(party(booking, vendor.organization_id, PartyRole.CANDIDATE, status))


def _offer(
    past: Past, errand: Errand, vendor: PastVendor, at: datetime, state: OfferState, quoted: Price
) -> Offer:
    booking = errand.booking
    return past.rows.keep(
        Offer(
            booking_id=booking.id,
            organization_id=booking.organization_id,
            vendor_organization_id=vendor.organization_id,
            state=state,
            offered_at=at,
            respond_by=at + _RESPONSE,
            kind=str(booking.kind),
            level_of_service=str(booking.level_of_service) if booking.level_of_service else None,
            window_start=booking.requested_start,
            window_end=booking.requested_end,
            preview=preview_of(booking, errand.items),
            quote_cents=quoted.total.cents,
            quote_lines=[
                asdict(line) | {"quantity": str(line.quantity), "unit": str(line.unit)}
                for line in quoted.lines
            ],
            revision=2,
        ),
        at,
    )


def _within(vendor: PastVendor, place: Position) -> bool:
    return vendor.base.meters_to(place) <= vendor.cast.radius_km * 1000
