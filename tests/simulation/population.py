"""A database as full as after months: real patients and bookings, made by the services, cloned many times.

Cloned rows get identifiers, references and seals of their own, so that encryption, row security and all
promises hold for them as for the originals.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import LargeBinary, text

from marketplace.foundation.access import system_actor
from marketplace.foundation.db.base import metadata
from marketplace.foundation.ids import new_id, spoken_reference
from marketplace.foundation.work import Runtime, unit_of_work

PATIENT_TABLES = (
    "patients",
    "patient_identities",
    "handling_needs",
    "coverages",
    "authorizations",
    "encounters",
    "encounter_changes",
    "care_plans",
    "care_plan_changes",
    "care_plan_tasks",
    "task_changes",
    "task_precedences",
)
BOOKING_TABLES = (
    "bookings",
    "booking_items",
    "booking_riders",
    "booking_subscribers",
    "booking_parties",
    "booking_changes",
    "booking_links",
    "offers",
    "offer_changes",
    "awards",
    "award_changes",
)
"""Parents first. Plans, field work and claims are not cloned."""
UNIQUE_TEXTS = {"authorizations": "number"}
COUNTED = {"offers": "number"}
"""Columns that the database numbers by itself."""


@dataclass
class Prototype:
    """All rows of one patient, by table."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @functools.cached_property
    def own_ids(self) -> set[UUID]:
        """Every identifier that a clone must replace."""
        return {row["id"] for rows in self.rows.values() for row in rows if isinstance(row.get("id"), UUID)}

    @property
    def bookings(self) -> int:
        """How many bookings a clone brings."""
        return len(self.rows.get("bookings", []))


def prototypes(runtime: Runtime, patient_ids: Iterable[UUID]) -> list[Prototype]:
    """The named patients with everything that hangs on them."""
    with runtime.databases.engine("owner").connect() as connection:
        return [_prototype(connection, patient_id) for patient_id in patient_ids]


def _prototype(connection: Any, patient_id: UUID) -> Prototype:
    found = Prototype()
    known: set[UUID] = {patient_id}
    for name in (*PATIENT_TABLES, *BOOKING_TABLES):
        if name not in metadata.tables:
            continue
        table = metadata.tables[name]
        links = [column.name for column in table.columns if _leads_inside(column)] or ["id"]
        condition = " OR ".join(f"{link} = ANY(:ids)" for link in links)
        rows = connection.execute(text(f"SELECT * FROM {name} WHERE {condition}"), {"ids": list(known)})  # noqa: S608
        found.rows[name] = [dict(row) for row in rows.mappings()]
        known |= {row["id"] for row in found.rows[name] if isinstance(row.get("id"), UUID)}
    return found


def _leads_inside(column: Any) -> bool:
    inside = set(PATIENT_TABLES) | set(BOOKING_TABLES)
    return any(key.column.table.name in inside for key in column.foreign_keys)


def multiply(runtime: Runtime, made: Sequence[Prototype], organization_id: UUID, patients: int) -> int:
    """Clone the prototypes in turn until there are `patients` more; returns how many bookings that made."""
    url = runtime.databases.url("owner").replace("postgresql+psycopg://", "postgresql://")
    bookings = 0
    with unit_of_work(runtime, system_actor(organization_id)) as session, psycopg.connect(url) as target:
        target.execute("SET session_replication_role = replica")
        for start in range(0, patients, 1000):
            batch: dict[str, list[dict[str, Any]]] = {}
            for position in range(start, min(start + 1000, patients)):
                prototype = made[position % len(made)]
                bookings += prototype.bookings
                _clone(session, runtime, prototype, organization_id, batch)
            _number(target, batch)
            _copy(target, batch)
            target.commit()
        target.execute("SET session_replication_role = DEFAULT")
        target.execute("ANALYZE")
    return bookings


def _clone(
    session: Any, runtime: Runtime, prototype: Prototype, organization_id: UUID, batch: dict[str, list[Any]]
) -> None:
    fresh = {old: new_id() for old in prototype.own_ids}
    for name, rows in prototype.rows.items():
        sealed, tokens, key = _private(name)
        for row in rows:
            copy = {
                column: fresh.get(value, value) if isinstance(value, UUID) else value
                for column, value in row.items()
            }
            for column in sealed:
                if row[column] is not None:
                    plain = _plain_of(session, runtime, organization_id, name, column, row[key], row[column])
                    place = f"{name}.{column}"
                    copy[column] = runtime.vault.seal(session, organization_id, place, copy[key], plain)
            for column in tokens:
                copy[column] = os.urandom(16)
            if name in UNIQUE_TEXTS:
                copy[UNIQUE_TEXTS[name]] = f"PA-{copy['id'].hex[-10:]}"
            copy.pop(COUNTED.get(name, ""), None)
            batch.setdefault(name, []).append(copy)


@functools.cache
def _private(name: str) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """A table's sealed columns, its columns of blind tokens, and its key."""
    table = metadata.tables[name]
    binary = [column.name for column in table.columns if isinstance(column.type, LargeBinary)]
    sealed = tuple(column for column in binary if "sealed" in column)
    tokens = tuple(column for column in binary if "sealed" not in column)
    return sealed, tokens, next(iter(table.primary_key.columns)).name


_opened: dict[tuple[str, str, UUID], str] = {}


def _plain_of(
    session: Any, runtime: Runtime, organization: UUID, table: str, column: str, key: UUID, sealed: bytes
) -> str:
    """A prototype's field opened, once."""
    if (table, column, key) not in _opened:
        place = f"{table}.{column}"
        _opened[table, column, key] = runtime.vault.open(session, organization, place, key, bytes(sealed))
    return _opened[table, column, key]


def _number(target: psycopg.Connection[Any], batch: dict[str, list[dict[str, Any]]]) -> None:
    for name, sequence, prefix in (
        ("patients", "patient_numbers", "P"),
        ("bookings", "booking_numbers", "R"),
    ):
        rows = batch.get(name, [])
        query = "SELECT nextval(%s::regclass) FROM generate_series(1, %s)"
        numbers = target.execute(query, [sequence, len(rows)]).fetchall()
        for row, number in zip(rows, numbers, strict=True):
            row["reference"] = spoken_reference(prefix, number[0])


def _copy(target: psycopg.Connection[Any], batch: dict[str, list[dict[str, Any]]]) -> None:
    for name, rows in batch.items():
        if not rows:
            continue
        columns = list(rows[0])
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(name), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        with target.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row([_plain(row[column]) for column in columns])


def _plain(value: Any) -> Any:
    return Jsonb(value) if isinstance(value, dict | list) else value
