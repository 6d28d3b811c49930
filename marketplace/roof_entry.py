"""The roof's own Service: the planner's desk and whatever needs several floors at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from marketplace.demo.living import demo as living
from marketplace.foundation.service import NavigationItem, Service

if TYPE_CHECKING:
    from flask import Blueprint


def _blueprints() -> Sequence[Blueprint]:
    from marketplace.desk.views import views as desk

    return [desk]


service = Service(
    name="roof",
    rank=9,
    demo=living,
    blueprints=_blueprints,
    navigation=(NavigationItem("Departures", "desk.board", frozenset({"planner"}), order=5, icon="board"),),
)
