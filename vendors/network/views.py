"""The vendor's prices: cards in force and to come, and a new version that takes over on its first day."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from marshmallow import Schema, fields, validate
from sqlalchemy import select

from marketplace.foundation.errors import NotFound
from marketplace.identity.models import Organization
from marketplace.identity.words import OrganizationKind
from marketplace.web import current
from marketplace.web.fields import Cents, Day
from marketplace.web.forms import form_for
from marketplace.web.pages import go, render
from vendors.network.models import RateCard
from vendors.network.rates import rate_cards, replace_rate_card
from vendors.network.service import values_of
from vendors.network.words import RateLineValue

views = Blueprint("rates", __name__, url_prefix="/portal/rates", template_folder="../templates")


class RateCardForm(Schema):
    """A new version of a card: the day it begins, and one price per line of the old one."""

    effective_from = Day(required=True)
    cents = fields.List(Cents(), required=True, validate=validate.Length(1, 200))


@views.get("/")
def overview() -> Response:
    """The vendor's cards, in force, to come and past, by payer."""
    session = current.session()
    cards = rate_cards(session)
    payers = dict(
        session.execute(
            select(Organization.id, Organization.name).where(Organization.kind == OrganizationKind.PAYER)
        ).all()
    )
    today = current.now().astimezone(current.zone()).date()
    return render(
        "vendors/network/rates.html",
        cards=cards,
        payers=payers,
        today=today,
        state=_state,
        may_change=current.actor().has("vendor_admin"),
    )


@views.route("/<uuid:card_id>/new-version", methods=["GET", "POST"])
def new_version(card_id: UUID) -> Response:
    """The same lines with new prices, from a day on."""
    current.actor().require("vendor_admin")
    card = _card(card_id)
    lines = values_of(card)
    form = form_for(RateCardForm, initial=_initial(lines))
    if form.ok and len(form.data["cents"]) != len(lines):
        form.refuse("cents", "write a price on every line")
    if form.ok:
        with form.refusals():
            _replace(card, lines, form.data)
        if form.ok:
            return go(url_for("rates.overview"), f"The new prices begin on {form.data['effective_from']}.")
    given = request.form.getlist("cents") or [f"{line.cents / 100:.2f}" for line in lines]
    return render("vendors/network/new_version.html", form=form, card=card, lines=lines, given=given)


def _replace(card: RateCard, lines: list[RateLineValue], data: dict[str, Any]) -> None:
    priced = [_with_price(line, cents) for line, cents in zip(lines, data["cents"], strict=True)]
    replace_rate_card(
        current.session(), card.payer_organization_id, data["effective_from"], priced, card.mile_rounding
    )


def _with_price(line: RateLineValue, cents: int) -> RateLineValue:
    return RateLineValue(
        line.code,
        line.description,
        line.unit,
        cents,
        line.modifier,
        line.level_of_service,
        line.mile_rounding,
    )


def _initial(lines: list[RateLineValue]) -> dict[str, Any]:
    return {"effective_from": current.now().astimezone(current.zone()).date()}


def _card(card_id: UUID) -> RateCard:
    session = current.session()
    card = session.get(RateCard, card_id)
    if card is None or card.vendor_organization_id != session.actor.organization():
        raise NotFound
    return card


def _state(card: RateCard, today: date) -> tuple[str, str]:
    """A card's place in time, as (words, tone)."""
    if card.effective_from > today:
        return "To come", "info"
    if card.effective_to is not None and card.effective_to <= today:
        return "Past", "calm"
    return "In force", "good"
