"""Putting a database back as it was: code under test really commits, so rows are removed afterwards."""

from __future__ import annotations

import psycopg
from psycopg import sql

TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1
"""
COLUMNS = """
    SELECT attname FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum
"""


class Pristine:
    """Remembers the rows a fresh database holds, and restores exactly them; a few milliseconds a test."""

    def __init__(self, database_url: str) -> None:
        self._connection = psycopg.connect(database_url)
        self._connection.execute("SET lock_timeout = '10s'")
        self._connection.execute("SET session_replication_role = replica")  # no triggers, no foreign keys
        self._tables = [row[0] for row in self._connection.execute(TABLES)]
        self._question = self._which_have_rows()
        self._filled = self._with_rows()
        self._columns = {table: self._columns_of(table) for table in self._filled}
        self._connection.execute("CREATE SCHEMA IF NOT EXISTS pristine")
        for table in self._filled:
            name = sql.Identifier(table)
            self._connection.execute(
                sql.SQL("CREATE TABLE pristine.{0} AS SELECT * FROM public.{0}").format(name)
            )
        self._connection.commit()

    def restore(self) -> None:
        """Removes what the test left, and puts back what was there before.

        Raises psycopg.errors.LockNotAvailable when the test left a transaction open.
        """
        for table in set(self._with_rows()) | set(self._filled):
            self._connection.execute(sql.SQL("DELETE FROM public.{}").format(sql.Identifier(table)))
        for table in self._filled:
            self._connection.execute(
                sql.SQL(
                    "INSERT INTO public.{0} ({1}) OVERRIDING SYSTEM VALUE SELECT {1} FROM pristine.{0}"
                ).format(sql.Identifier(table), sql.SQL(", ").join(self._columns[table]))
            )
        self._connection.commit()

    def close(self) -> None:
        """Lets go of the database."""
        self._connection.close()

    def _columns_of(self, table: str) -> list[sql.Identifier]:
        rows = self._connection.execute(COLUMNS, [f"public.{table}"])
        return [sql.Identifier(row[0]) for row in rows]

    def _with_rows(self) -> list[str]:
        if not self._tables:
            return []
        return [row[0] for row in self._connection.execute(self._question, prepare=True)]

    def _which_have_rows(self) -> str:
        """Asked after each test: written and prepared once."""
        questions = [
            sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM public.{})").format(
                sql.Literal(table), sql.Identifier(table)
            )
            for table in self._tables
        ]
        return sql.SQL(" UNION ALL ").join(questions).as_string(self._connection)
