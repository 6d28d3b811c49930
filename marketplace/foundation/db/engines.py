"""One connection pool per database role: what a process cannot log in as, it cannot do."""

from __future__ import annotations

import hashlib
import hmac
import threading
from typing import Any

from sqlalchemy import Engine, create_engine, make_url

from marketplace.foundation.db.security import ROLES
from marketplace.foundation.settings import Settings


class Databases:
    """The engines of an installation, made when first asked for; safe to share between threads."""

    def __init__(self, settings: Settings, *, pool_size: int = 8, **engine_options: Any) -> None:
        self._settings = settings
        self._options: dict[str, Any] = {
            "pool_size": pool_size,
            "max_overflow": pool_size,
            "pool_pre_ping": True,
            "pool_recycle": 1800,
            "hide_parameters": True,
        } | engine_options
        self._engines: dict[str, Engine] = {}
        self._lock = threading.Lock()

    def engine(self, role: str) -> Engine:
        """The pool of one role of `security.ROLES`, or `owner` for migrations."""
        with self._lock:
            if role not in self._engines:
                self._engines[role] = create_engine(self.url(role), **self._options)
            return self._engines[role]

    def url(self, role: str) -> str:
        """The SQLAlchemy URL under which the role logs in; raises LookupError for an unknown role."""
        base = make_url(self._settings.database_url).set(drivername="postgresql+psycopg")
        if role == "owner":
            return base.render_as_string(hide_password=False)
        if role not in ROLES:
            raise LookupError(f"there is no database role {role!r}")
        if given := self._settings.role_url(role):
            return make_url(given).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        named = base.set(username=f"{self._settings.role_prefix}_{role}", password=self.password(role))
        return named.render_as_string(hide_password=False)

    def password(self, role: str) -> str:
        """The role's password, derived from the installation's secret so that nothing needs storing."""
        key = self._settings.secret_key.encode()
        return hmac.new(key, f"database role {role}".encode(), hashlib.sha256).hexdigest()

    def dispose(self) -> None:
        """Close every pool (before a fork, at shutdown)."""
        with self._lock:
            for engine in self._engines.values():
                engine.dispose()
            self._engines.clear()
