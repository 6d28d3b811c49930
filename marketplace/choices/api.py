"""JSON routes of choices: a stay's list, showing it, recording the choice; and the directory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marketplace.choices import agencies, service
from marketplace.choices.models import ChoiceList, ChoiceListEntry, HomeHealthAgency
from marketplace.choices.parsing import representative_from
from marketplace.choices.schemas import AgencyView, ChoiceListView, ChoiceSchema, ChoiceView, CompileSchema
from marketplace.foundation.errors import NotFound
from marketplace.web import current
from marketplace.web.api import Api

api = Api("choices", __name__)
PLANNERS = {"planner"}


@dataclass(frozen=True, slots=True)
class WholeList:
    """A list with its lines."""

    made: ChoiceList
    lines: list[ChoiceListEntry]


@api.post(
    "/encounters/<uuid:encounter_id>/choice-lists",
    summary="Make the list of home-health agencies for a stay",
    roles=PLANNERS,
    body=CompileSchema,
    response=ChoiceListView,
)
def compile_list(encounter_id: UUID, body: dict[str, Any]) -> WholeList:
    """Complete, in neutral order; the same list again while the directory says the same."""
    made = service.compile_list(current.session(), encounter_id, coverage_id=body["coverage_id"])
    return WholeList(made, service.lines_of(current.session(), made.id))


@api.get(
    "/choice-lists/<uuid:choice_list_id>", summary="One choice list", roles=PLANNERS, response=ChoiceListView
)
def show_list(choice_list_id: UUID) -> WholeList:
    """As it was shown."""
    made = service.choice_list(current.session(), choice_list_id)
    return WholeList(made, service.lines_of(current.session(), made.id))


@api.post(
    "/choice-lists/<uuid:choice_list_id>/choices",
    summary="Record that a list was shown and what was chosen",
    roles=PLANNERS,
    body=ChoiceSchema,
    response=ChoiceView,
)
def record_choice(choice_list_id: UUID, body: dict[str, Any]) -> service.Choice | None:
    """Never changed afterwards; a change of mind is a further choice."""
    session = current.session()
    row = service.present_and_record(
        session,
        choice_list_id,
        body["outcome"],
        body["positions"],
        presented_to=body["presented_to"],
        manner=body["manner"],
        representative=representative_from(body),
        note=body["note"],
    )
    return service.choice_of(session, row.encounter_id)


@api.get(
    "/encounters/<uuid:encounter_id>/choice",
    summary="What the patient has chosen",
    roles=PLANNERS,
    response=ChoiceView,
)
def show_choice(encounter_id: UUID) -> service.Choice:
    """The newest choice."""
    found = service.choice_of(current.session(), encounter_id)
    if found is None:
        raise NotFound
    return found


@api.get(
    "/home-health-agencies",
    summary="The directory of home-health agencies",
    roles={"planner", "org_admin", "platform_admin", "vendor_admin"},
    response=AgencyView,
    many=True,
)
def list_agencies() -> list[HomeHealthAgency]:
    """Every agency that asked to be listed, by name."""
    return agencies.directory(current.session())
