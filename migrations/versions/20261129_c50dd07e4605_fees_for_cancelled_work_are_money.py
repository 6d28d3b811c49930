"""Fees for cancelled work are money: charges, what is kept back from payments, groups without a claim."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "c50dd07e4605"
down_revision = "7ef4172d6c79"
branch_labels = None
depends_on = None

_FEES = ("fee_charged", "fee_withdrawn", "penalty_charged", "penalty_withdrawn", "penalty_netted")
_WORDS = (
    (
        "ledger_accounts", "account_kind", "kind",
        ("stripe_clearing", "payer_deposits", "payer_receivable", "vendor_payable", "platform_fee", "suspense"),
        ("vendor_receivable", "penalty_payable"),
    ),
    (
        "ledger_entries", "entry_kind", "kind",
        ("deposit_cleared", "claim_approved", "approval_withdrawn", "group_funded", "funding_released",
         "transfer_made", "transfer_reversed", "unexplained_movement"),
        _FEES,
    ),
    ("payable_groups", "group_purpose", "purpose", ("payment", "top_up", "recoupment"), ("fee",)),
)  # fmt: skip
"""Table, name of the check, column, the words before, and the new ones."""
_CHECKS = (
    ("payable_groups", "one_cause", "num_nonnulls(claim_id, charge_id) = 1"),
    ("cancellation_fees", "waived_or_settled", "waived_at IS NULL OR settled_from IS NULL"),
)


def _allow(table: str, name: str, column: str, words: tuple[str, ...]) -> None:
    """The column may hold these words, and no others."""
    listed = ", ".join(f"'{word}'" for word in words)
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, f"{column} IN ({listed})")


def upgrade() -> None:
    op.create_table(
        "fee_charges",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fee_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_organization_id", sa.Uuid(), nullable=False),
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
            nullable=False,
        ),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "owed",
                "settled",
                "withdrawn",
                name="charge_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(state = 'settled') = (settled_at IS NOT NULL)", name=op.f("ck_fee_charges_settled")
        ),
        sa.CheckConstraint("debtor <> 'nobody'", name=op.f("ck_fee_charges_owed")),
        sa.CheckConstraint("cents > 0", name=op.f("ck_fee_charges_something")),
        sa.ForeignKeyConstraint(["fee_id"], ["cancellation_fees.id"], name=op.f("fk_fee_charges_fee_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_fee_charges_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["vendor_organization_id"],
            ["organizations.id"],
            name=op.f("fk_fee_charges_vendor_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_charges")),
        sa.UniqueConstraint("fee_id", name=op.f("uq_fee_charges_fee_id")),
    )
    op.create_index(
        "ix_fee_charges_open",
        "fee_charges",
        ["debtor", "due_at"],
        unique=False,
        postgresql_where="state = 'owed'",
    )
    op.create_index(
        op.f("ix_fee_charges_organization_id_id"), "fee_charges", ["organization_id", "id"], unique=False
    )
    op.create_index(
        op.f("ix_fee_charges_vendor_organization_id_id"),
        "fee_charges",
        ["vendor_organization_id", "id"],
        unique=False,
    )
    op.create_table(
        "fee_charge_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("actor_user_id", sa.Uuid(), nullable=True),
        sa.Column("actor_organization_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["fee_charges.id"], name=op.f("fk_fee_charge_changes_subject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_charge_changes")),
    )
    op.create_index(
        op.f("ix_fee_charge_changes_subject_id"), "fee_charge_changes", ["subject_id"], unique=False
    )
    op.create_table(
        "fee_nettings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("charge_id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_organization_id", sa.Uuid(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("cents > 0", name=op.f("ck_fee_nettings_something")),
        sa.ForeignKeyConstraint(["charge_id"], ["fee_charges.id"], name=op.f("fk_fee_nettings_charge_id")),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfers.id"], name=op.f("fk_fee_nettings_transfer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_nettings")),
        sa.UniqueConstraint("transfer_id", "charge_id", name=op.f("uq_fee_nettings_transfer_id_charge_id")),
    )
    op.create_index(op.f("ix_fee_nettings_charge_id"), "fee_nettings", ["charge_id"], unique=False)
    op.add_column("cancellation_fees", sa.Column("settled_from", sa.DateTime(timezone=True), nullable=True))
    op.add_column("payable_groups", sa.Column("charge_id", sa.Uuid(), nullable=True))
    op.alter_column("payable_groups", "claim_id", existing_type=sa.UUID(), nullable=True)
    op.create_unique_constraint(op.f("uq_payable_groups_charge_id"), "payable_groups", ["charge_id"])
    op.add_column("transfers", sa.Column("charge_id", sa.Uuid(), nullable=True))
    op.alter_column("transfers", "claim_id", existing_type=sa.UUID(), nullable=True)
    for table, name, column, before, new in _WORDS:
        _allow(table, name, column, (*before, *new))
    for table, name, condition in _CHECKS:
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)


def downgrade() -> None:
    for table, name, _ in _CHECKS:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    for table, name, column, before, _ in _WORDS:
        _allow(table, name, column, before)
    op.alter_column("transfers", "claim_id", existing_type=sa.UUID(), nullable=False)
    op.drop_column("transfers", "charge_id")
    op.drop_constraint(op.f("uq_payable_groups_charge_id"), "payable_groups", type_="unique")
    op.alter_column("payable_groups", "claim_id", existing_type=sa.UUID(), nullable=False)
    op.drop_column("payable_groups", "charge_id")
    op.drop_column("cancellation_fees", "settled_from")
    op.drop_index(op.f("ix_fee_nettings_charge_id"), table_name="fee_nettings")
    op.drop_table("fee_nettings")
    op.drop_index(op.f("ix_fee_charge_changes_subject_id"), table_name="fee_charge_changes")
    op.drop_table("fee_charge_changes")
    op.drop_index(op.f("ix_fee_charges_vendor_organization_id_id"), table_name="fee_charges")
    op.drop_index(op.f("ix_fee_charges_organization_id_id"), table_name="fee_charges")
    op.drop_index("ix_fee_charges_open", table_name="fee_charges", postgresql_where="state = 'owed'")
    op.drop_table("fee_charges")
