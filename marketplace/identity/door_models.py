"""What opens the door and what went through it: secrets, sessions, single-use links, throttles.

Everything a person or system shows is random and long, and only its SHA-256 is kept here. A shown
value begins with the organization it belongs to, so that it is looked up under that organization's
row security; the claim is worth nothing unless the digest is found there.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.foundation.clock import machine_now
from marketplace.foundation.db import EVERYBODY, Base, Identified, Words, owned_by, protect
from marketplace.identity.words import SessionStage, TokenPurpose


class UserSecret(Base):
    """How one user proves who they are. All moments are machine time."""

    __tablename__ = "user_secrets"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    password_hash: Mapped[str]
    """argon2id with its parameters; empty means that no password opens."""
    password_set_at: Mapped[datetime] = mapped_column(default=machine_now)
    totp_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The authenticator's secret, encrypted for this row."""
    totp_confirmed_at: Mapped[datetime | None]
    """When the first code proved that the app has the secret; before that it does not count."""
    totp_last_step: Mapped[int] = mapped_column(default=0)
    """The latest 30-second step whose code was used: no code opens twice."""


class RecoveryCode(Base):
    """One of the codes that stand in for a lost authenticator, once."""

    __tablename__ = "recovery_codes"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    token: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    """Keyed digest of the code."""
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    used_at: Mapped[datetime | None]


class SignInName(Base):
    """Leads from a keyed digest of a mail address to the organization whose rows hold the user."""

    __tablename__ = "sign_in_names"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), unique=True)


class SignInSession(Identified, Base):
    """One browser that came through the door. All moments are machine time."""

    __tablename__ = "sign_in_sessions"
    __table_args__ = (
        UniqueConstraint("digest"),
        Index("ix_sign_in_sessions_live", "user_id", postgresql_where="ended_at IS NULL"),
        Index(None, "expires_at"),
    )

    digest: Mapped[bytes] = mapped_column(LargeBinary)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    stage: Mapped[SessionStage] = mapped_column(Words(SessionStage))
    device: Mapped[str]
    """Browser and system in a few words, so that the user recognises it."""
    address: Mapped[str]
    """Network address at sign-in."""
    created_at: Mapped[datetime] = mapped_column(default=machine_now)
    seen_at: Mapped[datetime] = mapped_column(default=machine_now)
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(default="")


class OneTimeToken(Identified, Base):
    """A mailed link that works once and not for long."""

    __tablename__ = "one_time_tokens"
    __table_args__ = (UniqueConstraint("digest"), Index(None, "user_id"), Index(None, "expires_at"))

    digest: Mapped[bytes] = mapped_column(LargeBinary)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    purpose: Mapped[TokenPurpose] = mapped_column(Words(TokenPurpose))
    created_at: Mapped[datetime] = mapped_column(default=machine_now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInThrottle(Base):
    """Failures of late for one account, network address or second factor (keyed digest of which)."""

    __tablename__ = "sign_in_throttles"
    __table_args__ = (CheckConstraint("failures >= 0", name="counted"), Index(None, "changed_at"))

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    changed_at: Mapped[datetime] = mapped_column(default=machine_now)
    blocked_until: Mapped[datetime | None]


_OWN = owned_by("organization_id")
_SWEEP = {"janitor": "SELECT, DELETE"}

protect(UserSecret, _OWN)
protect(RecoveryCode, _OWN, verbs="SELECT, INSERT, UPDATE, DELETE")
protect(SignInName, EVERYBODY, insert=_OWN, change=_OWN, verbs="SELECT, INSERT, UPDATE, DELETE")
protect(SignInSession, _OWN, grants=_SWEEP)
protect(OneTimeToken, _OWN, grants=_SWEEP)
protect(SignInThrottle, EVERYBODY, verbs="SELECT, INSERT, UPDATE, DELETE", grants=_SWEEP)
