"""The outbox of mails: content-free messages with a link, sent by SMTP or kept for the outbox page.

A mail names no patient and no work; whoever follows its link signs in first. The row is written in
the transaction that gave cause for it, so that nothing is announced that did not happen.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, select
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.foundation.clock import machine_now
from marketplace.foundation.db import Base, Identified, Words, owned_by, protect
from marketplace.foundation.ids import new_id
from marketplace.foundation.jobs import JobKind, enqueue
from marketplace.foundation.settings import Settings, UnsafeSettings
from marketplace.foundation.work import WorkSession
from marketplace.identity.acting import on_behalf
from marketplace.identity.words import MailState

_PLACE = "mails.link"
_TIMEOUT_SECONDS = 15


class Mail(Identified, Base):
    """One mail to one person of the staff; the link is encrypted and forgotten once it has been sent."""

    __tablename__ = "mails"
    __table_args__ = (Index(None, "organization_id", "id"),)

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    """Whose outbox page shows it: the organization of the recipient."""
    to_address: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    link_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[MailState] = mapped_column(Words(MailState), default=MailState.QUEUED)
    created_at: Mapped[datetime]
    """Business time."""
    sent_at: Mapped[datetime | None]
    """Machine time."""


_WRITE = "SELECT, INSERT"
protect(Mail, owned_by("organization_id"), grants={"planner": _WRITE, "janitor": _WRITE})


def send_mail(
    session: WorkSession,
    to_address: str,
    subject: str,
    text: str,
    link: str,
    *,
    organization_id: UUID | None = None,
    secret: str = "",
) -> Mail:
    """Put a mail into an organization's outbox and enqueue its sending; `link` is a full URL.

    `secret` is a line that stands below the link and, like it, is sealed and forgotten once it is sent.
    The outbox is the acting organization's, or the recipient's when `organization_id` names it. With no
    HOMEWARD_SMTP_URL the mail stays in the outbox page, marked as kept.
    """
    owner = organization_id or session.actor.organization()
    if owner == session.actor.organization_id:
        return _put(session, owner, to_address, subject, text, f"{link}\n{secret}")
    with on_behalf(session, owner):
        return _put(session, owner, to_address, subject, text, f"{link}\n{secret}")


def mails(session: WorkSession, limit: int = 100) -> Sequence[Mail]:
    """The acting organization's outbox, newest first."""
    session.actor.organization()
    return session.scalars(select(Mail).order_by(Mail.id.desc()).limit(limit)).all()


def _put(
    session: WorkSession, organization_id: UUID, to_address: str, subject: str, text: str, link: str
) -> Mail:
    mail = Mail(
        id=new_id(),
        organization_id=organization_id,
        to_address=to_address,
        subject=subject,
        text=text,
        created_at=session.now(),
    )
    mail.link_sealed = session.runtime.vault.seal(session, organization_id, _PLACE, mail.id, link)
    if not session.runtime.settings.text("SMTP_URL"):
        mail.state = MailState.KEPT
    session.add(mail)
    session.flush()
    if mail.state is MailState.QUEUED:
        enqueue(session, SENDING.name, {"mail": str(mail.id)}, dedupe_key=f"mail:{mail.id}")
    return mail


def link_of(session: WorkSession, mail: Mail) -> str:
    """The link of a mail that has not been sent; empty afterwards."""
    return _sealed_part(session, mail).partition("\n")[0]


def secret_of(session: WorkSession, mail: Mail) -> str:
    """The secret line of a mail that has not been sent; empty when there is none, and afterwards."""
    return _sealed_part(session, mail).partition("\n")[2]


def _sealed_part(session: WorkSession, mail: Mail) -> str:
    if mail.link_sealed is None:
        return ""
    return session.runtime.vault.open(session, mail.organization_id, _PLACE, mail.id, mail.link_sealed)


def deliver_mail(session: WorkSession, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """The job: send one queued mail by SMTP; an error of the mail server leaves it queued for another try."""
    chosen = select(Mail).where(Mail.id == UUID(arguments["mail"])).with_for_update()
    mail = session.scalars(chosen).one_or_none()
    if mail is None or mail.state is not MailState.QUEUED:
        return None
    below = _sealed_part(session, mail)
    hand_over(session.runtime.settings, _message(session.runtime.settings, mail, below.strip()))
    mail.state, mail.sent_at, mail.link_sealed = MailState.SENT, machine_now(), None
    return None


SENDING = JobKind("identity.send_mail", deliver_mail)


def hand_over(settings: Settings, message: EmailMessage) -> None:
    """Give the message to the server of HOMEWARD_SMTP_URL (`smtp://user:pass@host:port`, or `smtps://`).

    Uses STARTTLS whenever the server offers it, and never sends a password without encryption.
    """
    server = urlsplit(settings.text("SMTP_URL"))
    if server.scheme not in {"smtp", "smtps"} or not server.hostname:
        raise UnsafeSettings("HOMEWARD_SMTP_URL must look like smtp://user:pass@host:587.")
    with _connection(server.scheme, server.hostname, server.port) as connection:
        secured = server.scheme == "smtps"
        if not secured and connection.has_extn("starttls"):
            connection.starttls(context=ssl.create_default_context())
            connection.ehlo()
            secured = True
        if server.username:
            if not secured:
                raise UnsafeSettings("The mail server offers no encryption: no password is sent to it.")
            connection.login(unquote(server.username), unquote(server.password or ""))
        connection.send_message(message)


def _connection(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
    if scheme == "smtps":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, port or 465, timeout=_TIMEOUT_SECONDS, context=context)
    connection = smtplib.SMTP(host, port or 587, timeout=_TIMEOUT_SECONDS)
    connection.ehlo()
    return connection


def _message(settings: Settings, mail: Mail, below: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = settings.text("MAIL_FROM", "Homeward <no-reply@localhost>")
    message["To"] = mail.to_address
    message["Subject"] = mail.subject
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(f"{mail.text}\n\n{below}\n")
    return message
