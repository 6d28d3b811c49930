"""Bodies, filters and answers of the board's routes and forms."""

from __future__ import annotations

from marshmallow import Schema, fields

from dispatch.board.words import HandKind
from marketplace.web.fields import Day, LocalMoment


class DayFilter(Schema):
    """A local day of the vendor; today when it is not given."""

    day = Day()


class AssignSchema(Schema):
    """The shift that is to carry a service."""

    shift_id = fields.UUID(required=True)


class SwapSchema(Schema):
    """The service to exchange vehicles with."""

    other_booking_id = fields.UUID(required=True)


class EmptySchema(Schema):
    """Nothing to say."""


class LegView(Schema):
    """One planned service."""

    booking_id = fields.UUID()
    reference = fields.String()
    status = fields.String()
    starts_at = LocalMoment()
    ends_at = LocalMoment()
    expected_at = LocalMoment(allow_none=True)
    late_percent = fields.Integer(allow_none=True)
    unready_percent = fields.Integer(allow_none=True)
    pinned = fields.Boolean()


class LaneView(Schema):
    """One vehicle's shift with its services in order."""

    shift_id = fields.UUID()
    vehicle_id = fields.UUID()
    name = fields.String()
    starts_at = LocalMoment()
    ends_at = LocalMoment()
    legs = fields.List(fields.Nested(LegView))


class WaitingView(Schema):
    """Accepted work on no vehicle, and why."""

    booking_id = fields.UUID()
    reference = fields.String()
    reason = fields.String()


class BoardView(Schema):
    """A vendor's day."""

    day = fields.Date()
    planning = fields.Boolean()
    lanes = fields.List(fields.Nested(LaneView))
    waiting = fields.List(fields.Nested(WaitingView))


class HandChangeView(Schema):
    """A change by hand that stands, with the certificate of its check."""

    id = fields.UUID()
    kind = fields.Enum(HandKind, by_value=True)
    booking_id = fields.UUID()
    other_booking_id = fields.UUID(allow_none=True)
    vehicle_id = fields.UUID()
    previous_vehicle_id = fields.UUID(allow_none=True)
    certificate = fields.Dict()
    moved = fields.List(fields.Dict())
    made_at = LocalMoment()
