"""The password policy and the hashes."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from marketplace.foundation.errors import InvalidInput
from marketplace.identity import passwords

ABOUT = ("Robin Field", "robin.field", "St. Brigid Health")


@pytest.mark.parametrize(
    "good", ["seven quiet lanterns", "correct Horse 9!", "пять тихих фонарей", "x7#kQ2m!pL9z"]
)
def test_length_is_enough_and_composition_is_free(good: str) -> None:
    passwords.check_policy("password", good, ABOUT)


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("eleven char", "at least 12"),
        ("x" * 201, "at most 200"),
        ("Password1234", "guessed early"),
        ("abababababab", "guessed early"),
        ("i am robin of the wood", "robin"),
        ("brigid is my saint", "brigid"),
        ("nul \x00 inside it", "NUL"),
    ],
)
def test_what_is_guessed_first_is_refused_with_a_reason(bad: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        passwords.check_policy("password", bad, ABOUT)


def test_every_denied_password_would_otherwise_be_long_enough() -> None:
    assert min(map(len, passwords.DENIED)) >= passwords.SHORTEST


def test_the_same_password_has_another_hash_each_time_and_fits_both() -> None:
    first, second = (
        passwords.hash_password("seven quiet lanterns"),
        passwords.hash_password("seven quiet lanterns"),
    )
    assert first != second
    assert passwords.matches(first, "seven quiet lanterns")
    assert passwords.matches(second, "seven quiet lanterns")
    assert not passwords.matches(first, "seven quiet lantern")


def test_two_spellings_of_the_same_characters_are_one_password() -> None:
    composed, decomposed = "caf\u00e9 lantern nine", "cafe\u0301 lantern nine"
    assert passwords.matches(passwords.hash_password(composed), decomposed)


@pytest.mark.parametrize("kept", ["", "not a hash", "$argon2id$v=19$m=1"])
def test_no_password_fits_what_is_no_hash(kept: str) -> None:
    assert not passwords.matches(kept, "the password of nobody at all")


def test_hashes_of_weaker_parameters_are_outdated() -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("seven quiet lanterns")
    assert passwords.outdated(weak)
    assert passwords.matches(weak, "seven quiet lanterns")
    assert not passwords.outdated(passwords.hash_password("seven quiet lanterns"))
