"""Each thing between work and its payment is found before anything is booked, and comes with a remedy."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from vendors.preflight.rules import (
    PAYABILITY_LABELS,
    PAYABILITY_TONES,
    Payability,
    PayFacts,
    Permission,
    judge,
    level_of,
)

DAY = date(2026, 11, 23)
VENDOR, OTHER = UUID(int=1), UUID(int=2)
HELD = Permission("PA-1", "ride", frozenset(), 2, date(2026, 11, 1), date(2026, 12, 31))
GOOD = PayFacts(
    kind="ride",
    level="wheelchair",
    first_day=DAY,
    last_day=DAY,
    payer="coverage",
    payer_name="Evergreen",
    covered_from=date(2026, 1, 1),
    permission=HELD,
    vendor_id=VENDOR,
)


def test_a_ride_with_everything_in_order_is_payable() -> None:
    assert judge(GOOD) == []
    assert level_of([]) is Payability.PAYABLE


@pytest.mark.parametrize(
    ("changes", "code", "weight"),
    [
        ({"permission": None}, "no_authorization", Payability.DOUBTFUL),
        ({"covered_from": date(2026, 12, 1)}, "not_covered", Payability.REFUSED),
        ({"covered_from": None}, "not_covered", Payability.REFUSED),
        ({"covered_to": date(2026, 11, 22)}, "not_covered", Payability.REFUSED),
        ({"units": 3}, "no_units", Payability.REFUSED),
        ({"permission": replace(HELD, service_line="equipment")}, "other_service", Payability.REFUSED),
        ({"permission": replace(HELD, valid_to=date(2026, 11, 22))}, "not_valid", Payability.REFUSED),
        ({"permission": replace(HELD, vendor_id=OTHER)}, "other_vendor", Payability.REFUSED),
        (
            {"codes": frozenset({"E1390"}), "permission": replace(HELD, codes=frozenset({"E0143"}))},
            "other_codes",
            Payability.REFUSED,
        ),
        ({"level": "bls"}, "certification", Payability.PAPERS),
        ({"payer": "self_pay"}, "self_pay", Payability.PAPERS),
    ],
)
def test_each_gap_is_named_with_its_weight_and_a_remedy(
    changes: dict[str, object], code: str, weight: Payability
) -> None:
    (found,) = judge(replace(GOOD, **changes))

    assert (found.code, found.weight) == (code, weight)
    assert found.text.endswith(".")
    assert found.remedy.endswith(".")


@pytest.mark.parametrize(("kind", "code"), [("equipment", "written_order"), ("home_health", "face_to_face")])
def test_equipment_and_visits_need_their_papers(kind: str, code: str) -> None:
    facts = replace(GOOD, kind=kind, level=None, permission=replace(HELD, service_line=kind))

    assert [found.code for found in judge(facts)] == [code]


def test_the_gravest_comes_first_and_gives_the_level() -> None:
    found = judge(replace(GOOD, level="als", units=5, covered_from=None))

    assert [one.weight for one in found] == [Payability.REFUSED, Payability.REFUSED, Payability.PAPERS]
    assert level_of(found) is Payability.REFUSED


def test_what_the_hospital_pays_needs_nothing() -> None:
    assert judge(replace(GOOD, payer="health_system", permission=None, covered_from=None)) == []


def test_every_level_has_words_and_a_tone() -> None:
    assert set(PAYABILITY_LABELS) == set(PAYABILITY_TONES) == set(Payability)
