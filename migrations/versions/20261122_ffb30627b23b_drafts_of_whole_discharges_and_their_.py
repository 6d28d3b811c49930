"""Drafts of whole discharges, their proposals, and flexible rides."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "ffb30627b23b"
down_revision = "c2935bc99aa6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "discharge_drafts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "confirmed",
                "discarded",
                name="draft_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("booked", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["encounters.id"], name=op.f("fk_discharge_drafts_encounter_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_discharge_drafts_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discharge_drafts")),
    )
    op.create_index(
        "uq_discharge_drafts_open",
        "discharge_drafts",
        ["encounter_id"],
        unique=True,
        postgresql_where="state = 'open'",
    )
    op.create_table(
        "discharge_draft_changes",
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
            ["subject_id"], ["discharge_drafts.id"], name=op.f("fk_discharge_draft_changes_subject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discharge_draft_changes")),
    )
    op.create_index(
        op.f("ix_discharge_draft_changes_subject_id"), "discharge_draft_changes", ["subject_id"], unique=False
    )
    op.create_table(
        "discharge_proposals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "made",
                "failed",
                name="proposal_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("outlook", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("wishes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("orders", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("thinking_seconds", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["discharge_drafts.id"], name=op.f("fk_discharge_proposals_draft_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_discharge_proposals_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discharge_proposals")),
        sa.UniqueConstraint("draft_id", name=op.f("uq_discharge_proposals_draft_id")),
    )
    op.add_column("bookings", sa.Column("flexible", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("bookings", sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(op.f("ck_bookings_flexible_ride"), "bookings", "NOT flexible OR kind = 'ride'")
    op.create_check_constraint(op.f("ck_bookings_ready"), "bookings", "ready_at IS NULL OR flexible")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_bookings_ready"), "bookings", type_="check")
    op.drop_constraint(op.f("ck_bookings_flexible_ride"), "bookings", type_="check")
    op.drop_column("bookings", "ready_at")
    op.drop_column("bookings", "flexible")
    op.drop_table("discharge_proposals")
    op.drop_index(op.f("ix_discharge_draft_changes_subject_id"), table_name="discharge_draft_changes")
    op.drop_table("discharge_draft_changes")
    op.drop_index(
        "uq_discharge_drafts_open", table_name="discharge_drafts", postgresql_where="state = 'open'"
    )
    op.drop_table("discharge_drafts")
