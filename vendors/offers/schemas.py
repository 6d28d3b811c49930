"""What the JSON routes of offers and awards take and give."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from marketplace.web.fields import Day, LocalMoment, Text
from vendors.offers.words import AmendmentState, AwardState, DeclineReason, OfferState, TurnBackReason


class OfferView(Schema):
    """An offer as both sides may see it: no name, no address."""

    id = fields.UUID()
    reference = fields.String()
    booking_id = fields.UUID()
    organization_id = fields.UUID()
    vendor_organization_id = fields.UUID()
    state = fields.Enum(OfferState, by_value=True)
    kind = fields.String()
    level_of_service = fields.String(allow_none=True)
    window_start = LocalMoment()
    window_end = LocalMoment()
    offered_at = LocalMoment()
    respond_by = LocalMoment()
    preview = fields.Dict()
    quote_cents = fields.Integer()
    quote_lines = fields.List(fields.Dict())
    currency = fields.String()
    revision = fields.Integer()


class OfferFilter(Schema):
    """Which of the offers: the open ones unless another state is named."""

    state = fields.Enum(OfferState, by_value=True, load_default=OfferState.OPEN)
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class DeclineBody(Schema):
    """Why an offer is declined."""

    reason_code = fields.Enum(DeclineReason, by_value=True, required=True)
    note = Text(longest=500)


class ProposalBody(Schema):
    """Whom to ask, and until when."""

    vendor_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(1, 50))
    respond_by = LocalMoment(required=True)


class AwardView(Schema):
    """A promise: who, when, at what price; the rider is read at the booking."""

    id = fields.UUID()
    booking_id = fields.UUID()
    offer_id = fields.UUID()
    organization_id = fields.UUID()
    vendor_organization_id = fields.UUID()
    payer_organization_id = fields.UUID()
    state = fields.Enum(AwardState, by_value=True)
    kind = fields.String()
    level_of_service = fields.String(allow_none=True)
    promised_start = LocalMoment()
    promised_end = LocalMoment()
    accepted_at = LocalMoment()
    planned_at = LocalMoment(allow_none=True)
    vehicle_id = fields.UUID(allow_none=True)
    preview = fields.Dict()
    quote_lines = fields.List(fields.Dict())
    total_cents = fields.Integer()
    currency = fields.String()
    revision = fields.Integer()


class DayFilter(Schema):
    """A local day; today when it is not given."""

    day = Day()


class TurnBackBody(Schema):
    """Why accepted work is returned."""

    reason_code = fields.Enum(TurnBackReason, by_value=True, required=True)
    note = Text(longest=500)


class AmendmentView(Schema):
    """A wish to move a promised window."""

    id = fields.UUID()
    award_id = fields.UUID()
    booking_id = fields.UUID()
    state = fields.Enum(AmendmentState, by_value=True)
    previous_start = LocalMoment()
    previous_end = LocalMoment()
    proposed_start = LocalMoment()
    proposed_end = LocalMoment()
    respond_by = LocalMoment()


class RefusalBody(Schema):
    """Why a changed time does not do."""

    note = Text(longest=500)


class AwardRiderView(Schema):
    """Who rides or receives, for the vendor that has accepted; every look is audited."""

    name = fields.String()
    phone = fields.String()
    pickup = fields.String()
    destination = fields.String()
    receiver_name = fields.String()
    receiver_phone = fields.String()
    receiver_relationship = fields.String()
    receiver_instructions = fields.String()
    note = fields.String()


class CandidateFilter(Schema):
    """The booking to find vendors for."""

    booking = fields.UUID(required=True)


class CandidateView(Schema):
    """A vendor for a booking; `why_not` is empty when it may be asked."""

    vendor_id = fields.UUID()
    name = fields.String()
    is_eligible = fields.Boolean()
    distance_meters = fields.Integer()
    quote_cents = fields.Function(lambda found: found.quote.cents if found.quote else None)
    why_not = fields.String()
    remedy = fields.String()
