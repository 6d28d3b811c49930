"""What every test may ask for: real engines, a database of its own per process, the put-together runtime.

`database_url`, `redis_url`, `databases` and `runtime` give a clean database and queue to each test that
asks; code under test really commits. One server pair is started for the whole run, in the process that
directs it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import psycopg
import pytest
import redis
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from marketplace.foundation.crypto import Vault
from marketplace.foundation.db.engines import Databases
from marketplace.foundation.service import Registry, load_services
from marketplace.foundation.settings import Settings
from marketplace.foundation.work import Runtime
from tests.support.chromium import find_chromium
from tests.support.reset import Pristine
from tests.support.schema import TEMPLATE, recreate_database, settings_for_tests
from tests.support.servers import Servers, SharedServers, redis_database

# A busy machine is no defect: properties are about values, and slowness has measurements of its own.
hypothesis_settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("house")

MUST_RUN_IN_CI = ("browser", "engines")
SHARED = pytest.StashKey[SharedServers]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SHARED] = SharedServers()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Called by pytest-xdist in the directing process for each test process."""
    node.workerinput["homeward_servers"] = asdict(node.config.stash[SHARED].get())


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[SHARED].close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    others = [item for item in items if os.geteuid() != 0 and item.get_closest_marker("root")]
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in others]
    reason = "" if find_chromium() else "no Chromium found: install one, or set HOMEWARD_CHROMIUM"
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker("browser")
        if reason and item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """With CI=true a browser or engine test that was skipped has failed."""
    report = yield
    must_run = any(item.get_closest_marker(name) for name in MUST_RUN_IN_CI)
    if report.skipped and must_run and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI=true does not allow: {call.excinfo and call.excinfo.value}"
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if "browser" in report.keywords]
    if skipped:
        terminalreporter.write_line(
            f"{len(skipped)} browser tests were skipped: no Chromium was found "
            "(install one, or set HOMEWARD_CHROMIUM).",
            yellow=True,
        )


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest) -> Servers:
    """The run's engines; a test that needs them fails here with the reason when they could not be started."""
    given = getattr(request.config, "workerinput", {}).get("homeward_servers")
    found = Servers(**given) if given else request.config.stash[SHARED].get()
    if found.trouble:
        pytest.fail(found.trouble, pytrace=False)
    return found


@pytest.fixture(scope="session")
def process_number(request: pytest.FixtureRequest) -> int:
    """The number of this test process, from 0."""
    name = str(getattr(request.config, "workerinput", {}).get("workerid", "gw0"))
    return int(name.removeprefix("gw"))


@pytest.fixture(scope="session")
def pristine(servers: Servers, process_number: int) -> Iterator[tuple[str, Pristine]]:
    """This process's own copy of the template database: its owner's URL, and how to restore it."""
    url = recreate_database(servers.database_url, f"homeward_gw{process_number}", TEMPLATE)
    keeper = Pristine(url)
    yield url, keeper
    keeper.close()


@pytest.fixture
def database_url(pristine: tuple[str, Pristine]) -> Iterator[str]:
    """The owner's URL of a clean database; what the test commits is removed after it."""
    url, keeper = pristine
    yield url
    keeper.restore()


@pytest.fixture
def empty_database_url(servers: Servers, process_number: int) -> Iterator[str]:
    """The owner's URL of a database without any table, for tests of migrations."""
    name = f"homeward_empty_gw{process_number}"
    yield recreate_database(servers.database_url, name)
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def redis_url(servers: Servers, process_number: int) -> Iterator[str]:
    """The URL of a numbered database of this process alone, emptied after the test."""
    url = redis_database(servers.redis_url, process_number + 1)
    yield url
    with redis.Redis.from_url(url) as client:
        client.flushdb()


@pytest.fixture(scope="session")
def settings(
    pristine: tuple[str, Pristine],
    servers: Servers,
    process_number: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> Settings:
    """Settings that lead to this process's database and queue."""
    url, _ = pristine
    folder = tmp_path_factory.mktemp("data")
    return settings_for_tests(url, redis_database(servers.redis_url, process_number + 1), folder)


@pytest.fixture(scope="session")
def connection_pools(settings: Settings) -> Iterator[Databases]:
    """The role engines, kept open over tests; ask for `databases`, which also cleans up."""
    pools = Databases(settings)
    yield pools
    pools.dispose()


@pytest.fixture
def databases(connection_pools: Databases, database_url: str) -> Databases:
    """One connection pool for each database role, on a clean database."""
    return connection_pools


@pytest.fixture(scope="session")
def registry(servers: Servers) -> Registry:
    """All services of the house."""
    return load_services()


@pytest.fixture
def runtime(settings: Settings, databases: Databases, redis_url: str, registry: Registry) -> Runtime:
    """What a process of the product holds, on a clean database and queue, with a new vault."""
    return Runtime(settings, databases, Vault(settings), registry)
