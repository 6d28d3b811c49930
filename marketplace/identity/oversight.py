"""What administrators watch: the audit trail, failed work and the outbox of their organization."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, select

from marketplace.foundation import audit, jobs
from marketplace.foundation.audit import AuditEvent
from marketplace.foundation.errors import NotFound
from marketplace.foundation.jobs import Job, JobKind, JobState, Schedule
from marketplace.foundation.work import WorkSession
from marketplace.identity.acting import ADMINISTRATORS
from marketplace.identity.client_models import ApiToken
from marketplace.identity.door_models import OneTimeToken, SignInSession, SignInThrottle

AUDITORS = (*ADMINISTRATORS, "privacy_officer")
"""Who reads the audit trail of their organization."""


def audit_trail(
    session: WorkSession,
    *,
    who: str = "",
    action: str = "",
    object_id: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Select[Any]:
    """A query for the acting organization's audit rows; the filters narrow it, nothing widens it."""
    session.actor.require(*AUDITORS)
    chosen = select(AuditEvent).where(AuditEvent.organization_id == session.actor.organization())
    if who:
        chosen = chosen.where(func.lower(AuditEvent.actor_name).contains(who.lower(), autoescape=True))
    if action:
        chosen = chosen.where(AuditEvent.action.startswith(action, autoescape=True))
    if object_id is not None:
        chosen = chosen.where((AuditEvent.object_id == object_id) | (AuditEvent.patient_id == object_id))
    if since is not None:
        chosen = chosen.where(AuditEvent.happened_at >= since)
    if until is not None:
        chosen = chosen.where(AuditEvent.happened_at < until)
    return chosen


def note_export(session: WorkSession, what: str) -> None:
    """Downloading a trail is itself in the trail."""
    audit.record(session, f"{what}:export", what, None)


def failed_jobs(session: WorkSession, limit: int = 100) -> Sequence[Job]:
    """Work of the acting organization that failed too often, newest first.

    The platform's administrators see the installation's own work (schedules) instead.
    """
    session.actor.require(*ADMINISTRATORS)
    with _whose_jobs(session):
        chosen = select(Job).where(Job.state == JobState.DEAD)
        return session.scalars(chosen.order_by(Job.created_at.desc()).limit(limit)).all()


def replay_job(session: WorkSession, job_id: UUID) -> None:
    """Give failed work five fresh tries; foreign and missing jobs are not found."""
    session.actor.require(*ADMINISTRATORS)
    with _whose_jobs(session):
        if session.scalar(select(Job.id).where(Job.id == job_id)) is None:
            raise NotFound
        jobs.replay(session, job_id)
    audit.record(session, "jobs:replay", "jobs", job_id)


@contextmanager
def _whose_jobs(session: WorkSession) -> Iterator[None]:
    before = session.actor
    if not before.has("platform_admin") or before.has("org_admin"):
        yield
        return
    session.act_as(replace(before, organization_id=None))
    yield
    session.flush()
    session.act_as(before)


def sweep(session: WorkSession, arguments: dict[str, Any]) -> dict[str, Any]:
    """The job: forget what has long expired at the door. Runs as janitor, over all organizations."""
    now = session.machine_now()
    month, day = now - timedelta(days=30), now - timedelta(days=1)
    chosen = {
        "sessions": delete(SignInSession).where(SignInSession.expires_at < month),
        "links": delete(OneTimeToken).where(OneTimeToken.expires_at < month),
        "tokens": delete(ApiToken).where(ApiToken.expires_at < month),
        "throttles": delete(SignInThrottle).where(SignInThrottle.changed_at < day),
    }
    return {
        name: session.execute(question).rowcount  # type: ignore[attr-defined]
        for name, question in chosen.items()
    }


SWEEPING = JobKind("identity.sweep", sweep, role="janitor")
HOURLY = Schedule("identity.sweep", SWEEPING.name, timedelta(hours=1))
