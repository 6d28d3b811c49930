"""round trips: tasks and bookings know of which ride there they are the way back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "1d40b7a6c2e9"
down_revision = "ffb30627b23b"
branch_labels = None
depends_on = None

_SUBJECTS = "'discharge_moved', 'change', 'sourcing', 'turned_back', 'hold', 'plan', 'receiver'"


def upgrade() -> None:
    op.add_column("care_plan_tasks", sa.Column("way_back_of_task_id", sa.Uuid(), nullable=True))
    op.create_index("uq_care_plan_tasks_way_back", "care_plan_tasks", ["way_back_of_task_id"], unique=True)
    op.create_foreign_key(
        op.f("fk_care_plan_tasks_way_back_of_task_id"),
        "care_plan_tasks",
        "care_plan_tasks",
        ["way_back_of_task_id"],
        ["id"],
    )
    op.create_check_constraint(
        op.f("ck_care_plan_tasks_way_back"),
        "care_plan_tasks",
        "way_back_of_task_id IS NULL OR service_kind = 'ride'",
    )
    op.add_column("bookings", sa.Column("outward_booking_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_bookings_outward_booking_id"), "bookings", ["outward_booking_id"])
    op.create_foreign_key(
        op.f("fk_bookings_outward_booking_id"),
        "bookings",
        "bookings",
        ["outward_booking_id"],
        ["id"],
    )
    op.create_check_constraint(
        op.f("ck_bookings_way_back"),
        "bookings",
        "outward_booking_id IS NULL OR (kind = 'ride' AND outward_booking_id <> id)",
    )
    _subjects(f"{_SUBJECTS}, 'way_back'")


def downgrade() -> None:
    op.execute("DELETE FROM booking_tellings WHERE subject = 'way_back'")
    _subjects(_SUBJECTS)
    op.drop_column("bookings", "outward_booking_id")
    op.drop_column("care_plan_tasks", "way_back_of_task_id")


def _subjects(words: str) -> None:
    name = op.f("ck_booking_tellings_telling_subject")
    op.drop_constraint(name, "booking_tellings", type_="check")
    op.create_check_constraint(name, "booking_tellings", f"subject IN ({words})")
