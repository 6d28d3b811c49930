"""What billing's routes and forms take and give; one schema for JSON and pages."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from billing.claims.words import DENIAL_REASONS, ClaimState
from billing.settlement.words import FundingMethod
from marketplace.web.fields import Cents, Text


class ApprovalSchema(Schema):
    """An approval: in full unless an amount is given, which then wants a reason in `note`."""

    approved_cents = Cents(load_default=None, allow_none=True)
    note = Text(load_default="", longest=1000)
    revision = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, 2**31 - 1))


class DenialSchema(Schema):
    """A denial with one of the reasons."""

    reason = fields.String(required=True, validate=validate.OneOf(list(DENIAL_REASONS)))
    note = Text(load_default="", longest=1000)
    revision = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, 2**31 - 1))


class QuestionSchema(Schema):
    """What the payer still wants to see."""

    note = Text(required=True, shortest=5, longest=1000)
    revision = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, 2**31 - 1))


class AnswerSchema(Schema):
    """The vendor's answer."""

    note = Text(required=True, shortest=5, longest=1000)


class DepositSchema(Schema):
    """A deposit: how much, and from where."""

    amount_cents = Cents(required=True)
    method = fields.Enum(FundingMethod, by_value=True, load_default=FundingMethod.BANK)


class PayoutAccountSchema(Schema):
    """Opening a payout account: where Stripe may write to."""

    email = fields.Email(load_default="")


class ClaimFilter(Schema):
    """Which claims: of one state, or all the actor may see."""

    state = fields.Enum(ClaimState, by_value=True, load_default=None)
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 500))


class LineView(Schema):
    """A line of a claim; money in cents."""

    number = fields.Integer()
    hcpcs_code = fields.String()
    modifiers = fields.List(fields.String())
    units = fields.Decimal(as_string=True)
    unit_cents = fields.Integer()
    charge_cents = fields.Integer()
    place_of_service = fields.String()
    loaded_miles = fields.Decimal(as_string=True, allow_none=True)


class FindingView(Schema):
    """What an edit found."""

    code = fields.String()
    text = fields.String()
    field = fields.String()
    severity = fields.String()
    carc = fields.String()
    rarc = fields.String()


class ClaimListed(Schema):
    """A claim in a list; money in cents."""

    id = fields.UUID()
    reference = fields.String()
    state = fields.Enum(ClaimState, by_value=True)
    kind = fields.String()
    vendor_organization_id = fields.UUID()
    payer_organization_id = fields.UUID()
    service_date = fields.Date()
    total_cents = fields.Integer()
    approved_cents = fields.Integer(allow_none=True)
    currency = fields.String()
    submitted_at = fields.AwareDateTime(allow_none=True)
    revision = fields.Integer()


class EvidenceView(Schema):
    """A pointer to what proves a service."""

    booking_id = fields.UUID()
    kind = fields.String()
    source_id = fields.UUID()
    digest = fields.Function(lambda pointer: bytes(pointer.digest).hex())
    recorded_at = fields.AwareDateTime()


class DecisionView(Schema):
    """A decision or an answer."""

    decision = fields.String()
    approved_cents = fields.Integer()
    group_code = fields.String()
    carc = fields.String()
    rarc = fields.String()
    note = fields.String()
    decided_at = fields.AwareDateTime()


class ClaimShown(ClaimListed):
    """A claim with its lines, findings, evidence and decisions."""

    lines = fields.List(fields.Nested(LineView))
    findings = fields.List(fields.Nested(FindingView))
    evidence = fields.List(fields.Nested(EvidenceView))
    bookings = fields.Function(lambda claim: [str(part.booking_id) for part in claim["services"]])
    member = fields.Dict(keys=fields.String(), values=fields.String())
    decisions = fields.List(fields.Nested(DecisionView))


class DepositView(Schema):
    """A deposit; money in cents."""

    id = fields.UUID()
    reference = fields.String()
    state = fields.String()
    amount_cents = fields.Integer()
    currency = fields.String()
    created_at = fields.AwareDateTime()
    cleared_at = fields.AwareDateTime(allow_none=True)
    trouble = fields.String()


class TransferView(Schema):
    """A transfer; money in cents."""

    id = fields.UUID()
    reference = fields.String()
    claim_id = fields.UUID(allow_none=True)
    charge_id = fields.UUID(allow_none=True)
    """The charge of a fee for cancelled work that it pays; then there is no claim."""
    state = fields.String()
    amount_cents = fields.Integer()
    reversed_cents = fields.Integer()
    currency = fields.String()
    stripe_transfer_id = fields.String(allow_none=True)
    attempt = fields.Integer()
    failure_code = fields.String()
    """Stripe's code of a refusal; empty where there was none."""
    transfer_group = fields.String()
    intended_at = fields.AwareDateTime()
    resolved_at = fields.AwareDateTime(allow_none=True)


class FeeChargeView(Schema):
    """A fee for cancelled work as money, in cents."""

    id = fields.UUID(attribute="charge.id")
    fee_id = fields.UUID(attribute="charge.fee_id")
    booking_id = fields.UUID(attribute="fee.booking_id")
    organization_id = fields.UUID(attribute="charge.organization_id")
    vendor_organization_id = fields.UUID(attribute="charge.vendor_organization_id")
    debtor = fields.String(attribute="charge.debtor")
    rule = fields.String(attribute="fee.rule")
    state = fields.String(attribute="charge.state")
    cents = fields.Integer(attribute="charge.cents")
    left_cents = fields.Integer()
    kept_cents = fields.Integer()
    can_be_waived = fields.Boolean()
    due_at = fields.AwareDateTime(attribute="charge.due_at")
    settled_at = fields.AwareDateTime(attribute="charge.settled_at", allow_none=True)
    transfer_id = fields.UUID(attribute="transfer.id", dump_default=None)


class BalanceView(Schema):
    """How the acting organization stands; money in cents."""

    available_cents = fields.Integer()
    owed_cents = fields.Integer()


class PayoutAccountView(Schema):
    """The acting vendor's payout account."""

    id = fields.UUID()
    state = fields.String()
    stripe_account_id = fields.String(allow_none=True)


def shown(view: Any) -> dict[str, Any]:
    """A ClaimView as the one mapping that ClaimShown writes out."""
    claim = view.claim
    names = ("id", "reference", "state", "kind", "vendor_organization_id", "payer_organization_id",
             "service_date", "total_cents", "approved_cents", "currency", "submitted_at", "revision",
             "lines", "findings", "evidence", "services")  # fmt: skip
    member = {name: getattr(view.member, name) for name in ("name", "date_of_birth", "member_id")}
    return {name: getattr(claim, name) for name in names} | {"member": member, "decisions": view.decisions}
