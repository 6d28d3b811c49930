"""Contracts and the fees that follow from them, for both sides; what cancelling now would cost."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, url_for
from marshmallow import Schema, fields, validate
from sqlalchemy import select

from marketplace.identity.models import Organization
from marketplace.web import current
from marketplace.web.fields import Cents, Day, Text
from marketplace.web.forms import form_for
from marketplace.web.pages import go, render
from vendors.cancellations import service
from vendors.network.contracts import NewTerms, agree, contracts
from vendors.network.models import VendorProfile

views = Blueprint("contracts", __name__, url_prefix="/contracts", template_folder="../templates")


class TermsForm(Schema):
    """A new version of a contract."""

    vendor_id = fields.UUID(required=True)
    effective_from = Day(required=True)
    amendment_tolerance_minutes = fields.Integer(required=True, validate=validate.Range(0, 240))
    response_minutes = fields.Integer(required=True, validate=validate.Range(1, 2880))
    late_cancellation_cents = Cents(required=True)
    no_show_cents = Cents(required=True)
    vendor_no_show_cents = Cents(load_default=0)
    notice_hours = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, 168))
    wait_minutes = fields.Integer(load_default=15, validate=validate.Range(5, 120))


class WaiveForm(Schema):
    """Why a fee is waived."""

    note = Text(required=True, shortest=1, longest=500)


@views.get("/")
def overview() -> Response:
    """The acting organization's contracts, and the newest fees."""
    session = current.session()
    rows, fees = contracts(session), service.fees(session)
    today = current.now().astimezone(current.zone()).date()
    waits = [row.fee for row in fees if row.fee.waived_at is None and row.fee.settled_from is None]
    return render(
        "vendors/contracts/overview.html", rows=rows, fees=fees, today=today,
        open_cents=sum(fee.cents for fee in waits),
        follows_fees=current.actor().has("vendor_admin", "biller", "org_admin", "reviewer"),
        buyer=current.actor().organization_kind == "health_system",
        may_waive=current.actor().has("vendor_admin", "biller", "org_admin"),
    )  # fmt: skip


@views.route("/new", methods=["GET", "POST"])
def new() -> Response:
    """A new version, made by the health system."""
    current.actor().require("org_admin")
    session = current.session()
    usual = {"amendment_tolerance_minutes": 15, "response_minutes": 15, "wait_minutes": 15}
    form = form_for(TermsForm, initial=usual)
    if form.ok:
        with form.refusals():
            data = dict(form.data)
            agree(session, data.pop("vendor_id"), NewTerms(**data))
        if form.ok:
            return go(url_for("contracts.overview"), f"The contract begins on {form.data['effective_from']}.")
    query = select(Organization.id, Organization.name).join(
        VendorProfile, VendorProfile.organization_id == Organization.id
    )
    choices = [(str(row[0]), row[1]) for row in session.execute(query.order_by(Organization.name))]
    return render("vendors/contracts/new.html", form=form, vendors=choices)


@views.route("/fees/<uuid:fee_id>/waive", methods=["GET", "POST"])
def waive(fee_id: UUID) -> Response:
    """Who it is owed to asks nothing after all."""
    current.actor().require("vendor_admin", "biller", "org_admin")
    form = form_for(WaiveForm)
    if form.ok:
        with form.refusals():
            service.waive(current.session(), fee_id, form.data["note"])
        if form.ok:
            return go(url_for("contracts.overview"), "Waived.")
    fee = service.own_fee(current.session(), fee_id)
    return render("vendors/contracts/waive.html", form=form, fee=fee)


@views.get("/if-cancelled/<uuid:booking_id>")
def if_cancelled(booking_id: UUID) -> Response:
    """A sentence for the dialog in which a booking is called off."""
    found = service.if_both_cancelled_now(current.session(), booking_id)
    return render("vendors/contracts/if_cancelled.html", found=found)


@views.get("/of-booking/<uuid:booking_id>")
def of_booking(booking_id: UUID) -> Response:
    """A sentence for the page of a booking that ended without service: who owes what."""
    current.actor().require("planner")
    fee = service.fee_of(current.session(), booking_id)
    return render("vendors/contracts/of_booking.html", fee=fee)
