"""Migrations make what the models say, protect every table, and can be taken back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, inspect, text

from marketplace.foundation.db import Databases, metadata
from marketplace.foundation.settings import Settings
from tests.support import migrations
from tests.support.schema import settings_for_tests

pytestmark = pytest.mark.usefixtures("registry")


@pytest.fixture
def empty_settings(empty_database_url: str) -> Settings:
    """Settings that lead to a database without any table."""
    return settings_for_tests(empty_database_url)


@pytest.fixture
def owner(empty_settings: Settings) -> Iterator[Engine]:
    """The owner's engine of that database, brought to the newest revision."""
    databases = Databases(empty_settings)
    engine = databases.engine("owner")
    with engine.begin() as connection:
        migrations.upgrade(connection, empty_settings)
    yield engine
    databases.dispose()


def test_models_and_migrations_say_the_same(owner: Engine, empty_settings: Settings) -> None:
    with owner.begin() as connection:
        migrations.check(connection, empty_settings)  # raises when they differ
        assert set(metadata.tables) <= set(inspect(connection).get_table_names())


def test_every_table_of_the_models_has_forced_row_security(owner: Engine) -> None:
    with owner.connect() as connection:
        bare = connection.scalars(
            text(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                " AND relkind IN ('r', 'p')"
                " AND NOT relispartition AND NOT (relrowsecurity AND relforcerowsecurity) ORDER BY 1"
            )
        ).all()
    assert bare == ["alembic_version"]


def test_running_the_migrations_again_changes_nothing(owner: Engine, empty_settings: Settings) -> None:
    policies = text("SELECT tablename, policyname, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2")
    with owner.begin() as connection:
        before = connection.execute(policies).all()
        migrations.upgrade(connection, empty_settings)
        assert connection.execute(policies).all() == before


def test_migrations_can_be_taken_back_to_nothing_and_run_again(
    owner: Engine, empty_settings: Settings
) -> None:
    with owner.begin() as connection:
        migrations.downgrade(connection, empty_settings)
        assert inspect(connection).get_table_names() == ["alembic_version"]
    with owner.begin() as connection:
        migrations.upgrade(connection, empty_settings)
        assert set(metadata.tables) <= set(inspect(connection).get_table_names())
