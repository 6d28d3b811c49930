"""home health: choices and visits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "ae180502f2d6"
down_revision = "a864bcfd9694"
branch_labels = None
depends_on = None

_STATUSES = (
    "'en_route_pickup', 'arrived_pickup', 'on_board', 'arrived_dropoff', 'picked', 'loaded', 'en_route', "
    "'arrived', 'set_up', 'accepted_by_receiver', 'completed', 'refused', 'nobody_home', 'wrong_item', "
    "'rider_no_show'"
)
_CALLED_OFF = (
    "'cancelled_advance', 'cancelled_at_door', 'cancelled_late', 'cancelled_same_day', 'rider_no_show', "
    "'turned_down', 'vendor_no_show'"
)
_CHECKS = (
    ("bookings", "service_status", f"service_status IN ({_STATUSES}, 'started', 'ended', 'missed')"),
    (
        "bookings",
        "visit",
        "(kind = 'home_health') = (discipline IS NOT NULL AND visit_purpose IS NOT NULL)",
    ),
    (
        "bookings",
        "patient_choice",
        f"kind <> 'home_health' OR state IN ('draft', {_CALLED_OFF}) OR patient_choice_id IS NOT NULL",
    ),
    (
        "bookings",
        "start_of_care",
        "visit_purpose IS DISTINCT FROM 'start_of_care' OR CASE WHEN start_of_care_on IS NOT NULL"
        " THEN anchor = 'fixed' ELSE anchor = 'discharge' AND offset_end_minutes <= 2880 END",
    ),
    ("care_plan_tasks", "home_health", "(discipline IS NULL) OR service_kind = 'home_health'"),
)


def upgrade() -> None:
    op.create_table(
        "home_health_agencies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ccn", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("disciplines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("quality_stars", sa.Numeric(precision=2, scale=1), nullable=True),
        sa.Column("participating_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("participating_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("vendor_organization_id", sa.Uuid(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "participating_to > participating_from", name=op.f("ck_home_health_agencies_participation")
        ),
        sa.CheckConstraint("quality_stars BETWEEN 1 AND 5", name=op.f("ck_home_health_agencies_stars")),
        sa.ForeignKeyConstraint(
            ["vendor_organization_id"],
            ["organizations.id"],
            name=op.f("fk_home_health_agencies_vendor_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_home_health_agencies")),
        sa.UniqueConstraint("ccn", name=op.f("uq_home_health_agencies_ccn")),
        sa.UniqueConstraint(
            "vendor_organization_id", name=op.f("uq_home_health_agencies_vendor_organization_id")
        ),
    )
    op.create_table(
        "home_health_agency_areas",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("postal_code", sa.Text(), nullable=False),
        sa.Column("listed_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("listed_to", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["home_health_agencies.id"], name=op.f("fk_home_health_agency_areas_agency_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_home_health_agency_areas")),
    )
    op.create_index(
        op.f("ix_home_health_agency_areas_postal_code"),
        "home_health_agency_areas",
        ["postal_code"],
        unique=False,
    )
    op.create_index(
        "uq_home_health_agency_areas_open",
        "home_health_agency_areas",
        ["agency_id", "postal_code"],
        unique=True,
        postgresql_where="listed_to IS NULL",
    )
    op.create_table(
        "home_health_agency_networks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("payer_organization_id", sa.Uuid(), nullable=False),
        sa.Column("listed_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("listed_to", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["home_health_agencies.id"], name=op.f("fk_home_health_agency_networks_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["payer_organization_id"],
            ["organizations.id"],
            name=op.f("fk_home_health_agency_networks_payer_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_home_health_agency_networks")),
    )
    op.create_index(
        "uq_home_health_agency_networks_open",
        "home_health_agency_networks",
        ["agency_id", "payer_organization_id"],
        unique=True,
        postgresql_where="listed_to IS NULL",
    )
    op.create_table(
        "home_health_financial_interests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("disclosed_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disclosed_to", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"],
            ["home_health_agencies.id"],
            name=op.f("fk_home_health_financial_interests_agency_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_home_health_financial_interests_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_home_health_financial_interests")),
    )
    op.create_index(
        op.f("ix_home_health_financial_interests_organization_id_agency_id"),
        "home_health_financial_interests",
        ["organization_id", "agency_id"],
        unique=False,
    )
    op.create_table(
        "choice_lists",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column("postal_code", sa.Text(), nullable=False),
        sa.Column("payer_organization_id", sa.Uuid(), nullable=True),
        sa.Column("ordering_rule", sa.Text(), nullable=False),
        sa.Column("ordering_seed", sa.Text(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("compiled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("compiled_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("compiled_by_name", sa.Text(), nullable=False),
        sa.CheckConstraint("length > 0", name=op.f("ck_choice_lists_length")),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["encounters.id"], name=op.f("fk_choice_lists_encounter_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_choice_lists_organization_id")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_choice_lists_patient_id")),
        sa.ForeignKeyConstraint(
            ["payer_organization_id"],
            ["organizations.id"],
            name=op.f("fk_choice_lists_payer_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_choice_lists")),
    )
    op.create_index(
        op.f("ix_choice_lists_encounter_id_id"), "choice_lists", ["encounter_id", "id"], unique=False
    )
    op.create_table(
        "choice_list_entries",
        sa.Column("choice_list_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("ccn", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("disciplines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("quality_stars", sa.Text(), nullable=False),
        sa.Column("in_network", sa.Boolean(), nullable=True),
        sa.Column("interest", sa.Text(), nullable=False),
        sa.Column("vendor_organization_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["home_health_agencies.id"], name=op.f("fk_choice_list_entries_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["choice_list_id"], ["choice_lists.id"], name=op.f("fk_choice_list_entries_choice_list_id")
        ),
        sa.PrimaryKeyConstraint("choice_list_id", "position", name=op.f("pk_choice_list_entries")),
    )
    op.create_table(
        "choice_presentations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("choice_list_id", sa.Uuid(), nullable=False),
        sa.Column("presented_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("presented_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("presented_by_name", sa.Text(), nullable=False),
        sa.Column(
            "presented_to",
            sa.Enum(
                "patient",
                "representative",
                name="presented_to",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "manner",
            sa.Enum(
                "screen",
                "paper",
                "read_aloud",
                name="presentation_manner",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("representative_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "(presented_to = 'representative') = (representative_sealed IS NOT NULL)",
            name=op.f("ck_choice_presentations_representative"),
        ),
        sa.ForeignKeyConstraint(
            ["choice_list_id"], ["choice_lists.id"], name=op.f("fk_choice_presentations_choice_list_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_choice_presentations_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_choice_presentations")),
    )
    op.create_index(
        op.f("ix_choice_presentations_choice_list_id"),
        "choice_presentations",
        ["choice_list_id"],
        unique=False,
    )
    op.create_table(
        "patient_choices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column("choice_list_id", sa.Uuid(), nullable=False),
        sa.Column("presentation_id", sa.Uuid(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "chosen",
                "no_preference",
                name="choice_outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by_name", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["choice_list_id"], ["choice_lists.id"], name=op.f("fk_patient_choices_choice_list_id")
        ),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["encounters.id"], name=op.f("fk_patient_choices_encounter_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_patient_choices_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["presentation_id"], ["choice_presentations.id"], name=op.f("fk_patient_choices_presentation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_choices")),
        sa.UniqueConstraint("id", "choice_list_id", name=op.f("uq_patient_choices_id_choice_list_id")),
        sa.UniqueConstraint("id", "encounter_id", name=op.f("uq_patient_choices_id_encounter_id")),
    )
    op.create_index(
        op.f("ix_patient_choices_encounter_id_id"), "patient_choices", ["encounter_id", "id"], unique=False
    )
    op.create_table(
        "chosen_agencies",
        sa.Column("patient_choice_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("choice_list_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["choice_list_id", "position"],
            ["choice_list_entries.choice_list_id", "choice_list_entries.position"],
            name=op.f("fk_chosen_agencies_choice_list_id"),
        ),
        sa.ForeignKeyConstraint(
            ["patient_choice_id", "choice_list_id"],
            ["patient_choices.id", "patient_choices.choice_list_id"],
            name=op.f("fk_chosen_agencies_patient_choice_id"),
        ),
        sa.PrimaryKeyConstraint("patient_choice_id", "rank", name=op.f("pk_chosen_agencies")),
        sa.UniqueConstraint(
            "patient_choice_id", "position", name=op.f("uq_chosen_agencies_patient_choice_id_position")
        ),
    )
    op.add_column(
        "bookings",
        sa.Column(
            "discipline",
            sa.Enum(
                "sn",
                "pt",
                "ot",
                "slp",
                "msw",
                "hha",
                name="discipline",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
    )
    op.add_column(
        "bookings",
        sa.Column(
            "visit_purpose",
            sa.Enum(
                "start_of_care",
                "further",
                name="visit_purpose",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
    )
    op.add_column("bookings", sa.Column("start_of_care_on", sa.Date(), nullable=True))
    op.add_column("bookings", sa.Column("patient_choice_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_bookings_patient_choice_id"),
        "bookings",
        "patient_choices",
        ["patient_choice_id", "encounter_id"],
        ["id", "encounter_id"],
    )
    op.add_column(
        "care_plan_tasks",
        sa.Column(
            "discipline",
            sa.Enum(
                "sn",
                "pt",
                "ot",
                "slp",
                "msw",
                "hha",
                name="discipline",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
    )
    op.drop_constraint(op.f("ck_bookings_service_status"), "bookings", type_="check")
    for table, name, condition in _CHECKS:
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)


def downgrade() -> None:
    for table, name, _ in _CHECKS:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.create_check_constraint(
        op.f("ck_bookings_service_status"), "bookings", f"service_status IN ({_STATUSES})"
    )
    op.drop_column("care_plan_tasks", "discipline")
    op.drop_constraint(op.f("fk_bookings_patient_choice_id"), "bookings", type_="foreignkey")
    op.drop_column("bookings", "patient_choice_id")
    op.drop_column("bookings", "start_of_care_on")
    op.drop_column("bookings", "visit_purpose")
    op.drop_column("bookings", "discipline")
    op.drop_table("chosen_agencies")
    op.drop_index(op.f("ix_patient_choices_encounter_id_id"), table_name="patient_choices")
    op.drop_table("patient_choices")
    op.drop_index(op.f("ix_choice_presentations_choice_list_id"), table_name="choice_presentations")
    op.drop_table("choice_presentations")
    op.drop_table("choice_list_entries")
    op.drop_index(op.f("ix_choice_lists_encounter_id_id"), table_name="choice_lists")
    op.drop_table("choice_lists")
    op.drop_index(
        op.f("ix_home_health_financial_interests_organization_id_agency_id"),
        table_name="home_health_financial_interests",
    )
    op.drop_table("home_health_financial_interests")
    op.drop_index(
        "uq_home_health_agency_networks_open",
        table_name="home_health_agency_networks",
        postgresql_where="listed_to IS NULL",
    )
    op.drop_table("home_health_agency_networks")
    op.drop_index(
        "uq_home_health_agency_areas_open",
        table_name="home_health_agency_areas",
        postgresql_where="listed_to IS NULL",
    )
    op.drop_index(op.f("ix_home_health_agency_areas_postal_code"), table_name="home_health_agency_areas")
    op.drop_table("home_health_agency_areas")
    op.drop_table("home_health_agencies")
