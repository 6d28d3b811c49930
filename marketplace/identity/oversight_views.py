"""What administrators watch: audit trail, failed work, outbox."""

from __future__ import annotations

from uuid import UUID

from flask import Response, url_for

from marketplace.foundation.audit import AuditEvent
from marketplace.identity import mail, oversight
from marketplace.identity.acting import ADMINISTRATORS
from marketplace.identity.admin_frame import tabs
from marketplace.identity.blueprints import admin
from marketplace.identity.schemas import AuditFilter
from marketplace.web import current
from marketplace.web.forms import filters_for
from marketplace.web.pages import go, render
from marketplace.web.tables import CSV_ROWS, Column, Table, csv_response, paginate, wants_csv

_COLUMNS = [
    Column("when", "When", sort=True),
    Column("who", "Who", sort=True),
    Column("action", "What", sort=True),
    Column("object", "Object"),
    Column("details", "Details"),
]
_HEADINGS = ["When (UTC)", "Who", "User", "What", "Object kind", "Object", "Patient", "Details"]


@admin.get("/audit", endpoint="audit_trail")
def audit_trail() -> Response:
    """Who did or saw what; filters in the address, CSV of all that the filter leaves."""
    current.actor().require(*oversight.AUDITORS)
    form = filters_for(AuditFilter)
    work = current.session()
    query = oversight.audit_trail(work, **({} if form.errors else form.data))
    if wants_csv():
        oversight.note_export(work, "audit")
        rows = work.scalars(query.order_by(AuditEvent.id.desc()).limit(CSV_ROWS))
        return csv_response("audit.csv", _HEADINGS, (_line(row) for row in rows))
    sorts = {"when": AuditEvent.happened_at, "who": AuditEvent.actor_name, "action": AuditEvent.action}
    page = paginate(work, query, sorts=sorts, key=AuditEvent.id, default="-when")
    table: Table[AuditEvent] = Table(
        _COLUMNS, page, caption="Audit trail", csv=True, empty=("Nothing fits", "Widen the filter.")
    )
    return render("identity/admin/audit.html", tabs=tabs(), table=table, filters=form)


@admin.get("/failed-work")
def failed_work() -> Response:
    """Work that failed five times: why, and another try."""
    jobs = oversight.failed_jobs(current.session())
    return render("identity/admin/failed_work.html", tabs=tabs(), jobs=jobs)


@admin.post("/failed-work/<uuid:job_id>/replay")
def replay(job_id: UUID) -> Response:
    """Try failed work again."""
    oversight.replay_job(current.session(), job_id)
    return go(url_for("admin.failed_work"), "It is being tried again.")


@admin.get("/outbox")
def outbox() -> Response:
    """The mails of this organization; links show only where no real person could be impersonated."""
    current.actor().require(*ADMINISTRATORS)
    work = current.session()
    settings = work.runtime.settings
    shown = [
        (found, "" if settings.is_production else mail.link_of(work, found)) for found in mail.mails(work)
    ]
    return render(
        "identity/admin/outbox.html", tabs=tabs(), mails=shown, has_server=bool(settings.text("SMTP_URL"))
    )


def _line(row: AuditEvent) -> list[object]:
    details = " ".join(f"{key}={value}" for key, value in sorted(row.details.items()))
    return [
        row.happened_at, row.actor_name, row.user_id, row.action, row.object_kind, row.object_id,
        row.patient_id, details,
    ]  # fmt: skip
