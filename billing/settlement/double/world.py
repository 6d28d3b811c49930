"""What one running double consists of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app

from billing.settlement.double.book import Book
from billing.settlement.double.courier import Courier
from billing.settlement.double.desk import Desk
from billing.settlement.double.faults import FaultPlan


@dataclass
class World:
    """The parts of one double: memory, verbs, deliveries, planned failures and the key that opens it."""

    book: Book
    desk: Desk
    courier: Courier
    faults: FaultPlan
    secret_key: str | None


def world() -> World:
    """Return the double that answers the current request."""
    return cast("World", current_app.extensions["stripe_double"])
