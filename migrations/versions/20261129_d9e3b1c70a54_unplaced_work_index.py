"""What waits for a vehicle is found without a look at every booking that there ever was.

Revision ID: d9e3b1c70a54
Revises: c41f0a9be2d7
Create Date: 2026-11-29 17:05:00
"""

from __future__ import annotations

from collections.abc import Sequence

from alembic import op

revision: str = "d9e3b1c70a54"
down_revision: str | None = "c41f0a9be2d7"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_NAME, _WAITS = "ix_bookings_unplaced_work", "state IN ('accepted', 'on_hold')"


def upgrade() -> None:
    """Bring the schema forward."""
    columns = ["vendor_organization_id", "promised_start"]
    op.create_index(_NAME, "bookings", columns, unique=False, postgresql_where=_WAITS)


def downgrade() -> None:
    """Take the change back."""
    op.drop_index(_NAME, table_name="bookings", postgresql_where=_WAITS)
