"""Enumerations as the options of a form."""

from __future__ import annotations

from enum import StrEnum

from marketplace.web.display import words


def choices(enumeration: type[StrEnum]) -> list[tuple[str, str]]:
    """(value, words) of every member, in the order of the enumeration."""
    return [(member.value, words(member.value)) for member in enumeration]
