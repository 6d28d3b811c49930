"""References survive the telephone, identifiers the seed, and money never loses a cent."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.foundation.errors import InvalidInput
from marketplace.foundation.ids import ALPHABET, new_id, normalise_reference, seeded_id, spoken_reference
from marketplace.foundation.money import Money, parse_money

NUMBERS = st.integers(min_value=0, max_value=10**9)


@given(NUMBERS, NUMBERS)
def test_different_numbers_have_different_references(first: int, second: int) -> None:
    assert (spoken_reference("R", first) == spoken_reference("R", second)) is (first == second)


@given(NUMBERS)
def test_a_reference_is_read_back_as_typed_in_any_case(number: int) -> None:
    reference = spoken_reference("R", number)
    assert normalise_reference("reference", f" {reference.lower()} ") == reference


@given(NUMBERS, st.data())
def test_every_single_mistyped_symbol_is_found(number: int, data: st.DataObject) -> None:
    head, tail = spoken_reference("R", number).split("-")
    position = data.draw(st.integers(0, len(tail) - 1))
    other = data.draw(st.sampled_from([symbol for symbol in ALPHABET if symbol != tail[position]]))
    with pytest.raises(InvalidInput, match="reference"):
        normalise_reference("reference", f"{head}-{tail[:position]}{other}{tail[position + 1 :]}")


@given(NUMBERS, st.data())
def test_every_swap_of_neighbours_is_found(number: int, data: st.DataObject) -> None:
    head, tail = spoken_reference("R", number).split("-")
    position = data.draw(st.integers(0, len(tail) - 2))
    swapped = tail[:position] + tail[position + 1] + tail[position] + tail[position + 2 :]
    if swapped != tail:
        with pytest.raises(InvalidInput):
            normalise_reference("reference", f"{head}-{swapped}")


@pytest.mark.parametrize("text", ["", "R", "R-", "7K3QF", "R-7K3QI", "1-ABC", "R-\x00ABC"])
def test_what_is_no_reference_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidInput, match="where"):
        normalise_reference("where", text)


def test_seeded_identifiers_depend_on_seed_and_moment_alone() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    assert seeded_id(random.Random(7), moment) == seeded_id(random.Random(7), moment)
    assert seeded_id(random.Random(7), moment) != seeded_id(random.Random(8), moment)
    assert seeded_id(random.Random(7), moment).version == 7


def test_new_identifiers_sort_by_their_time() -> None:
    made = [new_id() for _ in range(2000)]
    assert len(set(made)) == 2000
    assert [one.int >> 80 for one in made] == sorted(one.int >> 80 for one in made)


@given(st.integers(-(10**12), 10**12))
def test_what_is_shown_can_be_typed_again(cents: int) -> None:
    shown = str(Money(cents))
    assert parse_money("amount", shown.replace("-$", "-")) == Money(cents)


@pytest.mark.parametrize("text", ["", "abc", "1.234", "NaN", "Infinity", "1e30", "1,2.3.4"])
def test_what_is_no_amount_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidInput, match="amount"):
        parse_money("amount", text)


def test_rounding_is_half_up_to_the_cent() -> None:
    assert Money(333).times(Decimal("0.5")) == Money(167)
    assert Money(1001).times(Decimal("1.5")) == Money(1502)


def test_currencies_never_mix() -> None:
    with pytest.raises(ValueError, match="cannot mix"):
        Money(1, "USD") + Money(1, "CAD")


def test_floats_are_no_money() -> None:
    with pytest.raises(TypeError):
        Money(1.5)  # type: ignore[arg-type]
