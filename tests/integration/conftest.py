"""What tests of the whole house share: one lived-in world for each test process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from marketplace.foundation.service import Registry
from tests.support.lived_in import LivedIn, lived_in
from tests.support.schema import TEMPLATE, recreate_database
from tests.support.servers import Servers, redis_database


@pytest.fixture(scope="session")
def lived_in_world(
    servers: Servers, process_number: int, registry: Registry, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LivedIn]:
    """The world, in a database of its own; what a test changes in it, it has to undo."""
    url = recreate_database(servers.database_url, f"homeward_lived_in_gw{process_number}", TEMPLATE)
    queue = redis_database(servers.redis_url, process_number + 1)
    with lived_in(url, queue, registry, tmp_path_factory.mktemp("lived-in")) as world:
        yield world
