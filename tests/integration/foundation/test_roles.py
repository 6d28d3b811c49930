"""Login roles belong to the whole server: several databases may be brought up to date at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text

from marketplace.foundation.schema import ensure_roles
from marketplace.foundation.work import Runtime


def test_roles_are_renewed_by_many_at_once_and_still_log_in(runtime: Runtime) -> None:
    engine = runtime.databases.engine("owner")

    def renew(_number: int) -> None:
        with engine.begin() as connection:
            ensure_roles(connection, runtime.settings, runtime.databases)

    with ThreadPoolExecutor(4) as crowd:
        list(crowd.map(renew, range(24)))
    with runtime.databases.engine("web").connect() as connection:
        assert str(connection.scalar(text("SELECT current_user"))).endswith("_web")
