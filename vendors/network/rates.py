"""Writing prices: a new card takes over on its first day, the old one stays for the work of its time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select

from marketplace.foundation import audit
from marketplace.foundation.errors import FieldError, InvalidInput
from marketplace.foundation.work import WorkSession
from vendors.network.models import RateCard, RateLine
from vendors.network.service import local_day, profile
from vendors.network.words import MileRounding, RateLineValue, RateUnit

_TOP_CENTS = 100_000_00


def replace_rate_card(
    session: WorkSession,
    payer_id: UUID | None,
    effective_from: date,
    lines: Sequence[RateLineValue],
    mile_rounding: MileRounding = MileRounding.TENTH_UP,
) -> RateCard:
    """The acting vendor's new prices for one payer (None: everybody else) from today or a later day on.

    The card in force ends where this one begins; one that was to begin that day or later is refused, so that
    nothing agreed is overwritten. Raises InvalidInput naming the field.
    """
    session.actor.require("vendor_admin")
    vendor_id = session.actor.organization()
    today = local_day(profile(session, vendor_id).time_zone, session.now())
    _check(lines, effective_from, today)
    _end_former(session, vendor_id, payer_id, effective_from)
    card = RateCard(
        vendor_organization_id=vendor_id,
        payer_organization_id=payer_id,
        effective_from=effective_from,
        effective_to=None,
        mile_rounding=mile_rounding,
        lines=[_line(vendor_id, payer_id, line) for line in lines],
    )
    session.add(card)
    session.flush()
    audit.record(session, "rate_cards:create", "rate_cards", card.id, {"lines": len(lines)})
    return card


def rate_cards(session: WorkSession) -> list[RateCard]:
    """All cards of the acting vendor, newest first, with their lines."""
    session.actor.require("vendor_admin", "biller", "dispatcher")
    return list(
        session.scalars(
            select(RateCard)
            .where(RateCard.vendor_organization_id == session.actor.organization())
            .order_by(RateCard.effective_from.desc(), RateCard.id.desc())
        )
    )


def _check(lines: Sequence[RateLineValue], effective_from: date, today: date) -> None:
    errors = []
    if effective_from < today:
        errors.append(FieldError("effective_from", f"prices cannot change in the past; from {today} on"))
    if not lines:
        errors.append(FieldError("lines", "write at least one price"))
    seen = set()
    for number, line in enumerate(lines, start=1):
        key = (line.code, line.unit, line.modifier, line.level_of_service)
        if key in seen:
            errors.append(FieldError("lines", f"line {number}: {line.code} stands there twice"))
        seen.add(key)
        if not 0 <= line.cents <= _TOP_CENTS:
            errors.append(FieldError("lines", f"line {number}: write an amount from 0 to 100,000.00"))
        if (line.modifier == "RR") != (line.unit is RateUnit.MONTH):
            errors.append(FieldError("lines", f"line {number}: RR is priced per month, nothing else is"))
    if errors:
        raise InvalidInput(errors)


def _end_former(session: WorkSession, vendor_id: UUID, payer_id: UUID | None, day: date) -> None:
    same_payer = (
        RateCard.payer_organization_id.is_(None)
        if payer_id is None
        else RateCard.payer_organization_id == payer_id
    )
    former = session.scalars(
        select(RateCard)
        .where(
            RateCard.vendor_organization_id == vendor_id,
            same_payer,
            or_(RateCard.effective_to.is_(None), RateCard.effective_to > day),
        )
        .order_by(RateCard.effective_from)
        .with_for_update()
    ).all()
    for card in former:
        if card.effective_from >= day:
            raise InvalidInput(
                "effective_from",
                f"a card beginning on {card.effective_from} already exists; choose a later day",
            )
        card.effective_to = day


def _line(vendor_id: UUID, payer_id: UUID | None, value: RateLineValue) -> RateLine:
    return RateLine(
        vendor_organization_id=vendor_id,
        payer_organization_id=payer_id,
        code=value.code,
        description=value.description,
        unit=value.unit,
        cents=value.cents,
        modifier=value.modifier,
        level_of_service=value.level_of_service,
    )
