"""Writes the next migration from what the models say; `make migration` calls it."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command

from marketplace.engines import EngineOptions, running_engines
from marketplace.foundation.db.engines import Databases
from tests.support.migrations import configuration, upgrade
from tests.support.schema import settings_for_tests


def main() -> None:
    """Brings an empty database of a throw-away engine to the newest revision, and compares."""
    if len(sys.argv) != 2:
        sys.exit('Say what the migration does: make migration MESSAGE="claims carry a reason"')
    with tempfile.TemporaryDirectory(prefix="homeward-migration-") as folder:
        Path(folder).chmod(0o711)
        with running_engines(Path(folder) / "data", EngineOptions(valkey=False, durable=False)) as engines:
            settings = settings_for_tests(engines.database_url)
            databases = Databases(settings)
            with databases.engine("owner").begin() as connection:
                upgrade(connection, settings)
            with databases.engine("owner").begin() as connection:
                command.revision(configuration(connection, settings), sys.argv[1], autogenerate=True)
            databases.dispose()


if __name__ == "__main__":
    main()
