"""The demo's sign-ins, open to read: who may be tried with one press. Empty wherever patients are real."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.foundation.db import EVERYBODY, Base, owned_by, protect


class DemoSignIn(Base):
    """One made-up person, with password and token in plain text."""

    __tablename__ = "demo_sign_ins"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    position: Mapped[int] = mapped_column(Integer)
    """The order in which the sign-in page lists them."""
    name: Mapped[str]
    role: Mapped[str]
    organization_slug: Mapped[str]
    organization_name: Mapped[str]
    email: Mapped[str]
    password: Mapped[str]
    token: Mapped[str]


protect(DemoSignIn, EVERYBODY, insert=owned_by("organization_id"), verbs="SELECT, INSERT")
