"""A page of the inbox is read from its index alone, however many offers are due at one moment.

Revision ID: c41f0a9be2d7
Revises: a5d664985478
Create Date: 2026-11-29 13:50:00
"""

from __future__ import annotations

from collections.abc import Sequence

from alembic import op

revision: str = "c41f0a9be2d7"
down_revision: str | None = "a5d664985478"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_OPEN = "state = 'open'"


def upgrade() -> None:
    """Bring the schema forward."""
    _index(["vendor_organization_id", "respond_by", "id"])


def downgrade() -> None:
    """Take the change back."""
    _index(["vendor_organization_id", "respond_by"])


def _index(columns: list[str]) -> None:
    op.drop_index("ix_offers_inbox", table_name="offers", postgresql_where=_OPEN)
    op.create_index("ix_offers_inbox", "offers", columns, unique=False, postgresql_where=_OPEN)
