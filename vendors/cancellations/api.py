"""JSON routes: contracts, cancellation fees, what cancelling now would cost."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from marketplace.bookings.words import BookingState
from marketplace.web import current
from marketplace.web.api import Api
from marketplace.web.fields import LocalMoment
from vendors.cancellations import service
from vendors.cancellations.models import CancellationFee
from vendors.cancellations.rules import Consequence, Debtor
from vendors.cancellations.views import TermsForm, WaiveForm
from vendors.network.contracts import READERS, NewTerms, agree, contracts
from vendors.network.models import Contract


class ContractView(Schema):
    """A version of a contract."""

    id = fields.UUID()
    vendor_organization_id = fields.UUID()
    organization_id = fields.UUID()
    effective_from = fields.Date()
    effective_to = fields.Date(allow_none=True)
    amendment_tolerance_minutes = fields.Integer()
    response_minutes = fields.Integer()
    late_cancellation_cents = fields.Integer()
    no_show_cents = fields.Integer()
    vendor_no_show_cents = fields.Integer()
    notice_hours = fields.Integer(allow_none=True)
    wait_minutes = fields.Integer()


class FeeView(Schema):
    """A cancellation fee, owed by one of the two sides to the other."""

    id = fields.UUID()
    booking_id = fields.UUID()
    organization_id = fields.UUID()
    vendor_organization_id = fields.UUID()
    debtor = fields.Enum(Debtor, by_value=True)
    ended_as = fields.Enum(BookingState, by_value=True)
    rule = fields.String()
    cents = fields.Integer()
    happened_at = LocalMoment()
    waived_at = LocalMoment(allow_none=True)
    settled_from = LocalMoment(allow_none=True)
    """From then on it can no longer be waived."""


class ConsequenceView(Schema):
    """Who would owe what."""

    debtor = fields.Enum(Debtor, by_value=True)
    cents = fields.Integer()
    rule = fields.String()
    says = fields.String()


api = Api("contracts", __name__)


@api.get("/contracts", summary="Our contracts", roles=set(READERS), response=ContractView, many=True)
def all_contracts() -> list[Contract]:
    """The newest first."""
    return [row for row, _ in contracts(current.session())]


@api.post(
    "/contracts",
    summary="Agree on a new version of a contract with a vendor",
    roles={"org_admin"},
    body=TermsForm,
    response=ContractView,
)
def new_contract(body: dict[str, Any]) -> Contract:
    """Ends the version before on the day on which it begins."""
    vendor_id = body.pop("vendor_id")
    return agree(current.session(), vendor_id, NewTerms(**body))


@api.get(
    "/cancellation-fees",
    summary="What is owed for work called off late or in vain",
    roles=set(service.READERS),
    response=FeeView,
    many=True,
)
def fees() -> list[CancellationFee]:
    """The newest first, at most 100."""
    return [row.fee for row in service.fees(current.session())]


@api.post(
    "/cancellation-fees/<uuid:fee_id>/waiver",
    summary="Ask nothing after all",
    roles={"vendor_admin", "biller", "org_admin"},
    body=WaiveForm,
    response=FeeView,
)
def waive(fee_id: UUID, body: dict[str, Any]) -> CancellationFee:
    """A fee owed to the acting organization."""
    return service.waive(current.session(), fee_id, body["note"])


@api.get(
    "/bookings/<uuid:booking_id>/if-cancelled",
    summary="What calling a booking off at this moment would cost whom",
    roles={"planner"},
    response=ConsequenceView,
)
def if_cancelled(booking_id: UUID) -> Consequence:
    """By the contract of the promised day."""
    return service.if_cancelled_now(current.session(), booking_id)
