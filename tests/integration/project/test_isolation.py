"""The ground that every other test stands on: what one test commits, the next never sees."""

from __future__ import annotations

import psycopg
import pytest
import redis
from sqlalchemy import text

from marketplace.foundation.db.engines import Databases
from marketplace.foundation.db.security import ROLES
from marketplace.foundation.work import Runtime

SEEN_BEFORE = "SELECT count(*) FROM data_keys"


@pytest.mark.parametrize("turn", [1, 2])
def test_rows_that_a_test_commits_are_gone_in_the_next_one(turn: int, database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        assert connection.execute(SEEN_BEFORE).fetchone() == (0,)
        connection.execute(
            "INSERT INTO data_keys (id, organization_id, wrapped_by, wrapped, created_at)"
            " VALUES (gen_random_uuid(), gen_random_uuid(), 'k', '\\x00', now())"
        )


@pytest.mark.parametrize("turn", [1, 2])
def test_keys_that_a_test_sets_are_gone_in_the_next_one(turn: int, redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.keys() == []
        client.set("seen", str(turn))


@pytest.mark.parametrize("role", ROLES)
def test_each_role_logs_in_under_its_own_name_and_is_no_superuser(role: str, databases: Databases) -> None:
    with databases.engine(role).connect() as connection:
        row = connection.execute(
            text("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        ).one()
    assert tuple(row) == (f"homeward_test_{role}", False, False)


def test_the_runtime_leads_to_the_database_of_this_test_process(runtime: Runtime, database_url: str) -> None:
    with runtime.databases.engine("owner").connect() as connection:
        name = connection.scalar(text("SELECT current_database()"))
    assert name == psycopg.conninfo.conninfo_to_dict(database_url)["dbname"]
