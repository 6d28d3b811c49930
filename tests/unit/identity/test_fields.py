"""What people type about themselves and their organizations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.foundation.errors import InvalidInput
from marketplace.identity import fields
from marketplace.identity.device import device_from
from marketplace.identity.words import OrganizationKind


@pytest.mark.parametrize("text", ["a@b.org", " Dana.Whitfield+x@St-Brigid.Example "])
def test_a_mail_address_is_folded(text: str) -> None:
    assert fields.email_address("email", text) == text.strip().lower()


@pytest.mark.parametrize(
    "text", ["", "a", "a@b", "@b.org", "a b@c.org", "a@b..org", "a@-b.org", "ä@b.org", "a@b.org\n.x"]
)
def test_what_is_no_mail_address_names_the_field(text: str) -> None:
    with pytest.raises(InvalidInput, match="email"):
        fields.email_address("email", text)


def test_the_published_example_of_an_npi_fits_and_its_neighbours_do_not() -> None:
    assert fields.national_provider_identifier("npi", "1234567893") == "1234567893"
    fitting = [digit for digit in "0123456789" if fields.npi_fits("123456789" + digit)]
    assert fitting == ["3"]


@given(st.from_regex(r"[12][0-9]{8}", fullmatch=True), st.integers(0, 8), st.integers(1, 9))
def test_an_npi_finds_every_single_mistyped_digit(nine: str, position: int, shift: int) -> None:
    ten = next(nine + str(check) for check in range(10) if fields.npi_fits(nine + str(check)))
    wrong = ten[:position] + str((int(ten[position]) + shift) % 10) + ten[position + 1 :]
    assert not fields.npi_fits(wrong)


@pytest.mark.parametrize(
    ("text", "made"),
    [("St. Brigid's Health", "st-brigids-health"), ("Ärzte & Co", "arzte-co"), ("A--B", "a-b")],
)
def test_a_short_name_is_made_from_a_name(text: str, made: str) -> None:
    assert fields.slug("slug", text) == made


@pytest.mark.parametrize("text", ["", "***", "x" * 61])
def test_a_short_name_needs_letters_and_an_end(text: str) -> None:
    with pytest.raises(InvalidInput):
        fields.slug("slug", text)


@pytest.mark.parametrize("text", ["", "Mars/Olympus", "../../etc/passwd", "x" * 300, "America"])
def test_a_time_zone_has_to_exist(text: str) -> None:
    with pytest.raises(InvalidInput, match="America/Los_Angeles"):
        fields.time_zone("time_zone", text)


def test_roles_come_in_a_fixed_order_and_fit_the_kind() -> None:
    assert fields.roles_for("roles", OrganizationKind.VENDOR, {"org_admin", "driver"}) == [
        "driver",
        "org_admin",
    ]
    with pytest.raises(InvalidInput, match="planner"):
        fields.roles_for("roles", OrganizationKind.VENDOR, ["planner"])


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 90.1, -91])
def test_a_latitude_is_a_number_of_degrees(value: float) -> None:
    with pytest.raises(InvalidInput):
        fields.degrees("latitude", value, 90)


def test_a_zip_plus_four_is_shortened() -> None:
    assert fields.postal_code("postal_code", " 97227-1234 ") == "97227"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit Chrome/128.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) AppleWebKit Version/17 Safari/604.1", "Safari on iPhone"),
        ("", "Unknown device"),
    ],
)
def test_a_device_is_named_as_its_owner_knows_it(agent: str, name: str) -> None:
    assert device_from(agent, "203.0.113.7").name == name
