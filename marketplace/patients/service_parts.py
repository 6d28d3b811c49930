"""What patients contribute to the ground's Service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marketplace.foundation.service import Service
from marketplace.patients.demo import demo
from marketplace.patients.promises import INVARIANTS


def _blueprints() -> Sequence[Any]:
    from marketplace.patients.api import api

    return [api.blueprint]


parts = Service(
    name="patients",
    rank=1,
    models=("marketplace.patients.models", "marketplace.patients.coverage_models"),
    blueprints=_blueprints,
    invariants=INVARIANTS,
    demo=demo,
)
