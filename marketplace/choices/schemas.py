"""What goes in and out of choices as JSON or an HTML form."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from marketplace.careplans.disciplines import Discipline
from marketplace.choices.words import ChoiceOutcome, PresentationManner, PresentedTo
from marketplace.patients.fields import Whole
from marketplace.web.fields import LocalMoment, Text

_LINE = validate.Range(min=1, max=10_000, error="Choose a line of the list by its number.")


class CompileSchema(Schema):
    """Whose list: the stay, and the managed-care coverage whose network is shown."""

    coverage_id = fields.UUID(load_default=None, allow_none=True)


class ShownSchema(Schema):
    """To whom the list was shown, and how."""

    presented_to = fields.Enum(PresentedTo, by_value=True, load_default=PresentedTo.PATIENT)
    manner = fields.Enum(PresentationManner, by_value=True, load_default=PresentationManner.SCREEN)
    representative_name = Text(longest=100, load_default="")
    representative_relationship = Text(longest=100, load_default="")


class ChoiceSchema(ShownSchema):
    """What was chosen: line numbers in the patient's order, or no preference."""

    outcome = fields.Enum(ChoiceOutcome, by_value=True, required=True)
    positions = fields.List(Whole(validate=_LINE), load_default=list, validate=validate.Length(max=50))
    note = Text(longest=500, load_default="")


class ChoiceForm(ShownSchema):
    """The bedside form: first, second and third choice by line, or no preference."""

    first = Whole(load_default=None, allow_none=True, validate=_LINE)
    second = Whole(load_default=None, allow_none=True, validate=_LINE)
    third = Whole(load_default=None, allow_none=True, validate=_LINE)
    no_preference = fields.Boolean(load_default=False)
    note = Text(longest=500, load_default="")


class InterestSchema(Schema):
    """What ties the health system to an agency."""

    agency_id = fields.UUID(required=True)
    statement = Text(required=True, shortest=1, longest=300)


class AgencySchema(Schema):
    """An agency to list."""

    ccn = Text(required=True, shortest=6, longest=6)
    name = Text(required=True, shortest=1, longest=120)
    phone = Text(required=True, shortest=1, longest=40)
    address = Text(required=True, shortest=1, longest=200)
    disciplines = fields.List(
        fields.Enum(Discipline, by_value=True), required=True, validate=validate.Length(1, 6)
    )
    postal_codes = Text(required=True, shortest=5, longest=4_000)
    """Separated by spaces or commas."""


class ChoiceLineView(Schema):
    """A line of a list."""

    position = fields.Integer()
    ccn = fields.String()
    name = fields.String()
    phone = fields.String()
    address = fields.String()
    disciplines = fields.List(fields.String())
    quality_stars = fields.String()
    in_network = fields.Boolean(allow_none=True)
    interest = fields.String()
    vendor_organization_id = fields.UUID(allow_none=True)


class ChoiceListView(Schema):
    """A list with its lines."""

    id = fields.UUID(attribute="made.id")
    encounter_id = fields.UUID(attribute="made.encounter_id")
    postal_code = fields.String(attribute="made.postal_code")
    ordering_rule = fields.String(attribute="made.ordering_rule")
    ordering_seed = fields.String(attribute="made.ordering_seed")
    digest = fields.String(attribute="made.digest")
    compiled_at = LocalMoment(attribute="made.compiled_at")
    lines = fields.List(fields.Nested(ChoiceLineView))


class ChoiceView(Schema):
    """What was chosen, with the chosen lines in order."""

    id = fields.UUID(attribute="record.id")
    choice_list_id = fields.UUID(attribute="record.choice_list_id")
    outcome = fields.Enum(ChoiceOutcome, by_value=True, attribute="record.outcome")
    chosen_at = LocalMoment(attribute="record.chosen_at")
    recorded_by_name = fields.String(attribute="record.recorded_by_name")
    chosen = fields.List(fields.Nested(ChoiceLineView))


class AgencyView(Schema):
    """An agency of the directory."""

    id = fields.UUID()
    ccn = fields.String()
    name = fields.String()
    phone = fields.String()
    address = fields.String()
    disciplines = fields.List(fields.String())
    quality_stars = fields.Decimal(as_string=True, allow_none=True)
    vendor_organization_id = fields.UUID(allow_none=True)
