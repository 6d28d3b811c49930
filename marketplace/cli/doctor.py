"""`homeward doctor`: is everything there that the product needs, and what to do where not."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass

import click
from sqlalchemy import text

from marketplace.config import open_runtime
from marketplace.foundation.access import system_actor
from marketplace.foundation.db.security import ROLES
from marketplace.foundation.work import Runtime, unit_of_work


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: fine or not, what was seen, and the remedy."""

    name: str
    fine: bool
    seen: str
    remedy: str = ""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
def doctor(*, as_json: bool) -> None:
    """Look at Python, the engines, the schema, the database roles, the queue and the built pages."""
    with open_runtime() as runtime:
        findings = [_look(name, look, runtime) for name, look in CHECKS.items()]
    if as_json:
        click.echo(
            json.dumps({"ok": all(f.fine for f in findings), "findings": [asdict(f) for f in findings]})
        )
    else:
        for finding in findings:
            click.echo(f"{'fine   ' if finding.fine else 'PROBLEM'}  {finding.name}: {finding.seen}")
            if not finding.fine and finding.remedy:
                click.echo(f"         {finding.remedy}")
    sys.exit(0 if all(finding.fine for finding in findings) else 4)


def _look(name: str, look: Callable[[Runtime], Finding], runtime: Runtime) -> Finding:
    try:
        return look(runtime)
    except Exception as problem:  # noqa: BLE001  a check that fails is a finding, never a crash
        return Finding(name, fine=False, seen=f"{type(problem).__name__}: {problem}".splitlines()[0])


def _python(_runtime: Runtime) -> Finding:
    return Finding(
        "Python", sys.version_info >= (3, 11), platform.python_version(), "Install Python 3.11 or newer."
    )


def _postgresql(runtime: Runtime) -> Finding:
    with runtime.databases.engine("owner").connect() as connection:
        version = str(connection.scalar(text("SHOW server_version")))
    major = int(version.partition(".")[0])
    return Finding("PostgreSQL", 15 <= major <= 18, version, "Homeward is tested with PostgreSQL 15 to 18.")


def _schema(runtime: Runtime) -> Finding:
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    from marketplace.cli.schema import MIGRATIONS

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    newest = ScriptDirectory.from_config(config).get_current_head()
    with runtime.databases.engine("owner").connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return Finding("schema", current == newest, f"{current} of {newest}", "Run: homeward db upgrade")


def _roles(runtime: Runtime) -> Finding:
    for role in ROLES:
        with unit_of_work(runtime, system_actor(), role) as session:
            session.execute(text("SELECT 1"))
    return Finding("database roles", fine=True, seen=", ".join(ROLES), remedy="Run: homeward db upgrade")


def _queue(runtime: Runtime) -> Finding:
    from redis import Redis

    with Redis.from_url(runtime.settings.redis_url, socket_connect_timeout=2) as client:
        info = client.info("server")
    found = info if isinstance(info, dict) else {}
    return Finding("queue", fine=True, seen=str(found.get("valkey_version") or found.get("redis_version")))


def _pages(_runtime: Runtime) -> Finding:
    from pathlib import Path

    import marketplace

    built = Path(marketplace.__file__).parent / "web" / "static" / "dist"
    files = [path for path in built.rglob("*") if path.is_file()] if built.exists() else []
    return Finding("built pages", bool(files), f"{len(files)} files", "Run: make frontend")


def _roads(runtime: Runtime) -> Finding:
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    from marketplace.foundation.geography import Position
    from marketplace.foundation.roads import RoadTravel, sources_of, travel_model

    model = travel_model(runtime.settings, ZoneInfo("UTC"))
    if not isinstance(model, RoadTravel):
        return Finding("travel times", fine=True, seen=sources_of(model))
    near = runtime.settings.text("ROUTER_PROBE", "45.5440,-122.6703")
    latitude, longitude = (float(part) for part in near.split(","))
    model.matrix([Position(latitude, longitude), Position(latitude - 0.02, longitude)], datetime.now(UTC))
    remedy = "Look at HOMEWARD_ROUTER_URL and the service; until then plans use estimates and say so."
    return Finding("travel times", not model.fell_back, model.told, remedy)


CHECKS: dict[str, Callable[[Runtime], Finding]] = {
    "Python": _python,
    "PostgreSQL": _postgresql,
    "schema": _schema,
    "database roles": _roles,
    "queue": _queue,
    "built pages": _pages,
    "travel times": _roads,
}
"""What `doctor` looks at, in order."""
