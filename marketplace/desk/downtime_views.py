"""The downtime sheet as a page to print and as a file to keep, and the command that writes it ahead."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click
from flask import Response, make_response, request
from marshmallow import ValidationError

from marketplace.config import open_runtime
from marketplace.desk.downtime import as_file, sheet_of, write_sheets
from marketplace.desk.views import views
from marketplace.foundation.access import system_actor
from marketplace.foundation.errors import InvalidInput
from marketplace.foundation.work import unit_of_work
from marketplace.identity.organizations import organizations
from marketplace.identity.words import OrganizationKind
from marketplace.web import current
from marketplace.web.fields import Day
from marketplace.web.pages import render


@views.get("/downtime", endpoint="downtime")
def downtime() -> Response:
    """The day's bookings on paper; `file=1` gives one HTML file that opens without the system."""
    current.actor().require("planner")
    sheet = sheet_of(current.session(), _day(), current.zone())
    if request.args.get("file") == "1":
        response = make_response(as_file(sheet))
        response.headers["Content-Disposition"] = f'attachment; filename="downtime-{sheet.day}.html"'
        return response
    return render("desk/downtime.html", sheet=sheet, large=request.args.get("large") == "1")


@click.command("downtime")
@click.option("--folder", required=True, type=click.Path(file_okay=False, path_type=Path))
def downtime_command(folder: Path) -> None:
    """Write every health system's sheets of today and tomorrow into a folder; they hold names."""
    with open_runtime() as runtime:
        with unit_of_work(runtime, system_actor(), "verifier") as session:
            found = [one.id for one in organizations(session, OrganizationKind.HEALTH_SYSTEM)]
        for organization_id in found:
            with unit_of_work(runtime, system_actor(organization_id)) as session:
                for path in write_sheets(session, folder):
                    click.echo(str(path))


def _day() -> date:
    given = request.args.get("day")
    if not given:
        return current.now().astimezone(current.zone()).date()
    try:
        return Day().deserialize(given)
    except ValidationError:
        raise InvalidInput("day", "write a day like 2026-03-02") from None
