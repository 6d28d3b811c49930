"""PostgreSQL: the declarative base, the project's column types, connection pools and row security."""

from marketplace.foundation.db.base import Base, Identified, Revised, metadata
from marketplace.foundation.db.engines import Databases
from marketplace.foundation.db.security import EVERYBODY, owned_by, protect
from marketplace.foundation.db.types import Instant, Words

__all__ = [
    "EVERYBODY",
    "Base",
    "Databases",
    "Identified",
    "Instant",
    "Revised",
    "Words",
    "metadata",
    "owned_by",
    "protect",
]
