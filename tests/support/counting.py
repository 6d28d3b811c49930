"""What a database role is asked: the SQL statements sent inside a block."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from marketplace.foundation.work import Runtime


@contextmanager
def statements_of(runtime: Runtime, role: str = "web") -> Iterator[list[str]]:
    """The statements sent inside as that role, in their order."""
    engine = runtime.databases.engine(role)
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
