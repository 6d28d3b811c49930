"""Reminders 60, 30 and 7 days before a credential expires: one row each, one content-free mail a vendor."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from marketplace.foundation.jobs import JobKind, Schedule, enqueue
from marketplace.foundation.work import WorkSession
from marketplace.identity.mail import send_mail
from vendors.credentials.models import Credential, CredentialReminder
from vendors.credentials.rules import REMINDER_DAYS, due_reminders
from vendors.network.models import VendorProfile


def remind(session: WorkSession, _arguments: dict[str, Any]) -> dict[str, Any]:
    """Write the reminders due at this business moment, and have each vendor concerned told once."""
    horizon = session.now() + timedelta(days=REMINDER_DAYS[0])
    expiring = session.scalars(
        select(Credential).where(Credential.expires_at > session.now(), Credential.expires_at <= horizon)
    ).all()
    sent = defaultdict(set)
    for row in session.scalars(
        select(CredentialReminder).where(
            CredentialReminder.credential_id.in_([credential.id for credential in expiring])
        )
    ):
        sent[row.credential_id].add(row.days_before)
    told: set[UUID] = set()
    for credential in expiring:
        if credential.expires_at is None:
            continue
        for days in due_reminders(
            credential.valid_from, credential.expires_at, session.now(), sent[credential.id]
        ):
            session.add(
                CredentialReminder(
                    credential_id=credential.id,
                    vendor_organization_id=credential.vendor_organization_id,
                    days_before=days,
                    sent_at=session.now(),
                )
            )
            told.add(credential.vendor_organization_id)
    for vendor_id in sorted(told):
        enqueue(session, "credentials.tell", organization_id=vendor_id)
    return {"vendors": len(told)}


def tell(session: WorkSession, _arguments: dict[str, Any]) -> None:
    """Mail the acting vendor's office that credentials expire soon; which ones, it sees after signing in."""
    profile = session.get(VendorProfile, session.actor.organization())
    if profile is None:
        return
    send_mail(
        session,
        profile.offer_email,
        "Credentials need renewing",
        "Some of your credentials expire soon. Sign in to see which ones.",
        f"{session.runtime.settings.base_url}/portal/credentials",
    )


JOB_KINDS = (
    JobKind("credentials.remind", remind, role="janitor"),
    JobKind("credentials.tell", tell),
)
SCHEDULES = (Schedule("credentials.remind", "credentials.remind", timedelta(minutes=10)),)
