"""The page for vendors without software: a reference and a code, the work without the person, yes or no.

Nobody signs in here. Each try is counted in a unit of work of its own, so that a refusal is not undone.
"""

from __future__ import annotations

from flask import Blueprint, Response, request
from marshmallow import fields

from marketplace.foundation.errors import Conflict
from marketplace.foundation.work import WorkSession, unit_of_work
from marketplace.web import current
from marketplace.web.code_doors import CodeForm, opened, refusal_status
from marketplace.web.forms import Form, form_for
from marketplace.web.pages import render
from vendors.network.service import profile
from vendors.offers.codes import DEAD, Opened, accept_by_code, by_code, decline_by_code, open_door
from vendors.offers.locking import own_offer
from vendors.offers.words import DeclineReason
from vendors.portal.choices import choices

views = Blueprint("codes", __name__, url_prefix="/code", template_folder="../templates")


class AnswerForm(CodeForm):
    """The same again, with the answer."""

    answer = fields.String(required=True)
    reason_code = fields.Enum(DeclineReason, by_value=True, load_default=DeclineReason.OTHER)


@views.get("/")
def enter() -> Response:
    """Where reference and code are typed; a link may bring the reference."""
    given = request.args.get("offer", "")[:20]
    return render("vendors/codes/enter.html", form=form_for(CodeForm, initial={"reference": given}))


@views.post("/")
def look() -> Response:
    """The offer behind a right code: areas, times, needs and price; never who or where exactly."""
    form = form_for(CodeForm)
    found = _opened(form)
    if found is None or not form.ok:
        return render("vendors/codes/enter.html", refusal_status(form), form=form)
    with unit_of_work(current.runtime(), by_code(found)) as work:
        return _offer_page(work, found, form)


@views.post("/answer")
def answer() -> Response:
    """Yes or no; the code is spent with it."""
    form = form_for(AnswerForm)
    if form.ok and form.data["answer"] not in ("accept", "decline"):
        form.refuse("answer", "accept or decline")
    found = _opened(form)
    if found is None or not form.ok:
        return render("vendors/codes/enter.html", refusal_status(form), form=form)
    said_yes = form.data["answer"] == "accept"
    try:
        with unit_of_work(current.runtime(), by_code(found)) as work:
            if said_yes:
                offer = accept_by_code(work, found, form.data["code"])
            else:
                offer = decline_by_code(work, found, form.data["code"], form.data["reason_code"])
    except Conflict as refused:
        return render("vendors/codes/too_late.html", 409, why=refused.detail, remedy=refused.remedy)
    return render("vendors/codes/done.html", offer=offer, said_yes=said_yes)


def _opened(form: Form) -> Opened | None:
    dead = DEAD + " After five wrong ones it is dead: ask the hospital for a new one."
    return opened(form, open_door, dead=dead)


def _offer_page(work: WorkSession, found: Opened, form: Form) -> Response:
    assert found.offer_id is not None
    assert found.vendor_id is not None
    offer = own_offer(work, found.offer_id)
    current.use_zone(profile(work, found.vendor_id).time_zone)
    return render("vendors/codes/offer.html", offer=offer, form=form, reasons=choices(DeclineReason))
