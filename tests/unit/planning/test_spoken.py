"""Reasons of the optimizer reach people without its codes."""

from __future__ import annotations

import pytest

from dispatch.planning.spoken import in_words


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        (
            "No vehicle can serve it: Van 2 lacks crew_of_two, feature:stair_chair, level:bls.",
            "No vehicle can serve it: Van 2 lacks crew of two, stair chair, the license for bls rides.",
        ),
        (
            "No vehicle can serve it: Van 2 cannot be there in time (window).",
            "No vehicle can serve it: Van 2 cannot be there in time.",
        ),
        (
            "No vehicle can serve it: Van 2 cannot be there in time (shift).",
            "No vehicle can serve it: Van 2 cannot be there in time before its shift ends.",
        ),
        (
            "Van 2 holds no valid driver:cpr_card when it is needed",
            "Van 2 holds no valid cpr card when it is needed",
        ),
        (
            "It fits none of 1 able vehicles beside what they already do.",
            "It fits none of 1 able vehicles beside what they already do.",
        ),
    ],
)
def test_codes_become_words(sentence: str, said: str) -> None:
    assert in_words(sentence) == said
