"""Putting the database in shape: login roles, and the declared protection on every table."""

from __future__ import annotations

from sqlalchemy import Connection, text

from marketplace.foundation.db.base import metadata
from marketplace.foundation.db.engines import Databases
from marketplace.foundation.db.security import ROLES, role_statements, security_statements
from marketplace.foundation.settings import Settings


def ensure_roles(connection: Connection, settings: Settings, databases: Databases) -> None:
    """Make the login roles of the installation, or give them their derived passwords again.

    Does nothing for roles that log in under a URL of their own (`DATABASE_URL_WEB` and so on).
    """
    if all(settings.role_url(role) for role in ROLES):
        return
    passwords = {role: databases.password(role) for role in ROLES}
    is_superuser = bool(connection.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")))
    for statement in role_statements(settings.role_prefix, passwords, embedded=is_superuser):
        execute_verbatim(connection, statement)


def create_everything(connection: Connection, settings: Settings, databases: Databases) -> None:
    """All known tables straight from the metadata, with their protection; for a fresh, empty database."""
    ensure_roles(connection, settings, databases)
    connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS btree_gist")
    for statement in security_statements([], settings.role_prefix):
        if statement.startswith("CREATE OR REPLACE FUNCTION"):
            execute_verbatim(connection, statement)
    metadata.create_all(connection)
    protect_tables(connection, settings)


def protect_tables(connection: Connection, settings: Settings) -> None:
    """Put the declared row security, grants and triggers on all tables of the metadata."""
    for statement in security_statements(metadata.sorted_tables, settings.role_prefix):
        execute_verbatim(connection, statement)


def execute_verbatim(connection: Connection, statement: str) -> None:
    """Run SQL in which a percent sign is a percent sign (PL/pgSQL's messages have them)."""
    connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
