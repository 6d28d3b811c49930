"""What goes in and out of the discharge page as JSON or an HTML form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from marketplace.bookings.words import LevelOfService
from marketplace.careplans.conditions import Condition
from marketplace.careplans.words import ServiceKind
from marketplace.desk.discharge.words import DraftState, ProposalState
from marketplace.patients.fields import Whole
from marketplace.web.fields import LocalMoment, Text

_MOST_PARTS = validate.Length(max=24, error="Book at most 24 parts at once.")
_LINE = validate.Range(min=0, max=10_000, error="Send the number of a line, or 0 for no preference.")
_MOST_ITEMS = validate.Length(max=12, error="Order at most 12 kinds of items at once.")


class DischargePartSchema(Schema):
    """One part of a discharge; whatever is left out is as the record says."""

    task_id = fields.UUID(required=True)
    wanted = fields.Boolean(load_default=None, allow_none=True)
    start = LocalMoment(load_default=None, allow_none=True)
    end = LocalMoment(load_default=None, allow_none=True)
    moves = fields.Boolean(load_default=None, allow_none=True)
    flexible = fields.Boolean(load_default=None, allow_none=True)
    payer = Text(longest=120, load_default=None, allow_none=True)
    level = fields.Enum(LevelOfService, by_value=True, load_default=None, allow_none=True)
    extras = fields.List(Text(longest=5), load_default=None, allow_none=True, validate=_MOST_ITEMS)
    vendor_id = fields.UUID(load_default=None, allow_none=True)
    note = Text(longest=500, load_default=None, allow_none=True)
    address_line = Text(longest=200, load_default=None, allow_none=True)
    city = Text(longest=100, load_default=None, allow_none=True)
    state = Text(longest=2, load_default=None, allow_none=True)
    postal_code = Text(longest=10, load_default=None, allow_none=True)


class DischargeDraftSchema(Schema):
    """The parts as the planner wants them; parts that are not named are as the record says.

    For a home-health visit: the list that was shown, that it was, and the line chosen (0: no preference).
    """

    parts = fields.List(fields.Nested(DischargePartSchema), load_default=list, validate=_MOST_PARTS)
    choice_list_id = fields.UUID(load_default=None, allow_none=True)
    list_shown = fields.Boolean(load_default=None, allow_none=True)
    chosen = Whole(load_default=None, allow_none=True, validate=_LINE)


class DischargeConfirmSchema(DischargeDraftSchema):
    """The same, and the number of the proposal the planner has seen."""

    proposal = Whole(load_default=None, allow_none=True, validate=validate.Range(1, 2**31 - 1))


class DischargeTemplateSchema(Schema):
    """The condition whose usual tasks are wanted."""

    condition = fields.Enum(Condition, by_value=True, required=True)


class DischargePartErrorView(Schema):
    """What is wrong with a part."""

    field = fields.String()
    message = fields.String()


class DischargeVendorOutlookView(Schema):
    """A vendor for a part: its price, or why it cannot be asked and what would make it a yes."""

    id = fields.UUID()
    name = fields.String()
    cents = fields.Integer(allow_none=True)
    why_not = fields.String()
    remedy = fields.String()


class DischargePayFindingView(Schema):
    """Something between the part and its payment, with its remedy."""

    code = fields.String()
    weight = fields.String()
    text = fields.String()
    remedy = fields.String()


class DischargeChosenView(Schema):
    """An agency that the patient chose."""

    name = fields.String()
    phone = fields.String()


class DischargePartOutlookView(Schema):
    """A part with its vendors, its availability, and whether it will be paid."""

    task_id = fields.UUID()
    title = fields.String()
    kind = fields.String()
    start = fields.String()
    end = fields.String()
    errors = fields.List(fields.Nested(DischargePartErrorView))
    availability = fields.String()
    vendors = fields.List(fields.Nested(DischargeVendorOutlookView))
    agencies = fields.List(fields.Nested(DischargeChosenView))
    payability = fields.String()
    findings = fields.List(fields.Nested(DischargePayFindingView))


class DischargeProposedView(Schema):
    """Who is proposed for a part, when, and why; the others with what speaks against them."""

    task_id = fields.UUID(attribute="wish")
    basis = fields.String()
    vendor_id = fields.UUID(attribute="vendor", allow_none=True)
    starts_at = fields.String(allow_none=True)
    ends_at = fields.String(allow_none=True)
    because = fields.List(fields.String())
    others = fields.List(fields.List(fields.String()))
    remedies = fields.List(fields.String())


class DischargeAgencyView(Schema):
    """A line of the list of home-health agencies, with what the hospital has to disclose."""

    position = fields.Integer()
    name = fields.String()
    quality_stars = fields.String()
    interest = fields.String()
    in_network = fields.Boolean(allow_none=True)


class DischargeChoosingView(Schema):
    """Where the patient's choice of an agency stands; `settled` when it was recorded before."""

    choice_list_id = fields.UUID(attribute="choice_list.id", allow_none=True)
    settled = fields.Function(lambda found: found.settled is not None)
    agencies = fields.List(fields.Nested(DischargeAgencyView), attribute="lines")
    list_shown = fields.Boolean(attribute="shown")
    chosen = fields.Integer(allow_none=True)
    trouble = fields.String()


class DischargeDraftView(Schema):
    """The draft of a stay as it looks now; `proposal` counts questions, `state` says if it is answered."""

    id = fields.UUID(attribute="draft.id")
    encounter_id = fields.UUID(attribute="draft.encounter_id")
    draft_state = fields.Enum(DraftState, by_value=True, attribute="draft.state")
    parts = fields.List(fields.Nested(DischargePartOutlookView), attribute="proposal.outlook")
    choice = fields.Nested(DischargeChoosingView, allow_none=True)
    proposal = fields.Integer(attribute="proposal.number")
    state = fields.Enum(ProposalState, by_value=True, attribute="proposal.state")
    proposed = fields.List(fields.Nested(DischargeProposedView), attribute="proposal.result")
    asked_at = LocalMoment(attribute="proposal.asked_at")
    made_at = LocalMoment(attribute="proposal.made_at", allow_none=True)
    thinking_seconds = fields.Float(attribute="proposal.thinking_seconds", allow_none=True)


class DischargeConfirmedView(Schema):
    """What confirming made."""

    draft_id = fields.UUID(attribute="draft.id")
    bookings = fields.List(fields.UUID(), attribute="booking_ids")
    offers = fields.List(fields.UUID(), attribute="offer_ids")


class DischargeAddedTaskView(Schema):
    """A task that a template added."""

    id = fields.UUID()
    title = fields.String()
    service_kind = fields.Enum(ServiceKind, by_value=True)


def ticks(data: Mapping[str, Any]) -> dict[str, Any] | None:
    """What parsed data say of the list of agencies; None when they say nothing of it."""
    if data["choice_list_id"] is None:
        return None
    known = str(data["choice_list_id"])
    return {"list": known, "shown": bool(data["list_shown"]), "chosen": data["chosen"]}
