"""JSON routes of a discharge that is booked as a whole: fill from a template, draft and propose, confirm."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marketplace.careplans.models import CarePlanTask
from marketplace.careplans.templating import apply_template
from marketplace.desk.discharge import drafts
from marketplace.desk.discharge.confirming import confirm
from marketplace.desk.discharge.outlook import outlook
from marketplace.desk.discharge.proposing import ask, proposal_of
from marketplace.desk.discharge.record import discharge_record
from marketplace.desk.discharge.schemas import (
    DischargeAddedTaskView,
    DischargeConfirmedView,
    DischargeConfirmSchema,
    DischargeDraftSchema,
    DischargeDraftView,
    DischargeTemplateSchema,
    ticks,
)
from marketplace.foundation.errors import NotFound
from marketplace.web import current
from marketplace.web.api import Api

api = Api("discharges", __name__)
PLANNERS = {"planner"}


@api.post(
    "/encounters/<uuid:encounter_id>/template",
    summary="Add a condition's usual tasks to the care plan of a stay",
    roles=PLANNERS,
    body=DischargeTemplateSchema,
    response=DischargeAddedTaskView,
    many=True,
)
def fill_from_template(encounter_id: UUID, body: dict[str, Any]) -> list[CarePlanTask]:
    """What is there already stays; twice adds nothing."""
    return apply_template(current.session(), encounter_id, body["condition"], current.actor().user_id)


@api.post(
    "/encounters/<uuid:encounter_id>/discharge-draft",
    summary="Keep a draft of a whole discharge and ask for its joint proposal",
    roles=PLANNERS,
    body=DischargeDraftSchema,
    response=DischargeDraftView,
)
def keep_draft(encounter_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Prices, availability and payability at once; read the draft again until its state is `made`."""
    session = current.session()
    record = discharge_record(session, encounter_id)
    draft, parts = drafts.save(session, record, body["parts"], ticks(body))
    choice = drafts.choice_in(session, record, draft)
    found = outlook(session, record, parts, choice)
    return {"draft": draft, "proposal": ask(session, record, draft, found), "choice": choice}


@api.get(
    "/encounters/<uuid:encounter_id>/discharge-draft",
    summary="The open draft of a whole discharge with its joint proposal",
    roles=PLANNERS,
    response=DischargeDraftView,
)
def show_draft(encounter_id: UUID) -> dict[str, Any]:
    """As it was last kept."""
    session = current.session()
    record = discharge_record(session, encounter_id)
    draft = drafts.open_draft(session, record)
    proposal = proposal_of(session, draft)
    if draft is None or proposal is None:
        raise NotFound
    return {"draft": draft, "proposal": proposal, "choice": drafts.choice_in(session, record, draft)}


@api.post(
    "/encounters/<uuid:encounter_id>/discharge-draft/confirm",
    summary="Book a whole discharge and offer every part of it, at once or not at all",
    roles=PLANNERS,
    body=DischargeConfirmSchema,
    response=DischargeConfirmedView,
)
def confirm_draft(encounter_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """With `proposal`, the vendors of that proposal are asked while it is the newest."""
    session = current.session()
    record = discharge_record(session, encounter_id)
    number = body["proposal"]
    done = confirm(session, record, body["parts"], choice=ticks(body), proposal_number=number)
    return {
        "draft": done.draft,
        "booking_ids": [booking.id for booking in done.bookings],
        "offer_ids": [offer.id for offer in done.offers],
    }
