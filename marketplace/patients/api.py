"""JSON routes of the patients room: records, stays, coverage, authorizations."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from marketplace.patients import authorizations, coverage, encounters, service
from marketplace.patients.coverage_models import Authorization
from marketplace.patients.models import Encounter
from marketplace.patients.parsing import identity_from, needs_from, receiver_arguments
from marketplace.patients.schemas import (
    AdmissionSchema,
    AuthorizationSchema,
    AuthorizationView,
    CoverageSchema,
    CoverageView,
    DischargeMoveSchema,
    EncounterView,
    IdentitySchema,
    NeedsSchema,
    PatientHitView,
    PatientQuery,
    PatientSchema,
    PatientView,
)
from marketplace.web import current
from marketplace.web.api import Api

api = Api("patients", __name__)
PLANNERS = {"planner"}


@api.get(
    "/patients",
    summary="Search patients",
    roles=PLANNERS,
    query=PatientQuery,
    response=PatientHitView,
    many=True,
)
def find_patients(query: dict[str, Any]) -> list[service.PatientHit]:
    """At most 20, by name."""
    return service.search(current.session(), query["q"])


@api.post("/patients", summary="Add a patient", roles=PLANNERS, body=PatientSchema, response=PatientView)
def create_patient(body: dict[str, Any]) -> dict[str, Any]:
    """A new record."""
    work = current.session()
    made = service.create_patient(work, identity_from(body), needs_from(body), **receiver_arguments(body))
    return _record(made.id)


@api.get("/patients/<uuid:patient_id>", summary="One patient's record", roles=PLANNERS, response=PatientView)
def show_patient(patient_id: UUID) -> dict[str, Any]:
    """The whole record; the look is audited."""
    return _record(patient_id)


@api.put(
    "/patients/<uuid:patient_id>/identity",
    summary="Replace a patient's identity",
    roles=PLANNERS,
    body=IdentitySchema,
    response=PatientView,
)
def change_identity(patient_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Names, record number, address, phone."""
    service.update_identity(current.session(), patient_id, identity_from(body))
    return _record(patient_id)


@api.put(
    "/patients/<uuid:patient_id>/needs",
    summary="Replace a patient's handling needs and receiver",
    roles=PLANNERS,
    body=NeedsSchema,
    response=PatientView,
)
def change_needs(patient_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Bookings that are there keep the needs they were made with."""
    service.update_needs(current.session(), patient_id, needs_from(body), **receiver_arguments(body))
    return _record(patient_id)


@api.post(
    "/patients/<uuid:patient_id>/encounters",
    summary="Admit a patient",
    roles=PLANNERS,
    body=AdmissionSchema,
    response=EncounterView,
)
def admit(patient_id: UUID, body: dict[str, Any]) -> Encounter:
    """A stay in one of the health system's facilities."""
    return encounters.admit(current.session(), patient_id, **body)


@api.get(
    "/encounters/<uuid:encounter_id>", summary="One hospital stay", roles=PLANNERS, response=EncounterView
)
def show_encounter(encounter_id: UUID) -> Encounter:
    """The stay with its expected discharge time."""
    return encounters.encounter(current.session(), encounter_id)


@api.post(
    "/encounters/<uuid:encounter_id>/discharge-time",
    summary="Move the expected discharge time",
    roles=PLANNERS,
    body=DischargeMoveSchema,
    response=EncounterView,
    status=200,
)
def move_discharge(encounter_id: UUID, body: dict[str, Any]) -> Encounter:
    """Windows that hang on the discharge follow."""
    moment = body.pop("expected_discharge_at")
    return encounters.move_discharge(current.session(), encounter_id, moment, **body)


@api.post(
    "/encounters/<uuid:encounter_id>/discharge",
    summary="The patient has left the hospital",
    roles=PLANNERS,
    response=EncounterView,
    status=200,
)
def discharge(encounter_id: UUID) -> Encounter:
    """Now, in business time."""
    return encounters.discharge(current.session(), encounter_id)


@api.get(
    "/patients/<uuid:patient_id>/coverages",
    summary="A patient's coverages and authorizations",
    roles=PLANNERS,
    response=CoverageView,
    many=True,
)
def list_coverages(patient_id: UUID) -> list[dict[str, Any]]:
    """Newest first."""
    service.patient(current.session(), patient_id)
    return _coverages(patient_id)


@api.post(
    "/patients/<uuid:patient_id>/coverages",
    summary="Add a coverage",
    roles=PLANNERS,
    body=CoverageSchema,
    response=CoverageView,
)
def add_coverage(patient_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """The member id is sealed at once and not given back."""
    made = coverage.add_coverage(current.session(), patient_id, **body)
    return next(found for found in _coverages(patient_id) if found["id"] == made.id)


@api.post(
    "/coverages/<uuid:coverage_id>/authorizations",
    summary="Add an authorization",
    roles={*PLANNERS, "reviewer"},
    body=AuthorizationSchema,
    response=AuthorizationView,
)
def add_authorization(coverage_id: UUID, body: dict[str, Any]) -> Authorization:
    """The payer's permission with its units."""
    return authorizations.add_authorization(current.session(), coverage_id, **body)


def _record(patient_id: UUID) -> dict[str, Any]:
    view = service.patient_view(current.session(), patient_id)
    return {
        "patient": view.patient,
        "identity": view.identity,
        "needs": view.needs,
        "receiver": asdict(view.receiver) if view.receiver else None,
        "receiver_from": view.receiver_from,
        "receiver_until": view.receiver_until,
        "encounters": view.encounters,
    }


def _coverages(patient_id: UUID) -> list[dict[str, Any]]:
    columns = ("id", "payer_organization_id", "plan_name", "effective_from", "effective_to")
    return [
        {name: getattr(row, name) for name in columns} | {"payer_name": payer, "authorizations": found}
        for row, payer, found in coverage.coverages_of(current.session(), patient_id)
    ]
