"""The patient's pages: record, stay, coverage, care plan with its bookings; and the search."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request, url_for

from marketplace.bookings import service as bookings
from marketplace.bookings.documents import cursor_from, cursor_text
from marketplace.bookings.page_parts import (
    ISOLATION_CHOICES,
    MOBILITY_CHOICES,
    facility_choices,
    payer_choices,
)
from marketplace.bookings.telling import tellings_of
from marketplace.careplans import service as careplans
from marketplace.foundation.errors import InvalidInput, NotFound
from marketplace.patients import coverage, encounters
from marketplace.patients import service as patients
from marketplace.patients.encounters import discharge_moves
from marketplace.patients.page_schemas import (
    AuthorizationForm,
    ChangeForm,
    CoverageForm,
    NewPatientForm,
)
from marketplace.patients.parsing import identity_from, needs_from, receiver_arguments
from marketplace.patients.schemas import DischargeMoveSchema
from marketplace.patients.words import DISCHARGE_REASON_LABELS, ServiceLine
from marketplace.web import current
from marketplace.web.forms import Form, form_for, parse
from marketplace.web.pages import go, render

views = Blueprint("patients", __name__, template_folder="../templates")
PLANNERS = ("planner",)


@views.get("/patients")
def index() -> Response:
    """Everybody in the hospital, soonest to leave first."""
    current.actor().require(*PLANNERS)
    after = cursor_from(request.args.get("after", ""))
    page = bookings.departures(current.session(), planned_only=False, after=after)
    return render("patients/index.html", page=page, next_cursor=cursor_text(page.next))


@views.route("/patients/new", methods=["GET", "POST"])
def new() -> Response:
    """Add a patient with their stay and needs."""
    current.actor().require(*PLANNERS)
    work = current.session()
    form = form_for(
        NewPatientForm, {"mobility_aid": "none", "isolation_precaution": "none", "stairs_count": 0}
    )
    if form.ok:
        with form.refusals():
            data = form.data
            made = patients.create_patient(
                work, identity_from(data), needs_from(data), **receiver_arguments(data)
            )
            stay = encounters.admit(
                work,
                made.id,
                data["facility_id"],
                unit=data["unit"],
                admitted_at=data["admitted_at"],
                expected_discharge_at=data["expected_discharge_at"],
            )
            careplans.open_plan(work, stay.id)
        if form.ok:
            return go(url_for("patients.show", patient_id=made.id), f"{made.reference} is added.")
    return render(
        "patients/new.html", form=form, facilities=facility_choices(current.session()), **_choices()
    )


@views.get("/patients/<uuid:patient_id>")
def show(patient_id: UUID) -> Response:
    """The patient's page."""
    current.actor().require(*PLANNERS)
    return _page(patient_id)


@views.get("/patients/<uuid:patient_id>/plan")
def plan(patient_id: UUID) -> Response:
    """The care plan alone, for a page that heard that it changed."""
    current.actor().require(*PLANNERS)
    return _page(patient_id, template="patients/plan.html")


@views.route("/patients/<uuid:patient_id>/change", methods=["GET", "POST"])
def change(patient_id: UUID) -> Response:
    """Correct the identity, the needs, the receiver."""
    current.actor().require(*PLANNERS)
    view = patients.patient_view(current.session(), patient_id)
    form = form_for(ChangeForm, _initial(view))
    if form.ok:
        with form.refusals():
            patients.update_identity(current.session(), patient_id, identity_from(form.data))
            arguments = receiver_arguments(form.data)
            patients.update_needs(current.session(), patient_id, needs_from(form.data), **arguments)
        if form.ok:
            return go(url_for("patients.show", patient_id=patient_id), "Saved.")
    if form.errors:
        view = patients.patient_view(current.session(), patient_id)  # the refused transaction is gone
    return render("patients/change.html", form=form, view=view, **_choices())


@views.post("/patients/<uuid:patient_id>/encounters/<uuid:encounter_id>/discharge-time")
def move_discharge(patient_id: UUID, encounter_id: UUID) -> Response:
    """Move the expected discharge time; the windows follow."""
    current.actor().require(*PLANNERS)
    form = parse(DischargeMoveSchema, request.form)
    if form.ok:
        with form.refusals():
            data = dict(form.data)
            moment = data.pop("expected_discharge_at")
            encounters.move_discharge(current.session(), encounter_id, moment, **data)
        if form.ok:
            said = "The discharge time is moved. Windows that hang on it follow."
            return go(url_for("patients.show", patient_id=patient_id), said)
    return _page(patient_id, move=form)


