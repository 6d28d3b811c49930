"""PostgreSQL: the declarative base, the project's column types, row security and the unit of work."""

from marketplace.foundation.db.base import Base, metadata
from marketplace.foundation.db.engines import Databases
from marketplace.foundation.db.security import owned_by, protect
from marketplace.foundation.db.types import Instant, Words
from marketplace.foundation.db.work import Runtime, WorkSession, unit_of_work

__all__ = [
    "Base",
    "Databases",
    "Instant",
    "Runtime",
    "Words",
    "WorkSession",
    "metadata",
    "owned_by",
    "protect",
    "unit_of_work",
]
