"""home health in the field: statuses and papers of visits, clinicians, prices per visit."""

from __future__ import annotations

from alembic import op

revision = "5c1d7e90ab34"
down_revision = "6c8d0618bdf6"
branch_labels = None
depends_on = None

_FIELD = (
    "'assigned', 'en_route_pickup', 'arrived_pickup', 'on_board', 'arrived_dropoff', 'loaded', 'en_route', "
    "'arrived', 'set_up', 'accepted_by_receiver', 'completed', 'rider_no_show', 'cancelled_at_door', "
    "'refused', 'nobody_home', 'wrong_item', 'withdrawn'"
)
_START_OF_CARE = (
    "visit_purpose IS DISTINCT FROM 'start_of_care' OR CASE WHEN start_of_care_on IS NOT NULL"
    " THEN anchor = 'fixed' ELSE {} END"
)
_CHANGES = (
    ("field_services", "field_status", "status", _FIELD, "'started', 'ended', 'missed'"),
    ("service_events", "field_status", "status", _FIELD, "'started', 'ended', 'missed'"),
    (
        "evidence_items",
        "evidence_kind",
        "kind",
        "'trip_log', 'rider_signature', 'proof_of_delivery', 'correction'",
        "'visit_record'",
    ),
    ("crew_members", "crew_kind", "kind", "'driver', 'technician'", "'clinician'"),
    ("rate_lines", "rate_unit", "unit", "'trip', 'mile', 'item', 'month', 'half_hour'", "'visit'"),
)
"""(table, constraint, column, words before, further words)."""


def upgrade() -> None:
    for table, name, column, before, further in _CHANGES:
        _replace(table, name, f"{column} IN ({before}, {further})")
    _replace(
        "bookings", "start_of_care", _START_OF_CARE.format("anchor = 'fixed' OR offset_end_minutes <= 2880")
    )


def downgrade() -> None:
    _replace(
        "bookings",
        "start_of_care",
        _START_OF_CARE.format("anchor = 'discharge' AND offset_end_minutes <= 2880"),
    )
    for table, name, column, before, _ in _CHANGES:
        _replace(table, name, f"{column} IN ({before})")


def _replace(table: str, name: str, condition: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
