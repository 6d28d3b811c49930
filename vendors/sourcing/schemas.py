"""What the JSON routes and forms of sourcing take and give."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from marketplace.web.fields import LocalMoment
from vendors.sourcing.words import SourcingCause, SourcingMode, SourcingState, WaveOutcome


class SearchBody(Schema):
    """In which order vendors are asked, and how long each may take (by urgency when left out)."""

    mode = fields.Enum(SourcingMode, by_value=True, load_default=SourcingMode.WATERFALL)
    answer_minutes = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, 2880))


class WaveView(Schema):
    """One round of asking."""

    number = fields.Integer()
    asked = fields.List(fields.Dict())
    opened_at = LocalMoment()
    respond_by = LocalMoment()
    closed_at = LocalMoment(allow_none=True)
    outcome = fields.Enum(WaveOutcome, by_value=True, allow_none=True)
    explanation = fields.String()


class SearchView(Schema):
    """A search for a vendor with its waves."""

    id = fields.UUID(attribute="sourcing.id")
    booking_id = fields.UUID(attribute="sourcing.booking_id")
    mode = fields.Enum(SourcingMode, by_value=True, attribute="sourcing.mode")
    state = fields.Enum(SourcingState, by_value=True, attribute="sourcing.state")
    cause = fields.Enum(SourcingCause, by_value=True, attribute="sourcing.cause")
    started_at = LocalMoment(attribute="sourcing.started_at")
    ended_at = LocalMoment(attribute="sourcing.ended_at", allow_none=True)
    escalated_at = LocalMoment(attribute="sourcing.escalated_at", allow_none=True)
    revision = fields.Integer(attribute="sourcing.revision")
    waves = fields.List(fields.Nested(WaveView))


class ReasonView(Schema):
    """One criterion of the ranking."""

    what = fields.String()
    says = fields.String()
    points = fields.Float()
    most = fields.Integer()


class RankedView(Schema):
    """A vendor that may be asked: its points of 100, and where they come from."""

    vendor_id = fields.UUID()
    name = fields.String(attribute="candidate.name")
    quote_cents = fields.Function(lambda one: one.candidate.quote.cents if one.candidate.quote else None)
    distance_meters = fields.Integer(attribute="candidate.distance_meters")
    points = fields.Float()
    reasons = fields.List(fields.Nested(ReasonView))