@views.route("/patients/<uuid:patient_id>/coverage", methods=["GET", "POST"])
def add_coverage(patient_id: UUID) -> Response:
    """Add a coverage."""
    current.actor().require(*PLANNERS)
    view = patients.patient_view(current.session(), patient_id)
    form = form_for(CoverageForm)
    if form.ok:
        with form.refusals():
            coverage.add_coverage(current.session(), patient_id, **form.data)
        if form.ok:
            return go(url_for("patients.show", patient_id=patient_id), "The coverage is added.")
    if form.errors:
        view = patients.patient_view(current.session(), patient_id)  # the refused transaction is gone
    payers = payer_choices(current.session())
    return render("patients/coverage.html", form=form, view=view, payers=payers)


@views.route("/patients/<uuid:patient_id>/coverage/<uuid:coverage_id>/authorization", methods=["GET", "POST"])
def add_authorization(patient_id: UUID, coverage_id: UUID) -> Response:
    """Add an authorization to a coverage."""
    from marketplace.patients.authorizations import add_authorization as add

    current.actor().require(*PLANNERS)
    view = patients.patient_view(current.session(), patient_id)
    form = form_for(AuthorizationForm, {"service_line": "ride"})
    if form.ok:
        with form.refusals():
            codes = form.data.pop("hcpcs_codes").replace(",", " ").split()
            add(current.session(), coverage_id, hcpcs_codes=codes, **form.data)
        if form.ok:
            return go(url_for("patients.show", patient_id=patient_id), "The authorization is added.")
    if form.errors:
        view = patients.patient_view(current.session(), patient_id)  # the refused transaction is gone
    lines = [(line.value, line.value.replace("_", " ").capitalize()) for line in ServiceLine]
    return render("patients/authorization.html", form=form, view=view, lines=lines)


@views.get("/search")
def search() -> Response:
    """Patients by name, phone, record number or reference; bookings by reference."""
    current.actor().require(*PLANNERS)
    text = request.args.get("q", "").strip()
    hits = patients.search(current.session(), text) if text else []
    found = _booking_by(text)
    if request.accept_mimetypes.best == "application/json":
        return jsonify(results=_palette(hits, found))
    if found is not None and not hits:
        return go(url_for("bookings.show", booking_id=found.id))
    return render("patients/search.html", text=text, hits=hits, booking=found)


def _page(patient_id: UUID, move: Form | None = None, template: str = "patients/show.html") -> Response:
    work = current.session()
    view = patients.patient_view(work, patient_id)
    stay = view.encounters[0] if view.encounters else None
    found = careplans.plan_view(work, stay.id) if stay else None
    if view.facility is not None:
        current.use_zone(view.facility.time_zone)
    made = bookings.bookings_of_encounter(work, stay.id) if stay else []
    move = move or Form({"expected_discharge_at": stay.expected_discharge_at} if stay else {})
    return render(
        template,
        view=view,
        stay=stay,
        facility=view.facility,
        plan=found,
        newest={booking.care_plan_task_id: booking for booking, _ in made},
        vendors={booking.vendor_organization_id: name for booking, name in made},
        tellings=tellings_of(work, [booking.id for booking, _ in made]),
        window_of=careplans.window_of,
        owners=found.owners if found else {},
        coverages=coverage.coverages_of(work, patient_id),
        moves=discharge_moves(work, stay.id) if stay and stay.revision > 1 else [],
        move_form=move,
        reasons=[(code.value, label) for code, label in DISCHARGE_REASON_LABELS.items()],
        reason_labels=DISCHARGE_REASON_LABELS,
        **_choices(),
    )


def _initial(view: patients.PatientView) -> dict[str, Any]:
    from dataclasses import asdict

    receiver = view.receiver
    return {
        **asdict(view.identity),
        **view.needs.to_json(),
        "receiver_name": receiver.name if receiver else "",
        "receiver_phone": receiver.phone if receiver else "",
        "receiver_relationship": receiver.relationship if receiver else "",
        "receiver_instructions": receiver.instructions if receiver else "",
        "receiver_from": view.receiver_from,
        "receiver_until": view.receiver_until,
    }


def _choices() -> dict[str, Any]:
    return {"mobility": MOBILITY_CHOICES, "isolation": ISOLATION_CHOICES}


def _booking_by(text: str) -> Any:
    if not text.upper().startswith("R-"):
        return None
    try:
        return bookings.booking_by_reference(current.session(), text)
    except (NotFound, InvalidInput):
        return None


def _palette(hits: list[patients.PatientHit], found: Any) -> list[dict[str, str]]:
    results = [
        {
            "label": f"{hit.identity.listed_name} · {hit.reference}",
            "group": "Patients",
            "url": url_for("patients.show", patient_id=hit.patient_id),
        }
        for hit in hits
    ]
    if found is not None:
        address = url_for("bookings.show", booking_id=found.id)
        results.append({"label": found.reference, "group": "Bookings", "url": address})
    return results
