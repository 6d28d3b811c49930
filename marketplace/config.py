"""From the environment (or engines of our own) to a running runtime: what every command starts with."""

from __future__ import annotations

import contextlib
import gc
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path

from marketplace.engines import (
    EngineConnection,
    EngineOptions,
    connect_or_start,
    default_data_dir,
    running_below,
)
from marketplace.foundation.crypto import Vault
from marketplace.foundation.db import Databases
from marketplace.foundation.errors import Unavailable
from marketplace.foundation.logs import configure_logging
from marketplace.foundation.service import load_services
from marketplace.foundation.settings import Settings, settings_from
from marketplace.foundation.work import Runtime


def data_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Where embedded engines and a development installation's secret live."""
    return default_data_dir(dict(os.environ if environ is None else environ))


def folder_in_use() -> Path:
    """The installation's data folder; where only a demo runs inside it, that demo's.

    Raises Unavailable when several run, naming them: a command must not guess which one was meant.
    """
    folder = data_folder()
    running = running_below(folder)
    if not running or folder in running or os.environ.get("DATABASE_URL"):
        return folder
    if len(running) > 1:
        choices = "\n".join(f"  HOMEWARD_DATA_DIR={choice}" for choice in running)
        raise Unavailable(f"several demos run; say which one is meant with one of\n{choices}")
    return running[0]


@contextlib.contextmanager
def configured(data_dir: Path | None = None, options: EngineOptions | None = None) -> Iterator[Settings]:
    """Settings for the block, with engines of our own where no URL is given."""
    with connected(data_dir, options) as (settings, _):
        yield settings


@contextlib.contextmanager
def connected(
    data_dir: Path | None = None, options: EngineOptions | None = None
) -> Iterator[tuple[Settings, EngineConnection]]:
    """Like `configured`, together with the engines, for whoever looks after them (`look_after`)."""
    folder = data_dir or data_folder()
    with connect_or_start(folder, options=options) as engines:
        settings = settings_from(
            database_url=engines.database_url,
            redis_url=engines.redis_url,
            data_dir=folder,
            development_secret=_development_secret(folder),
        )
        yield settings, engines


def runtime_for(settings: Settings, *, pool_size: int = 8) -> Runtime:
    """The runtime of this process: pools (opened on first use), keys, and the installed services."""
    configure_logging(as_json=settings.is_production, level=settings.text("LOG_LEVEL", "INFO"))
    registry = load_services()
    gc.freeze()  # code stays loaded for good: the collector need not walk it again, not even at the end
    return Runtime(settings, Databases(settings, pool_size=pool_size), Vault(settings), registry)


@contextlib.contextmanager
def open_runtime(data_dir: Path | None = None, *, pool_size: int = 8) -> Iterator[Runtime]:
    """A runtime for one command, its pools closed at the end; it finds the demo that runs beside it."""
    with configured(data_dir or folder_in_use()) as settings:
        runtime = runtime_for(settings, pool_size=pool_size)
        try:
            yield runtime
        finally:
            runtime.databases.dispose()


def child_environment(settings: Settings) -> dict[str, str]:
    """The environment for web, worker and relay processes: no owner's password is in it."""
    environment = {
        **settings.values,
        "DATABASE_URL": _without_owner(settings.database_url),
        "REDIS_URL": settings.redis_url,
        "HOMEWARD_SECRET_KEY": settings.secret_key,
        "HOMEWARD_DATA_DIR": str(settings.data_dir),
        "HOMEWARD_ENVIRONMENT": settings.environment.value,
        "HOMEWARD_BASE_URL": settings.base_url,
        "PYTHONUNBUFFERED": "1",
    }
    return {key: value for key, value in environment.items() if value}


def _without_owner(url: str) -> str:
    from sqlalchemy import make_url

    parsed = make_url(url)._replace(username=None, password=None)
    return parsed.render_as_string(hide_password=False)


def _development_secret(folder: Path) -> str:
    """A random secret kept beside the embedded engines; production sets its own and never reads this."""
    if os.environ.get("HOMEWARD_SECRET_KEY"):
        return ""
    path = folder / "secret.key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
    return path.read_text().strip()
