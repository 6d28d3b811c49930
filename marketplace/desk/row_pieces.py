"""What a row of the planner's board shows, as the key under which its HTML is kept."""

from __future__ import annotations

from collections.abc import Hashable

from marketplace.desk.board import PatientRow
from marketplace.web import current
from marketplace.web.display import time_left, time_tone


def shown(row: PatientRow) -> Hashable:
    """Everything that the row's HTML is made of."""
    stay = row.stay
    return (
        current.zone().key,
        stay.id,
        stay.patient_id,
        stay.unit,
        stay.expected_discharge_at,
        time_left(stay.expected_discharge_at),
        time_tone(stay.expected_discharge_at),
        row.name,
        row.revision,
        tuple(
            (
                line.task.id,
                line.task.title,
                line.task.service_kind,
                line.advice,
                line.booking.id if line.booking else None,
            )
            for line in row.lines
        ),
    )
