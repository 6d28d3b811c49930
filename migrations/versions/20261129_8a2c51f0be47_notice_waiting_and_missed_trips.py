"""contracts name notice, waiting and what a vendor owes that did not come; fees name who owes them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "8a2c51f0be47"
down_revision = "6348972abf5e"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "vendor_contracts",
        sa.Column("vendor_no_show_cents", sa.BigInteger(), server_default="0", nullable=False),
    )
    op.add_column("vendor_contracts", sa.Column("notice_hours", sa.BigInteger(), nullable=True))
    op.add_column(
        "vendor_contracts", sa.Column("wait_minutes", sa.BigInteger(), server_default="15", nullable=False)
    )
    op.create_check_constraint(
        op.f("ck_vendor_contracts_notice"), "vendor_contracts", "notice_hours BETWEEN 1 AND 168"
    )
    op.create_check_constraint(
        op.f("ck_vendor_contracts_wait"), "vendor_contracts", "wait_minutes BETWEEN 5 AND 120"
    )
    op.add_column(
        "cancellation_fees",
        sa.Column(
            "debtor",
            sa.Enum(
                "nobody",
                "health_system",
                "vendor",
                name="debtor",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="health_system",
            nullable=False,
        ),
    )
    op.create_check_constraint(op.f("ck_cancellation_fees_owed"), "cancellation_fees", "debtor <> 'nobody'")


def downgrade() -> None:
    op.execute("DELETE FROM cancellation_fees WHERE debtor = 'vendor'")
    op.drop_column("cancellation_fees", "debtor")
    op.drop_column("vendor_contracts", "wait_minutes")
    op.drop_column("vendor_contracts", "notice_hours")
    op.drop_column("vendor_contracts", "vendor_no_show_cents")
