"""Bringing a database up to date: Alembic's migrations, run as the owner under one lock."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

import marketplace
from marketplace.foundation.work import Runtime

_PACKAGE = Path(marketplace.__file__).parent
MIGRATIONS = next(filter(Path.is_dir, (_PACKAGE / "migrations", _PACKAGE.parent / "migrations")))
"""A wheel carries the migrations inside the package; a clone has them beside it."""
_LOCK = 7_011_002


def upgrade_database(runtime: Runtime) -> str:
    """Run what is missing up to the newest migration; returns a sentence about what was done.

    Several processes may call it at once: one works, the others wait and then find nothing to do.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    newest = ScriptDirectory.from_config(config).get_current_head()
    with runtime.databases.engine("owner").begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        before = MigrationContext.configure(connection).get_current_revision()
        config.attributes["connection"] = connection
        config.attributes["settings"] = runtime.settings
        command.upgrade(config, "head")
    return (
        "the schema is up to date"
        if before == newest
        else f"the schema went from {before or 'nothing'} to {newest}"
    )
