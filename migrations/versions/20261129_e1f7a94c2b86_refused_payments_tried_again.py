"""Somebody may let a payment be tried again that was refused too often.

Revision ID: e1f7a94c2b86
Revises: d9e3b1c70a54
Create Date: 2026-11-29 17:35:00
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "e1f7a94c2b86"
down_revision: str | None = "d9e3b1c70a54"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "transfer_retries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("after_attempt", sa.BigInteger(), nullable=False),
        sa.Column("payer_organization_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_organization_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("after_attempt > 0", name=op.f("ck_transfer_retries_after_something")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["payable_groups.id"], name=op.f("fk_transfer_retries_group_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_retries")),
        sa.UniqueConstraint(
            "group_id", "after_attempt", name=op.f("uq_transfer_retries_group_id_after_attempt")
        ),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("transfer_retries")
