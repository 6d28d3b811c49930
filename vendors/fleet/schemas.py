"""What forms and JSON routes of the fleet take and give."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from marketplace.bookings.words import LevelOfService
from marketplace.web.fields import Day, LocalMoment, Text
from vendors.fleet.words import CrewKind, Skill, VehicleKind

_SEATS = validate.Range(0, 60)


class ConfigurationBody(Schema):
    """One way to load a vehicle."""

    name = Text(required=True, shortest=1, longest=60)
    ambulatory = fields.Integer(load_default=0, validate=_SEATS)
    wheelchair = fields.Integer(load_default=0, validate=_SEATS)
    stretcher = fields.Integer(load_default=0, validate=_SEATS)
    cargo_liters = fields.Integer(load_default=0, validate=validate.Range(0, 100_000))


class VehicleBody(Schema):
    """A new vehicle."""

    name = Text(required=True, shortest=1, longest=60)
    plate = Text(required=True, shortest=1, longest=20)
    kind = fields.Enum(VehicleKind, by_value=True, required=True)
    configurations = fields.List(
        fields.Nested(ConfigurationBody), required=True, validate=validate.Length(1, 10)
    )
    levels = fields.List(fields.Enum(LevelOfService, by_value=True), load_default=list)
    depot_id = fields.UUID(required=True)
    lift_capacity_kg = fields.Integer(validate=validate.Range(1, 2000), allow_none=True, load_default=None)


class VehicleForm(Schema):
    """A new vehicle as the page asks for it: one configuration."""

    name = Text(required=True, shortest=1, longest=60)
    plate = Text(required=True, shortest=1, longest=20)
    kind = fields.Enum(VehicleKind, by_value=True, required=True)
    levels = fields.List(fields.Enum(LevelOfService, by_value=True), load_default=list)
    depot_id = fields.UUID(required=True)
    ambulatory = fields.Integer(load_default=0, validate=_SEATS)
    wheelchair = fields.Integer(load_default=0, validate=_SEATS)
    stretcher = fields.Integer(load_default=0, validate=_SEATS)
    cargo_liters = fields.Integer(load_default=0, validate=validate.Range(0, 100_000))


class VehicleView(Schema):
    """A vehicle."""

    id = fields.UUID()
    name = fields.String()
    plate = fields.String()
    kind = fields.Enum(VehicleKind, by_value=True)
    configurations = fields.List(fields.Dict())
    levels = fields.List(fields.String())
    features = fields.List(fields.String())
    lift_capacity_kg = fields.Integer(allow_none=True)
    depot_id = fields.UUID()
    in_service = fields.Boolean()
    revision = fields.Integer()


class CrewMemberForm(Schema):
    """A new driver or technician."""

    name = Text(required=True, shortest=1, longest=120)
    kind = fields.Enum(CrewKind, by_value=True, required=True)
    skills = fields.List(fields.Enum(Skill, by_value=True), load_default=list)
    phone = Text(longest=40, load_default="")


class CrewChangeForm(Schema):
    """What changes about a crew member."""

    skills = fields.List(fields.Enum(Skill, by_value=True), load_default=list)
    phone = Text(longest=40, load_default="")
    in_service = fields.Boolean(load_default=False)


class CrewMemberView(Schema):
    """A driver or technician."""

    id = fields.UUID()
    name = fields.String()
    kind = fields.Enum(CrewKind, by_value=True)
    skills = fields.List(fields.String())
    in_service = fields.Boolean()


class ShiftBody(Schema):
    """A new shift; with a break give all three of its fields."""

    vehicle_id = fields.UUID(required=True)
    crew_member_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(1, 4))
    starts_at = LocalMoment(required=True)
    ends_at = LocalMoment(required=True)
    break_minutes = fields.Integer(load_default=0, validate=validate.Range(0, 120))
    break_earliest_at = LocalMoment(load_default=None, allow_none=True)
    break_latest_at = LocalMoment(load_default=None, allow_none=True)


class ShiftView(Schema):
    """A shift with its crew, the driver first."""

    id = fields.UUID()
    vehicle_id = fields.UUID()
    crew_member_ids = fields.List(fields.UUID())
    starts_at = LocalMoment()
    ends_at = LocalMoment()
    break_minutes = fields.Integer()
    break_earliest_at = LocalMoment(allow_none=True)
    break_latest_at = LocalMoment(allow_none=True)
    cancelled_at = LocalMoment(allow_none=True)
    revision = fields.Integer()


class DayFilter(Schema):
    """A local day; today when it is not given."""

    day = Day()


class BlockForm(Schema):
    """A time in which a vehicle is needed otherwise."""

    vehicle_id = fields.UUID(required=True)
    starts_at = LocalMoment(required=True)
    ends_at = LocalMoment(required=True)
    reason = Text(required=True, shortest=1, longest=200)


class StockForm(Schema):
    """A count of one code in one depot."""

    depot_id = fields.UUID(required=True)
    hcpcs_code = Text(required=True, shortest=5, longest=5)
    quantity = fields.Integer(required=True, validate=validate.Range(0, 100_000))


class StockView(Schema):
    """What lies in a depot of one code."""

    id = fields.UUID()
    depot_id = fields.UUID()
    hcpcs_code = fields.String()
    description = fields.String()
    quantity = fields.Integer()
