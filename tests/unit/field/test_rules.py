"""Papers that would not stand up in an audit are refused by field name."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest

from dispatch.field.rules import (
    DeliverySigned,
    Signature,
    VisitSigned,
    delivery_errors,
    next_statuses,
    time_errors,
    too_early_for_no_show,
    trip_log_errors,
    visit_errors,
)
from dispatch.field.words import FieldStatus

NOON = datetime(2026, 3, 4, 20, tzinfo=UTC)
INK = Signature(drawn="data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(90)).decode())
ORDERED = {"E1390": 1, "E0431": 1}


def signed(**changes: object) -> DeliverySigned:
    values: dict[str, object] = {
        "receiver_name": "Maria Alvarez",
        "relationship": "child",
        "signature": INK,
        "quantities": dict(ORDERED),
        "serial_numbers": {},
    }
    return DeliverySigned(**(values | changes))  # type: ignore[arg-type]


def test_a_whole_proof_of_delivery_has_nothing_wrong() -> None:
    assert delivery_errors(signed(), ORDERED, ["Tom Reyes"]) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"receiver_name": " "}, "receiver_name"),
        ({"receiver_name": "tom  REYES"}, "receiver_name"),
        ({"relationship": "supplier"}, "relationship"),
        ({"signature": Signature()}, "signature"),
        ({"signature": Signature(drawn="data:image/png;base64,AAAA")}, "signature"),
        ({"signature": Signature(drawn="data:text/html;base64," + "A" * 200)}, "signature"),
        ({"quantities": {"E1390": 1, "E0431": 2}}, "quantity.E0431"),
        ({"quantities": {"E1390": 1}}, "quantity.E0431"),
    ],
)
def test_what_is_wrong_with_a_proof_is_named(changes: dict[str, object], field: str) -> None:
    assert [error.field for error in delivery_errors(signed(**changes), ORDERED, ["Tom Reyes"])] == [field]


def test_a_typed_name_is_a_signature() -> None:
    assert delivery_errors(signed(signature=Signature(typed="Maria Alvarez")), ORDERED, []) == []


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        (None, 10.0, "odometer_start"),
        (10.0, None, "odometer_end"),
        (10.0, 10.0, "odometer_end"),
        (10.0, 9.0, "odometer_end"),
        (0.0, 501.0, "odometer_end"),
    ],
)
def test_odometers_must_be_there_and_plausible(start: float | None, end: float | None, field: str) -> None:
    assert [error.field for error in trip_log_errors(start, end, INK, "")] == [field]


def test_a_rider_who_cannot_sign_needs_a_reason() -> None:
    assert [error.field for error in trip_log_errors(1.0, 9.0, Signature(), "")] == ["signature"]
    assert trip_log_errors(1.0, 9.0, Signature(), "both hands bandaged") == []


def test_a_step_cannot_lie_in_the_future_nor_before_the_last_one() -> None:
    assert time_errors(NOON + timedelta(minutes=3), NOON, None)
    assert time_errors(NOON - timedelta(minutes=1), NOON, NOON)
    assert time_errors(NOON + timedelta(minutes=1), NOON, NOON) == []


def test_a_no_show_needs_fifteen_minutes_at_the_door() -> None:
    assert too_early_for_no_show(None, NOON)
    assert too_early_for_no_show(NOON - timedelta(minutes=14, seconds=59), NOON)
    assert not too_early_for_no_show(NOON - timedelta(minutes=15), NOON)


def test_the_usual_next_step_comes_first() -> None:
    assert next_statuses("ride", FieldStatus.ARRIVED_PICKUP)[0] is FieldStatus.ON_BOARD
    assert next_statuses("equipment", FieldStatus.ARRIVED)[0] is FieldStatus.SET_UP
    assert next_statuses("ride", FieldStatus.ON_BOARD) == [FieldStatus.ARRIVED_DROPOFF]
    assert next_statuses("ride", FieldStatus.COMPLETED) == []


WRITTEN = VisitSigned("Admission assessment done.", INK)


@pytest.mark.parametrize(
    ("written", "located", "fields"),
    [
        (WRITTEN, True, []),
        (WRITTEN, False, ["at_home"]),
        (VisitSigned("Admission assessment done.", INK, at_home=True), False, []),
        (VisitSigned("Too short", INK), True, ["note"]),
        (VisitSigned("Admission assessment done.", Signature()), True, ["signature"]),
        (VisitSigned("Admission assessment done.", Signature(), "Tremor in both hands"), True, []),
    ],
)
def test_a_visit_record_has_note_signature_and_place(
    written: VisitSigned, located: object, fields: list[str]
) -> None:
    assert [error.field for error in visit_errors(written, located=bool(located))] == fields


def test_a_visit_can_be_missed_until_it_has_begun() -> None:
    assert next_statuses("home_health", FieldStatus.ARRIVED)[0] is FieldStatus.STARTED
    assert FieldStatus.MISSED in next_statuses("home_health", FieldStatus.ARRIVED)
    assert next_statuses("home_health", FieldStatus.STARTED) == [FieldStatus.ENDED]
