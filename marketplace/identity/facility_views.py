"""Administration of an organization itself: its name, its facilities and their units."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, url_for

from marketplace.foundation.errors import NotFound
from marketplace.identity import organizations
from marketplace.identity.acting import ADMINISTRATORS
from marketplace.identity.admin_frame import own_organization, tabs, zone_choices
from marketplace.identity.blueprints import admin
from marketplace.identity.schemas import FacilityForm, OrganizationChangeForm
from marketplace.web import current
from marketplace.web.forms import form_for
from marketplace.web.pages import go, render


@admin.route("/facilities", methods=["GET", "POST"])
def facilities() -> Response:
    """The organization and where it works; the form changes the organization."""
    current.actor().require(*ADMINISTRATORS)
    mine = own_organization()
    initial = {"name": mine.name, "npi": mine.npi, "time_zone": mine.time_zone, "revision": mine.revision}
    form = form_for(OrganizationChangeForm, initial)
    if form.ok:
        with form.refusals():
            organizations.update_organization(current.session(), mine.id, **form.data)
        if form.ok:
            return go(url_for("admin.facilities"), "Saved.")
    work = current.session()
    return render(
        "identity/admin/facilities.html",
        tabs=tabs(),
        form=form,
        organization=mine,
        facilities=organizations.facilities(work, mine.id),
        units=organizations.units_by_facility(work, mine.id),
        zones=zone_choices(),
    )


@admin.route("/facilities/new", methods=["GET", "POST"])
def new_facility() -> Response:
    """Add a facility."""
    current.actor().require(*ADMINISTRATORS)
    form = form_for(FacilityForm, {"time_zone": own_organization().time_zone})
    if form.ok:
        with form.refusals():
            organizations.add_facility(current.session(), unit_names=_lines(form.data), **_place(form.data))
        if form.ok:
            return go(url_for("admin.facilities"), "The facility is added.")
    return render("identity/admin/facility.html", form=form, facility=None, zones=zone_choices())


@admin.route("/facilities/<uuid:facility_id>", methods=["GET", "POST"])
def facility(facility_id: UUID) -> Response:
    """Change a facility and its units."""
    current.actor().require(*ADMINISTRATORS)
    work = current.session()
    found = organizations.facility(work, facility_id)
    if found.organization_id != current.actor().organization_id:
        raise NotFound
    names = "\n".join(unit.name for unit in organizations.units(work, facility_id))
    form = form_for(FacilityForm, {**_columns(found), "units": names})
    if form.ok:
        with form.refusals():
            place = _place(form.data)
            organizations.update_facility(work, facility_id, **place, revision=form.data["revision"])
            organizations.set_units(work, facility_id, _lines(form.data))
        if form.ok:
            return go(url_for("admin.facilities"), "Saved.")
    return render("identity/admin/facility.html", form=form, facility=found, zones=zone_choices())


def _columns(found: Any) -> dict[str, Any]:
    names = ("name", "address", "postal_code", "latitude", "longitude", "time_zone", "revision")
    return {name: getattr(found, name) for name in names}


def _place(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in {"units", "revision"}}


def _lines(data: dict[str, Any]) -> list[str]:
    return [line.strip() for line in data["units"].splitlines() if line.strip()]
