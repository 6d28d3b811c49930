"""What care plans contribute to the ground's Service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marketplace.careplans.demo import demo
from marketplace.careplans.promises import INVARIANTS
from marketplace.foundation.service import Service


def _blueprints() -> Sequence[Any]:
    from marketplace.careplans.api import api

    return [api.blueprint]


parts = Service(
    name="careplans",
    rank=1,
    models=("marketplace.careplans.models",),
    blueprints=_blueprints,
    invariants=INVARIANTS,
    demo=demo,
)
