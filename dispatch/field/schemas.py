"""What devices send and get: steps, trip logs, acceptances, stops; one schema for JSON and forms."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from dispatch.field.completing import TripLog
from dispatch.field.rules import (
    LARGEST_SIGNATURE,
    LONGEST_VISIT_NOTE,
    DeliverySigned,
    Signature,
    VisitSigned,
)
from dispatch.field.words import RELATIONSHIPS, FieldStatus
from marketplace.bookings.words import MissedReason
from marketplace.web.fields import LocalMoment, Text
from vendors.offers.words import TurnBackReason


class StepSchema(Schema):
    """One step of the crew; `happened_at` is the moment of the press on the device."""

    status = fields.Enum(FieldStatus, by_value=True, required=True)
    happened_at = LocalMoment(load_default=None)
    device_key = Text(load_default="", longest=100)
    latitude = fields.Float(load_default=None, validate=validate.Range(-90, 90))
    longitude = fields.Float(load_default=None, validate=validate.Range(-180, 180))
    note = Text(load_default="", longest=500)
    override_reason = Text(load_default="", longest=200)
    """Dispatcher only: why the patient goes home before the equipment is there, or a visit begins before."""
    missed_reason = fields.Enum(MissedReason, by_value=True, load_default=None)
    """Why a visit did not take place, with the status `missed`."""


class _Signed(Schema):
    signature = Text(load_default="", longest=LARGEST_SIGNATURE)
    signature_typed = Text(load_default="", longest=120)


class TripLogSchema(StepSchema, _Signed):
    """The end of a ride: odometer readings in miles, the rider's signature or why there is none."""

    status = fields.Enum(FieldStatus, by_value=True, load_default=FieldStatus.COMPLETED)
    odometer_start = fields.Float(required=True, validate=validate.Range(0, 2_000_000))
    odometer_end = fields.Float(required=True, validate=validate.Range(0, 2_000_000))
    unable_to_sign = Text(load_default="", longest=200)

    @post_load
    def _put_together(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        data["log"] = TripLog(
            odometer_start=data.pop("odometer_start"),
            odometer_end=data.pop("odometer_end"),
            signature=Signature(data.pop("signature"), data.pop("signature_typed")),
            unable_to_sign=data.pop("unable_to_sign"),
        )
        return data


class VisitRecordSchema(StepSchema, _Signed):
    """The end of a visit: what was done, the patient's signature or why there is none, the place."""

    status = fields.Enum(FieldStatus, by_value=True, load_default=FieldStatus.COMPLETED)
    note = Text(load_default="", longest=LONGEST_VISIT_NOTE)
    unable_to_sign = Text(load_default="", longest=200)
    at_home = fields.Boolean(load_default=False)

    @post_load
    def _put_together(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        data["visit"] = VisitSigned(
            note=data.pop("note"),
            signature=Signature(data.pop("signature"), data.pop("signature_typed")),
            unable_to_sign=data.pop("unable_to_sign"),
            at_home=data.pop("at_home"),
        )
        return data


class MissedSchema(StepSchema):
    """A visit that did not take place, from the phone's page."""

    status = fields.Enum(FieldStatus, by_value=True, load_default=FieldStatus.MISSED)
    missed_reason = fields.Enum(MissedReason, by_value=True, required=True)


class HandBackSchema(StepSchema):
    """A stop that the crew cannot do: why, and what the planner should know besides."""

    status = fields.Enum(FieldStatus, by_value=True, load_default=FieldStatus.WITHDRAWN)
    reason_code = fields.Enum(TurnBackReason, by_value=True, required=True)


class DeliveredItemSchema(Schema):
    """One item as the receiver confirmed it."""

    hcpcs_code = Text(required=True, longest=10)
    quantity = fields.Integer(required=True, validate=validate.Range(0, 99))
    serial_number = Text(load_default="", longest=60)


class AcceptanceSchema(StepSchema, _Signed):
    """The receiver's acceptance of equipment: proof of delivery."""

    status = fields.Enum(FieldStatus, by_value=True, load_default=FieldStatus.ACCEPTED_BY_RECEIVER)
    receiver_name = Text(required=True, shortest=2, longest=120)
    relationship = Text(required=True, validate=validate.OneOf(sorted(RELATIONSHIPS)))
    items = fields.List(fields.Nested(DeliveredItemSchema), required=True, validate=validate.Length(1, 40))

    @post_load
    def _put_together(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        items = data.pop("items")
        data["signed"] = DeliverySigned(
            receiver_name=data.pop("receiver_name"),
            relationship=data.pop("relationship"),
            signature=Signature(data.pop("signature"), data.pop("signature_typed")),
            quantities={item["hcpcs_code"]: item["quantity"] for item in items},
            serial_numbers={item["hcpcs_code"]: item["serial_number"] for item in items},
        )
        return data


class StopView(Schema):
    """A stop of the acting crew."""

    booking_id = fields.UUID()
    kind = fields.String()
    status = fields.Enum(FieldStatus, by_value=True)
    planned_start = fields.AwareDateTime()
    planned_end = fields.AwareDateTime()
    vehicle_id = fields.UUID()
    driver_user_id = fields.UUID()
    revision = fields.Integer()


class EventView(Schema):
    """A step as it was recorded."""

    id = fields.UUID()
    booking_id = fields.UUID()
    sequence = fields.Integer()
    status = fields.Enum(FieldStatus, by_value=True)
    occurred_at = fields.AwareDateTime()
