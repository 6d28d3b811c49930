"""Bodies, filters and answers of who is ready to leave."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from marketplace.desk.ready_hours import MOST_DAYS
from marketplace.desk.ready_rules import Cause
from marketplace.web.fields import LocalMoment, Text


class ReadyBody(Schema):
    """When the care team would let the patient go: now when it is not given."""

    medically_ready_at = LocalMoment(load_default=None, allow_none=True)
    withdrawn = fields.Boolean(load_default=False)


class LeaveBody(Schema):
    """Why the patient left although something was not confirmed; empty when everything was."""

    note = Text(longest=500, load_default="")


class HoursFilter(Schema):
    """How many days back."""

    days = fields.Integer(load_default=30, validate=validate.Range(1, MOST_DAYS))


class BlockerView(Schema):
    """What keeps a patient here."""

    cause = fields.Enum(Cause, by_value=True)
    what = fields.String()
    owner = fields.String()
    remedy = fields.String()


class ReadyView(Schema):
    """One patient who is to leave."""

    encounter_id = fields.UUID()
    patient_id = fields.UUID()
    expected_discharge_at = LocalMoment()
    medically_ready_at = LocalMoment(allow_none=True)
    ready_to_leave = fields.Boolean()
    blockers = fields.List(fields.Nested(BlockerView))


class HoursView(Schema):
    """Avoidable time by cause."""

    since = LocalMoment()
    stays = fields.Integer()
    left_ready = fields.Integer()
    unknown_stays = fields.Integer()
    total_seconds = fields.Integer()
    seconds = fields.Dict(keys=fields.String(), values=fields.Integer())
