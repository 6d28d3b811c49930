"""Boots the house with only some floors: `python -m tests.support.floor_process URL REDIS FLOOR...`.

Packages that are not named cannot be imported, as if they had never been installed. Prints one JSON object.
"""

from __future__ import annotations

import importlib.abc
import json
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

UPPER = ("vendors", "dispatch", "billing")


class Absent(importlib.abc.MetaPathFinder):
    """Refuses packages that are not installed in this house."""

    def __init__(self, packages: Sequence[str]) -> None:
        self.packages = frozenset(packages)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Never finds anything; raises for what is absent."""
        if fullname.partition(".")[0] in self.packages:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return None


def main() -> None:
    """Loads the floors' services, makes their tables, and asks the application whether it lives."""
    database_url, redis_url, *floors = sys.argv[1:]
    sys.meta_path.insert(0, Absent([name for name in UPPER if name not in floors]))
    from marketplace.app import create_app
    from marketplace.foundation.crypto import Vault
    from marketplace.foundation.db import Databases, metadata
    from marketplace.foundation.schema import create_everything
    from marketplace.foundation.service import load_services
    from marketplace.foundation.work import Runtime
    from tests.support.schema import settings_for_tests

    settings = settings_for_tests(database_url, redis_url)
    databases = Databases(settings)
    registry = load_services(floors)
    with databases.engine("owner").begin() as connection:
        create_everything(connection, settings, databases)
    app = create_app(Runtime(settings, databases, Vault(settings), registry))
    answer = app.test_client().get("/healthz")
    json.dump(
        {
            "services": [service.name for service in registry.services],
            "tables": len(metadata.tables),
            "rules": len(list(app.url_map.iter_rules())),
            "status": answer.status_code,
        },
        sys.stdout,
    )
    databases.dispose()


if __name__ == "__main__":
    main()
