"""Pages of credentials: the vendor's list with warnings, adding and renewing; the platform's decisions."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from sqlalchemy import select

from marketplace.foundation.errors import InvalidInput
from marketplace.identity.models import Organization
from marketplace.web import current
from marketplace.web.forms import form_for
from marketplace.web.pages import go, render
from marketplace.web.tables import csv_response, wants_csv
from vendors.credentials import service
from vendors.credentials.catalogue import CREDENTIAL_TYPES, REQUIREMENTS
from vendors.credentials.overview import Line, lines_of, subjects_of
from vendors.credentials.schemas import CredentialForm, ScreeningBody, VerificationBody
from vendors.credentials.words import ScreeningResult, SubjectKind

views = Blueprint("credentials", __name__, url_prefix="/portal/credentials", template_folder="../templates")

_GROUPS = {
    SubjectKind.VENDOR: "Of the company",
    SubjectKind.VEHICLE: "Of a vehicle",
    SubjectKind.CREW_MEMBER: "Of a person",
}
_RESULTS = ((ScreeningResult.CLEAR, "Nobody found"), (ScreeningResult.POTENTIAL_MATCH, "A possible match"))


@views.get("/")
def overview() -> Response:
    """Every subject's credentials: what is missing or ends soon on top."""
    current.actor().require("vendor_admin", "dispatcher", "org_admin")
    lines = lines_of(current.session())
    if wants_csv():
        return csv_response("credentials.csv", _CSV, (_csv_row(line) for line in lines))
    troubles = [line for line in lines if line.tone in {"bad", "warn"}]
    everything = request.args.get("show") == "all"
    shown = lines if everything else troubles
    return render(
        "vendors/credentials/overview.html",
        lines=lines,
        troubles=troubles,
        shown=shown,
        everything=everything,
        may_change=current.actor().has("vendor_admin"),
    )


@views.route("/new", methods=["GET", "POST"])
def new() -> Response:
    """Put a credential on file, or renew one (`?subject=...&type=...` fills it in)."""
    current.actor().require("vendor_admin")
    session = current.session()
    form = form_for(CredentialForm, initial=_initial())
    if form.ok:
        with form.refusals():
            service.add_credential(session, **_body(form.data))
        if form.ok:
            return go(url_for("credentials.overview"), "On file. It counts as soon as it is verified.")
    return render(
        "vendors/credentials/new.html",
        form=form,
        subject_options=[(subject.key, subject.name) for subject in subjects_of(current.session())],
        type_options=_types_by_subject(),
        results=[
            (ScreeningResult.CLEAR, "Nobody found"),
            (ScreeningResult.POTENTIAL_MATCH, "A possible match"),
        ],
    )


@views.get("/required")
def required() -> Response:
    """Which rule demands what of whom, with its source."""
    current.actor().require("vendor_admin", "dispatcher", "org_admin", "platform_admin", "planner")
    return render("vendors/credentials/required.html", rules=REQUIREMENTS, types=CREDENTIAL_TYPES)


@views.get("/review")
def review() -> Response:
    """What the platform's staff must verify or decide."""
    current.actor().require("platform_admin")
    session = current.session()
    waiting = service.awaiting_decision(session)
    vendor_ids = {row.vendor_organization_id for row in waiting}
    named = session.execute(select(Organization.id, Organization.name).where(Organization.id.in_(vendor_ids)))
    vendors = {row.id: row.name for row in named}
    return render("vendors/credentials/review.html", waiting=waiting, types=CREDENTIAL_TYPES, vendors=vendors)


@views.post("/<uuid:credential_id>/verify")
def verify(credential_id: UUID) -> Response:
    """The platform's staff checked it at its source."""
    current.actor().require("platform_admin")
    form = form_for(VerificationBody)
    if not form.ok:
        raise InvalidInput("source", "name where it was checked, such as the state licence register")
    service.verify_credential(current.session(), credential_id, form.data["source"])
    return go(url_for("credentials.review"), "Verified.")


@views.post("/<uuid:credential_id>/screening")
def screening(credential_id: UUID) -> Response:
    """The platform's staff decides a possible match."""
    current.actor().require("platform_admin")
    form = form_for(ScreeningBody)
    if not form.ok:
        raise InvalidInput("result", "choose false match or excluded")
    service.decide_screening(current.session(), credential_id, form.data["result"])
    return go(url_for("credentials.review"), "Decided.")


def _types_by_subject() -> dict[str, list[tuple[str, str]]]:
    groups = {
        SubjectKind.VENDOR: "Of the company",
        SubjectKind.VEHICLE: "Of a vehicle",
        SubjectKind.CREW_MEMBER: "Of a person",
    }
    return {
        label: [(kind.code, kind.name) for kind in CREDENTIAL_TYPES.values() if kind.subject_kind is subject]
        for subject, label in groups.items()
    }


def _initial() -> dict[str, Any]:
    today = datetime.combine(current.now().astimezone(current.zone()).date(), time(), current.zone())
    return {
        "subject": request.args.get("subject", ""),
        "credential_type": request.args.get("type", ""),
        "valid_from": today,
    }


def _body(data: dict[str, Any]) -> dict[str, Any]:
    kind, _, subject_id = data["subject"].partition(":")
    try:
        subject = {"subject_kind": SubjectKind(kind), "subject_id": UUID(subject_id)}
    except ValueError:
        raise InvalidInput("subject", "choose whose credential it is") from None
    return subject | {name: value for name, value in data.items() if name != "subject"}


_CSV = ("Whose", "Credential", "Ends", "Verified", "Stands at")


def _csv_row(line: Line) -> list[object]:
    return [line.subject, line.type_name, line.expires_at or "", line.is_verified, line.says]
