"""Collecting rows of past days and writing them in bulk: the same tables, defaults and checks as for verbs.

Rows are copied in as the owner. Foreign keys, checks and triggers of the database all apply; row security
does not bind the owner while the rows go in.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Table, text
from sqlalchemy.dialects.postgresql import JSONB

from marketplace.foundation.clock import machine_now
from marketplace.foundation.db import Base
from marketplace.foundation.ids import new_id, seeded_id
from marketplace.foundation.work import Runtime
from marketplace.foundation.world import World

EARLIER = timedelta(days=4)
"""Ids are this much older than what they name: the played day may lie after a weekend, and what the verbs
will write from now on has to sort behind all history."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    fill: Callable[[datetime], Any]
    shape: Callable[[Any], Any] | None


class Rows:
    """Past rows in the making; the same seed gives the same rows."""

    def __init__(self, world: World) -> None:
        self._dice = world.random("history:ids")
        self._collected: dict[Table, list[list[Any]]] = {}
        self._columns: dict[Table, list[_Column]] = {}

    def id(self, at: datetime) -> UUID:
        """A fresh identifier of something that came to be at a moment."""
        return seeded_id(self._dice, at - EARLIER)

    def keep(self, made: T, at: datetime) -> T:
        """Take up a mapped object as it stands, made at business time `at`; gives it an id and defaults."""
        table: Table = made.__table__  # type: ignore[attr-defined]
        columns = self._columns.get(table) or self._learn(table)
        if "id" in table.c and made.__dict__.get("id") is None and table.c.id.default is not None:
            made.id = self.id(at)  # type: ignore[attr-defined]
        values = made.__dict__
        row = []
        for column in columns:
            value = values.get(column.name)
            if value is None:
                value = column.fill(at)
            elif column.shape is not None:
                value = column.shape(value)
            row.append(value)
        self._collected.setdefault(table, []).append(row)
        return made

    def count(self) -> int:
        """How many rows wait to be written."""
        return sum(len(rows) for rows in self._collected.values())

    def write(self, runtime: Runtime) -> int:
        """Copy everything in, parents first, in one transaction; returns how many rows that were."""
        written, order = (
            self.count(),
            [table for table in Base.metadata.sorted_tables if table in self._collected],
        )
        with runtime.databases.engine("owner").begin() as connection:
            for table in order:
                connection.execute(text(f"ALTER TABLE {table.name} NO FORCE ROW LEVEL SECURITY"))
            for table in order:
                self._copy(connection, table)
            connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
            for table in order:
                connection.execute(text(f"ALTER TABLE {table.name} FORCE ROW LEVEL SECURITY"))
        self._collected.clear()
        return written

    def _copy(self, connection: Connection, table: Table) -> None:
        names = ", ".join(column.name for column in self._columns[table])
        cursor: Any = connection.connection.cursor()
        with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
            for row in self._collected[table]:
                copy.write_row(row)

    def _learn(self, table: Table) -> list[_Column]:
        columns = [
            _Column(column.name, _filling(column), _shaping(column))
            for column in table.columns
            if column.identity is None
        ]
        self._columns[table] = columns
        return columns


def _filling(column: Any) -> Callable[[datetime], Any]:
    """What a column holds where nothing was said, as the verbs' inserts would have it."""
    default = column.default
    if default is None:
        return lambda _at: None
    if not default.is_callable:
        plain = _plain(default.arg)
        return lambda _at: plain
    made_by = getattr(default.arg, "__wrapped__", default.arg)
    if made_by in (machine_now, new_id) or made_by.__name__ in ("machine_now", "new_id"):
        return lambda at: at
    if made_by in (list, dict) or made_by.__name__ in ("list", "dict"):
        return lambda _at: json.dumps(made_by())
    raise LookupError(f"history does not know how {column} is filled")


def _shaping(column: Any) -> Callable[[Any], Any] | None:
    return json.dumps if isinstance(column.type, JSONB) else _plain


def _plain(value: Any) -> Any:
    return str(value.value) if isinstance(value, Enum) else value
