"""The planner's page of a stay's choice, the list for the bedside and for paper, and the directory's page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from sqlalchemy import select

from marketplace.careplans.disciplines import DISCIPLINES
from marketplace.choices import agencies, service
from marketplace.choices.agencies import NewAgency
from marketplace.choices.models import ChoiceList, ChoicePresentation
from marketplace.choices.parsing import picked, representative_from
from marketplace.choices.schemas import AgencySchema, ChoiceForm, CompileSchema, InterestSchema
from marketplace.choices.words import MANNER_LABELS, OUTCOME_LABELS
from marketplace.foundation.errors import Forbidden, NotFound
from marketplace.identity.models import Facility, Organization
from marketplace.patients.coverage import coverages_of
from marketplace.patients.models import Encounter
from marketplace.web import current
from marketplace.web.forms import Form, form_for, parse
from marketplace.web.pages import go, render

views = Blueprint("choices", __name__, template_folder="../templates")
PLANNERS = ("planner",)
DISCIPLINE_NAMES = {kind.value: facts.name for kind, facts in DISCIPLINES.items()}


@views.get("/choices/<uuid:encounter_id>")
def show(encounter_id: UUID) -> Response:
    """Where a stay's choice stands: the newest list, when it was shown, what was chosen."""
    current.actor().require(*PLANNERS)
    return _choice_page(encounter_id)


@views.post("/choices/<uuid:encounter_id>/lists")
def compile_list(encounter_id: UUID) -> Response:
    """Make the list."""
    current.actor().require(*PLANNERS)
    form = parse(CompileSchema, request.form)
    if form.ok:
        with form.refusals():
            made = service.compile_list(current.session(), encounter_id, **form.data)
        if form.ok:
            return go(url_for("choices.present", choice_list_id=made.id))
    return _choice_page(encounter_id, form)


@views.route("/choices/lists/<uuid:choice_list_id>", methods=["GET", "POST"])
def present(choice_list_id: UUID) -> Response:
    """The list as the patient sees it, on a tablet or on paper; records that it was shown and the choice."""
    current.actor().require(*PLANNERS)
    session = current.session()
    form = form_for(ChoiceForm, {"presented_to": "patient", "manner": "screen"})
    if form.ok:
        with form.refusals():
            outcome, positions = picked(form.data)
            row = service.present_and_record(
                session,
                choice_list_id,
                outcome,
                positions,
                presented_to=form.data["presented_to"],
                manner=form.data["manner"],
                representative=representative_from(form.data),
                note=form.data["note"],
            )
        if form.ok:
            said = "The choice is recorded for good."
            return go(url_for("choices.show", encounter_id=row.encounter_id), said)
    made = service.choice_list(session, choice_list_id)
    current.use_zone(_facility(made.encounter_id).time_zone)
    lines = service.lines_of(session, choice_list_id)
    return render(
        "choices/present.html",
        form=form,
        made=made,
        lines=lines,
        options=[(str(line.position), f"{line.position}. {line.name}") for line in lines],
        payer=_payer_name(made),
        manners=[(manner.value, label) for manner, label in MANNER_LABELS.items()],
        disciplines=DISCIPLINE_NAMES,
    )


@views.route("/admin/home-health-agencies", methods=["GET", "POST"])
def directory() -> Response:
    """The directory: the platform lists agencies, a health system discloses what ties it to one."""
    actor = current.actor()
    actor.require("platform_admin", "org_admin")
    listing = actor.has("platform_admin")
    disclosing = actor.organization_kind == "health_system"
    form = form_for(AgencySchema if listing else InterestSchema)
    if form.submitted and not (listing or disclosing):
        raise Forbidden("Only a health system discloses what ties it to an agency.")
    if form.ok:
        with form.refusals():
            _list_agency(form.data) if listing else agencies.disclose_interest(current.session(), **form.data)
        if form.ok:
            return go(url_for("choices.directory"), "The agency is listed." if listing else "Disclosed.")
    session = current.session()
    found = agencies.directory(session)
    return render(
        "choices/directory.html",
        form=form,
        listing=listing,
        disclosing=disclosing,
        agencies=found,
        options=[(str(agency.id), f"{agency.name} ({agency.ccn})") for agency in found],
        interests=[] if listing else agencies.interests_of(session),
        names={agency.id: agency.name for agency in found},
        disciplines=DISCIPLINE_NAMES,
    )


@views.post("/admin/financial-interests/<uuid:interest_id>/end")
def end_interest(interest_id: UUID) -> Response:
    """The tie is gone."""
    agencies.end_interest(current.session(), interest_id)
    return go(url_for("choices.directory"), "Further lists no longer say it.")


def _list_agency(data: dict[str, Any]) -> None:
    values = dict(data)
    codes = frozenset(values.pop("postal_codes").replace(",", " ").split())
    session = current.session()
    new = NewAgency(
        **{**values, "disciplines": frozenset(values["disciplines"])},
        postal_codes=codes,
        participating_from=session.now(),
    )
    agencies.list_agency(session, new)


def _choice_page(encounter_id: UUID, form: Form | None = None) -> Response:
    session = current.session()
    stay = session.get(Encounter, encounter_id)
    if stay is None:
        raise NotFound
    current.use_zone(_facility(encounter_id).time_zone)
    made = service.newest_list(session, encounter_id)
    coverages = [
        (str(row.id), f"{payer}, {row.plan_name}") for row, payer, _ in coverages_of(session, stay.patient_id)
    ]
    shown = service.presentations_of(session, made.id) if made else []
    return render(
        "choices/show.html",
        form=form or Form({"coverage_id": coverages[0][0]} if coverages else {}),
        stay=stay,
        made=made,
        lines=service.lines_of(session, made.id) if made else [],
        shown=[(row, _to_whom(row)) for row in shown],
        choice=service.choice_of(session, encounter_id),
        coverages=coverages,
        payer=_payer_name(made) if made else "",
        manners=MANNER_LABELS,
        outcomes=OUTCOME_LABELS,
        disciplines=DISCIPLINE_NAMES,
    )


def _to_whom(row: ChoicePresentation) -> str:
    found = service.representative_of(current.session(), row)
    return f"{found.name} ({found.relationship})" if found else "the patient"


def _facility(encounter_id: UUID) -> Facility:
    query = select(Facility).join(Encounter, Encounter.facility_id == Facility.id)
    return current.session().scalars(query.where(Encounter.id == encounter_id)).one()


def _payer_name(made: ChoiceList) -> str:
    if made.payer_organization_id is None:
        return ""
    return current.session().get_one(Organization, made.payer_organization_id).name
