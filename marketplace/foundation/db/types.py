"""Column types of the project: aware instants and enumerations stored by value with a check."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DateTime, Enum, TypeDecorator
from sqlalchemy.engine import Dialect


class Instant(TypeDecorator[datetime]):
    """A moment, stored as timestamptz; a naive datetime is a programming error and raises ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive values on the way in."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Hand out UTC, whatever the connection's zone is."""
        return value.astimezone(UTC) if value is not None else None


def Words(enumeration: type[StrEnum]) -> Enum:  # noqa: N802  reads as a type in column definitions
    """A column of one StrEnum's values: text with a named check constraint, never the members' names."""

    def values(members: Any) -> list[str]:
        return [str(member.value) for member in members]

    return Enum(
        enumeration,
        native_enum=False,
        create_constraint=True,
        name=_snake(enumeration.__name__),
        values_callable=values,
        length=40,
    )


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
