"""The template database of a test run: built once, copied for each test process in a tenth of a second."""

from __future__ import annotations

from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from marketplace.foundation.db.engines import Databases
from marketplace.foundation.settings import Settings, settings_from
from tests.support.migrations import upgrade

TEMPLATE = "homeward_template"
SECRET = "the tests' own secret, of no use elsewhere"


def settings_for_tests(database_url: str, redis_url: str = "", data_dir: Path | None = None) -> Settings:
    """Settings for tests: roles with a prefix of their own, so that no real installation's are touched."""
    environ = {
        "HOMEWARD_ENVIRONMENT": "test",
        "HOMEWARD_SECRET_KEY": SECRET,
        "HOMEWARD_DATABASE_ROLE_PREFIX": "homeward_test",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
    }
    return settings_from(environ, data_dir=data_dir)


def build_template(server_url: str) -> None:
    """Makes the template anew, by the migrations."""
    recreate_database(server_url, TEMPLATE)
    settings = settings_for_tests(database_named(server_url, TEMPLATE))
    databases = Databases(settings)
    try:
        with databases.engine("owner").begin() as connection:
            upgrade(connection, settings)
    finally:
        databases.dispose()


def recreate_database(server_url: str, name: str, template: str = "template0") -> str:
    """Drops the database if there is one, copies the template, and returns the new one's URL."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
    return database_named(server_url, name)


def database_named(server_url: str, name: str) -> str:
    """The URL of another database of the same server."""
    url: URL = make_url(server_url).set(database=name)
    return url.render_as_string(hide_password=False)
