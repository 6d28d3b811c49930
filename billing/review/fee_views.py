"""Fees for cancelled work as money, for both sides: what is owed, waived, paid or kept back."""

from __future__ import annotations

from flask import Blueprint, Response

from billing.review.words_for_people import CHARGE_SOUNDS
from billing.settlement import service as settlement
from billing.settlement.fee_reading import fee_lines
from marketplace.web import current
from marketplace.web.pages import render

views = Blueprint("fees", __name__, url_prefix="/fees", template_folder="../templates")


@views.get("/")
def overview() -> Response:
    """The acting side's fees; a health system also sees whether its deposits cover what it owes."""
    session = current.session()
    lines = fee_lines(session)
    buyer = session.actor.organization_kind == "health_system"
    stands = settlement.payer_account(session) if buyer else None
    return render(
        "billing/fees/overview.html",
        lines=lines,
        sounds=CHARGE_SOUNDS,
        buyer=buyer,
        available=stands.available if stands else None,
        we_owe=sum(line.left_cents for line in lines if not line.owed_to_us),
        owed_to_us=sum(line.left_cents for line in lines if line.owed_to_us),
        may_waive=session.actor.has("vendor_admin", "biller", "org_admin"),
    )
