"""Alembic's environment: migrations run as the owner, and leave every table with its declared protection.

`config.attributes` may hold a `connection` (its transaction is the caller's) and `settings`; without them
both come from the environment.
"""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import ExecuteSQLOp
from sqlalchemy import Connection, TypeDecorator, inspect
from sqlalchemy.schema import CreateSequence, DDLElement, DropSequence

from marketplace.foundation.db.base import metadata
from marketplace.foundation.db.engines import Databases
from marketplace.foundation.db.security import security_statements
from marketplace.foundation.schema import ensure_roles, execute_verbatim
from marketplace.foundation.service import load_services
from marketplace.foundation.settings import Settings, settings_from


def _render_item(kind: str, item: Any, autogen_context: AutogenContext) -> str | Literal[False]:
    """Writes our column types as the plain SQL types they are: migrations never import the product."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


def _complete(context: Any, _revision: Any, directives: list[Any]) -> None:
    """Autogenerate knows no sequences of their own, and writes down a table's `info`: mended here."""
    for script in directives:
        _add_sequences(context.connection, script)
        for operation in script.upgrade_ops.ops if script.upgrade_ops else ():
            if getattr(operation, "info", None):
                operation.info = {}
            getattr(operation, "kw", {}).pop("info", None)


def _add_sequences(connection: Connection, script: Any) -> None:
    known = set(inspect(connection).get_sequence_names())
    declared = sorted(metadata._sequences.items())  # noqa: SLF001  there is no public way to list them
    missing = [sequence for name, sequence in declared if name not in known]
    if script.upgrade_ops is not None and script.downgrade_ops is not None:
        script.upgrade_ops.ops[:0] = [_execute(CreateSequence(sequence), connection) for sequence in missing]
        script.downgrade_ops.ops += [_execute(DropSequence(sequence), connection) for sequence in missing]


def _execute(statement: DDLElement, connection: Connection) -> ExecuteSQLOp:
    return ExecuteSQLOp(str(statement.compile(connection)).strip())


def _migrate(connection: Connection, settings: Settings, databases: Databases) -> None:
    """Runs the migrations in one transaction; roles come first, the tables' protection last."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_item=_render_item,
        process_revision_directives=_complete,
        compare_type=True,
        compare_server_default=False,
    )
    # Alembic's commands hand over a function of their own name: `check` and `revision` must change nothing.
    changes = context.get_context().opts["fn"].__name__ in {"upgrade", "downgrade"}
    with context.begin_transaction():
        if changes:
            ensure_roles(connection, settings, databases)
            connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS btree_gist")
            _lift_policies(connection)
        context.run_migrations()
        if changes:
            _protect(connection, settings)


def _lift_policies(connection: Connection) -> None:
    """Takes every policy off, for the columns it names could not be changed; until then nobody sees a row."""
    found = connection.exec_driver_sql(
        "SELECT format('DROP POLICY %I ON %I', policyname, tablename) FROM pg_policies"
        " WHERE schemaname = 'public'",
        execution_options={"no_parameters": True},
    )
    for statement in found.scalars().all():
        execute_verbatim(connection, statement)


def _protect(connection: Connection, settings: Settings) -> None:
    """Row security, grants and triggers as declared beside the models, on every table that exists so far."""
    existing = set(inspect(connection).get_table_names())
    tables = [table for table in metadata.sorted_tables if table.name in existing]
    for statement in security_statements(tables, settings.role_prefix):
        execute_verbatim(connection, statement)


def run() -> None:
    """Finds a connection and migrates."""
    load_services()
    settings: Settings = context.config.attributes.get("settings") or settings_from()
    databases = Databases(settings)
    given: Connection | None = context.config.attributes.get("connection")
    if given is not None:
        _migrate(given, settings, databases)
        return
    with databases.engine("owner").connect() as connection:
        _migrate(connection, settings, databases)
    databases.dispose()


run()
