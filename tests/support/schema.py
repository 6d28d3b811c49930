"""The template database of a test run: built once, copied for each test process in a tenth of a second."""

from __future__ import annotations

import importlib
import warnings
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from marketplace.foundation.db.base import metadata
from marketplace.foundation.db.engines import Databases
from marketplace.foundation.schema import create_everything
from marketplace.foundation.service import GROUP, Registry, load_services
from marketplace.foundation.settings import Settings, settings_from

TEMPLATE = "homeward_template"
FROM_MIGRATIONS = False
"""While rooms still change their tables every hour the template follows the models; then the migrations."""
ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("marketplace", "vendors", "dispatch", "billing")
SECRET = "the tests' own secret, of no use elsewhere"


def present_services() -> Registry:
    """The services whose package is here, from the ground up."""
    return load_services([point.name for point in entry_points(group=GROUP) if _loads(point)])


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
    """Makes the template anew: by the migrations, or straight from the models while there are none."""
    present_services()
    recreate_database(server_url, TEMPLATE)
    settings = settings_for_tests(database_named(server_url, TEMPLATE))
    databases = Databases(settings)
    try:
        with databases.engine("owner").begin() as connection:
            if FROM_MIGRATIONS:
                from tests.support.migrations import upgrade

                upgrade(connection, settings)
            else:
                _import_all_models()
                create_everything(connection, settings, databases)
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


def _loads(point: EntryPoint) -> bool:
    try:
        load_services([point.name])
    except ImportError as problem:
        warnings.warn(f"service {point.name} is left out: {problem}", stacklevel=1)
        return False
    return True


def _import_all_models() -> None:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("models.py")):
            try:
                importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
            except ImportError as problem:
                warnings.warn(f"{path} is left out: {problem}", stacklevel=1)
    for table in list(metadata.tables.values()):
        if any(key.target_fullname.rpartition(".")[0] not in metadata.tables for key in table.foreign_keys):
            warnings.warn(f"table {table.name} is left out: it refers to one that is not there", stacklevel=1)
            metadata.remove(table)
