"""One connection pool per database role: what a process cannot log in as, it cannot do."""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from marketplace.foundation.db.security import ROLES
from marketplace.foundation.settings import Settings

TRUSTED_SECONDS = 0.5
"""How long after its last use a pooled connection is taken to be alive without asking it."""
_USED = "homeward.used"


class Databases:
    """The engines of an installation, made when first asked for; safe to share between threads."""

    def __init__(self, settings: Settings, *, pool_size: int = 8, **engine_options: Any) -> None:
        self._settings = settings
        self._options: dict[str, Any] = {
            "pool_size": pool_size,
            "max_overflow": pool_size,
            "pool_recycle": 1800,
            "pool_use_lifo": True,  # the one used last: warm, and most likely within its trusted time
            "hide_parameters": True,
        } | engine_options
        self._engines: dict[str, Engine] = {}
        self._lock = threading.Lock()

    def engine(self, role: str) -> Engine:
        """The pool of one role of `security.ROLES`, or `owner` for migrations."""
        with self._lock:
            if role not in self._engines:
                made = create_engine(self.url(role), **self._options)
                _ping_what_has_rested(made)
                self._engines[role] = made
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


def _ping_what_has_rested(engine: Engine) -> None:
    """Ask a pooled connection whether it still lives, unless it was in use a moment ago.

    SQLAlchemy's own pre-ping asks at every checkout, which is a round trip for every request of a busy
    server; no PostgreSQL is stopped and there again within the time that is trusted here.
    """

    def put_back(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info[_USED] = time.monotonic()

    def taken(connection: Any, record: ConnectionPoolEntry, _fairy: PoolProxiedConnection) -> None:
        used = record.info.pop(_USED, None)
        if used is None or time.monotonic() - used < TRUSTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error:
            raise InvalidatePoolError from None  # all that lie in the pool are as dead

    event.listen(engine, "checkin", put_back)
    event.listen(engine, "checkout", taken)
