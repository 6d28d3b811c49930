"""The order of a choice list is neutral and comes out the same again; a choice names lines of its list."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from marketplace.choices.rules import (
    ccn_errors,
    choice_errors,
    content_digest,
    in_neutral_order,
    person_errors,
)
from marketplace.choices.words import ChoiceOutcome, ListedAgency, PresentedTo, Representative


def agency(number: int) -> ListedAgency:
    ccn = f"38{number:04d}"
    return ListedAgency(UUID(int=number), ccn, f"Agency {number}", "1", "2", ("sn",), "3.5", None, "", None)


AGENCIES = [agency(number) for number in range(1, 15)]


def test_nobody_is_left_out_and_the_same_seed_gives_the_same_order() -> None:
    first, again = in_neutral_order("seed", AGENCIES), in_neutral_order("seed", reversed(AGENCIES))

    assert first == again
    assert sorted(first, key=lambda one: one.ccn) == AGENCIES


def test_another_list_puts_another_agency_first() -> None:
    firsts = {in_neutral_order(str(seed), AGENCIES)[0].ccn for seed in range(200)}

    assert len(firsts) == len(AGENCIES)


@given(st.text(max_size=8), st.text(max_size=8), st.sampled_from(["", "1.0", "5.0"]))
def test_nothing_about_an_agency_changes_its_place(name: str, tie: str, stars: str) -> None:
    changed = [
        replace(one, name=name, interest=tie, quality_stars=stars, in_network=bool(tie)) for one in AGENCIES
    ]

    assert [one.ccn for one in in_neutral_order("s", changed)] == [
        one.ccn for one in in_neutral_order("s", AGENCIES)
    ]


def test_the_digest_tells_facts_apart_and_not_orders() -> None:
    changed = [replace(AGENCIES[0], interest="owned by us"), *AGENCIES[1:]]

    assert content_digest(AGENCIES) == content_digest(reversed(AGENCIES))
    assert content_digest(AGENCIES) != content_digest(changed)


def test_a_choice_names_lines_once_and_no_preference_names_none() -> None:
    chosen, none = ChoiceOutcome.CHOSEN, ChoiceOutcome.NO_PREFERENCE

    assert choice_errors(chosen, [2, 1], 3, "") == []
    assert choice_errors(none, [], 3, "") == []
    for outcome, positions in ((chosen, []), (none, [1]), (chosen, [1, 1]), (chosen, [4]), (chosen, [0])):
        assert [error.field for error in choice_errors(outcome, positions, 3, "")] == ["positions"]


def test_a_representative_is_named_with_the_relationship() -> None:
    daughter = Representative("Elena Alvarez", "daughter")

    assert person_errors(PresentedTo.REPRESENTATIVE, daughter) == []
    assert person_errors(PresentedTo.PATIENT, None) == []
    assert person_errors(PresentedTo.PATIENT, daughter)[0].field == "representative_name"
    assert person_errors(PresentedTo.REPRESENTATIVE, None)[0].field == "representative_name"
    nobody = Representative("Elena", " ")
    assert person_errors(PresentedTo.REPRESENTATIVE, nobody)[0].field == "representative_relationship"


def test_a_certification_number_has_six_characters() -> None:
    assert ccn_errors("387001") == ccn_errors("38A001") == []
    assert [ccn_errors(bad)[0].field for bad in ("", "38700", "3870011", "AB7001")] == ["ccn"] * 4
