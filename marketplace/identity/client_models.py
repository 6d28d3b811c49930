"""Other systems with credentials of their own, and the bearer tokens of people and systems."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.foundation.clock import machine_now
from marketplace.foundation.db import Base, Identified, owned_by, protect


class ApiClient(Identified, Base):
    """A system that acts for an organization (OAuth2 client credentials, RFC 6749 section 4.4)."""

    __tablename__ = "api_clients"
    __table_args__ = (UniqueConstraint("organization_id", "name"),)

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    name: Mapped[str]
    roles: Mapped[list[str]]
    secret_digest: Mapped[bytes] = mapped_column(LargeBinary)
    """SHA-256 of a 256-bit random secret that was shown once."""
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(default=machine_now)
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ApiToken(Identified, Base):
    """A bearer token of a user or of a client. All moments are machine time."""

    __tablename__ = "api_tokens"
    __table_args__ = (
        UniqueConstraint("digest"),
        Index("ix_api_tokens_user_live", "user_id", postgresql_where="revoked_at IS NULL"),
        Index("ix_api_tokens_client_live", "client_id", postgresql_where="revoked_at IS NULL"),
        Index(None, "expires_at"),
        CheckConstraint("(user_id IS NULL) <> (client_id IS NULL)", name="one_holder"),
    )

    digest: Mapped[bytes] = mapped_column(LargeBinary)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    client_id: Mapped[UUID | None] = mapped_column(ForeignKey("api_clients.id"))
    name: Mapped[str] = mapped_column(default="")
    """What the holder calls it."""
    scopes: Mapped[list[str]]
    """Roles the token may use, of those its holder still has."""
    created_at: Mapped[datetime] = mapped_column(default=machine_now)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


_OWN = owned_by("organization_id")

protect(ApiClient, _OWN)
protect(ApiToken, _OWN, grants={"janitor": "SELECT, DELETE"})
