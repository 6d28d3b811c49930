"""The page on which a whole discharge is booked: kept as it changes, proposed live, confirmed once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from marketplace.bookings.page_parts import LEVEL_CHOICES, paying_choices_among
from marketplace.careplans.conditions import TEMPLATES
from marketplace.careplans.equipment import CATALOG, COMPANIONS
from marketplace.careplans.templating import apply_template
from marketplace.careplans.ways_back import add_way_back
from marketplace.careplans.words import ServiceKind
from marketplace.desk.discharge import drafts
from marketplace.desk.discharge.choosing import Choosing
from marketplace.desk.discharge.confirming import confirm
from marketplace.desk.discharge.models import DischargeProposal
from marketplace.desk.discharge.outlook import outlook
from marketplace.desk.discharge.parts import CHANGEABLE, Part
from marketplace.desk.discharge.proposing import ask, proposal_of
from marketplace.desk.discharge.record import DischargeRecord, discharge_record
from marketplace.desk.discharge.schemas import (
    DischargeConfirmSchema,
    DischargeDraftSchema,
    DischargeTemplateSchema,
    ticks,
)
from marketplace.desk.discharge.showing import panel
from marketplace.foundation.clock import machine_now
from marketplace.foundation.errors import NotFound
from marketplace.web import current
from marketplace.web.forms import Form, parse
from marketplace.web.pages import go, is_partial, render

views = Blueprint("discharge", __name__, url_prefix="/desk/discharges", template_folder="../../templates")
PLANNERS = ("planner",)
_TICKED = ("wanted", "moves", "flexible")
"""Boxes: a form that does not send them means no."""
_WRITTEN = ("note", "address_line", "city", "state", "postal_code")
"""Texts: a form that leaves them blank means nothing."""


@views.get("/<uuid:encounter_id>")
def show(encounter_id: UUID) -> Response:
    """Everything that is still to be booked for a stay, filled in from its record."""
    current.actor().require(*PLANNERS)
    return _page(encounter_id)


@views.post("/<uuid:encounter_id>/draft")
def keep(encounter_id: UUID) -> Response:
    """Keep what was changed and show what would happen; asked at every change."""
    current.actor().require(*PLANNERS)
    record = _record(encounter_id)
    form = parse(DischargeDraftSchema, request.form)
    _require_windows(form)
    if form.ok:
        with form.refusals():
            proposal = _keep(record, _given(form), ticks(form.data))
        if form.ok:
            page = url_for("discharge.show", encounter_id=encounter_id)
            return _panel(proposal) if is_partial() else go(page, "The draft is kept.")
    if is_partial():
        return render("desk/discharge_stopped.html", problems=list(form.errors.values()))
    return _page(encounter_id, form)


@views.get("/<uuid:encounter_id>/outlook")
def look(encounter_id: UUID) -> Response:
    """The panel alone, for a page that heard that the proposal is there."""
    current.actor().require(*PLANNERS)
    record = _record(encounter_id)
    proposal = proposal_of(current.session(), drafts.open_draft(current.session(), record))
    if proposal is None:
        raise NotFound
    return _panel(proposal)


@views.post("/<uuid:encounter_id>/template")
def template(encounter_id: UUID) -> Response:
    """Add the usual tasks of a condition to the care plan."""
    current.actor().require(*PLANNERS)
    _record(encounter_id)
    form = parse(DischargeTemplateSchema, request.form)
    page = url_for("discharge.show", encounter_id=encounter_id)
    if not form.ok:
        return go(page, "Choose one of the templates.", "warn")
    condition = form.data["condition"]
    added = apply_template(current.session(), encounter_id, condition, current.actor().user_id)
    name = TEMPLATES[condition].name
    said = f"{name}: {len(added)} tasks added to the care plan." if added else f"{name}: everything is there."
    return go(page, said)


@views.post("/<uuid:encounter_id>/way-back/<uuid:task_id>")
def way_back(encounter_id: UUID, task_id: UUID) -> Response:
    """Add the way back of a ride to an appointment."""
    current.actor().require(*PLANNERS)
    if task_id not in {task.id for task in _record(encounter_id).tasks}:
        raise NotFound
    add_way_back(current.session(), task_id)
    return go(url_for("discharge.show", encounter_id=encounter_id), "The way back is added.")


@views.post("/<uuid:encounter_id>/discard")
def discard(encounter_id: UUID) -> Response:
    """Go back to what the record says."""
    current.actor().require(*PLANNERS)
    drafts.discard(current.session(), _record(encounter_id))
    return go(url_for("discharge.show", encounter_id=encounter_id), "The draft is discarded.")


@views.post("/<uuid:encounter_id>/confirm")
def confirm_all(encounter_id: UUID) -> Response:
    """Book and offer everything that is ticked, at once."""
    current.actor().require(*PLANNERS)
    record = _record(encounter_id)
    form = parse(DischargeConfirmSchema, request.form)
    _require_windows(form)
    if form.ok:
        with form.refusals():
            done = confirm(
                current.session(),
                record,
                _given(form),
                choice=ticks(form.data),
                proposal_number=form.data["proposal"],
            )
        if form.ok:
            booked, asked = len(done.bookings), len({one.vendor_organization_id for one in done.offers})
            said = f"{_count(booked, 'booking')} made, {_count(asked, 'vendor')} asked."
            return go(url_for("patients.show", patient_id=record.patient.id), said)
    return _page(encounter_id, form)


def _record(encounter_id: UUID) -> DischargeRecord:
    record = discharge_record(current.session(), encounter_id)
    current.use_zone(record.facility.time_zone)
    return record


def _keep(
    record: DischargeRecord, given: list[dict[str, Any]], choice: dict[str, Any] | None
) -> DischargeProposal:
    session = current.session()
    draft, parts = drafts.save(session, record, given, choice)
    return ask(
        session, record, draft, outlook(session, record, parts, drafts.choice_in(session, record, draft))
    )


def _require_windows(form: Form) -> None:
    """On the page a window that was emptied is a mistake, not what the record says."""
    for position, part in enumerate(form.data.get("parts", ())):
        for name in ("start", "end"):
            if part[name] is None:
                form.refuse(f"parts.{position}.{name}", "Fill this in.")


def _given(form: Form) -> list[dict[str, Any]]:
    """The parts of a form, in which an unticked box and a blank text say something too."""
    parts: list[dict[str, Any]] = form.data["parts"]
    return [
        part
        | {name: bool(part[name]) for name in _TICKED}
        | {name: part[name] or "" for name in _WRITTEN}
        | {"extras": part["extras"] or []}
        for part in parts
    ]


def _panel(proposal: DischargeProposal) -> Response:
    return render("desk/discharge_panel.html", panel=panel(proposal, machine_now()))


def _page(encounter_id: UUID, form: Form | None = None) -> Response:
    record = _record(encounter_id)
    session = current.session()
    draft = drafts.open_draft(session, record)
    parts = drafts.parts_of(session, record, draft)
    proposal = proposal_of(session, draft)
    choice = drafts.choice_in(session, record, draft)
    return render(
        "desk/discharge.html",
        form=form or Form(_values(parts, choice)),
        choice=choice,
        visit=next((part.task_id for part in parts if part.kind is ServiceKind.HOME_HEALTH), None),
        record=record,
        parts=parts,
        draft=draft,
        changed=bool(draft and draft.sealed),
        panel=panel(proposal, machine_now()) if proposal else None,
        payers={part.line: paying_choices_among(record.coverages, part.line) for part in parts},
        vendors=_vendors(proposal),
        levels=LEVEL_CHOICES,
        extras={part.task_id: _extras(part) for part in parts},
        templates=list(TEMPLATES.values()),
        returned={task.way_back_of_task_id for task in record.tasks},
        booked=[(task, record.bookings[task.id]) for task in record.tasks if task.id in record.bookings],
    )


def _values(parts: list[Part], choice: Choosing | None) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if choice is not None:
        values = {"list_shown": choice.shown or None, "chosen": choice.chosen}
    for position, part in enumerate(parts):
        for name in CHANGEABLE:
            values[f"parts.{position}.{name}"] = getattr(part, name)
        for number, (code, _) in enumerate(_extras(part)):
            values[f"parts.{position}.extras.{number}"] = code if code in part.extras else None
    return values


def _extras(part: Part) -> list[tuple[str, str]]:
    """What usually goes with the item."""
    codes = COMPANIONS.get(part.equipment_code or "", ())
    return [(code, f"{CATALOG[code].name} ({code})") for code in codes]


def _vendors(proposal: DischargeProposal | None) -> dict[str, list[tuple[str, str]]]:
    """Who may be asked for each part, by its task id, as last seen."""
    if proposal is None:
        return {}
    return {
        one["task_id"]: [
            (vendor["id"], f"{vendor['name']}, ${vendor['cents'] / 100:,.2f}")
            for vendor in one["vendors"]
            if not vendor["why_not"] and vendor["cents"] is not None
        ]
        for one in proposal.outlook
    }


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
