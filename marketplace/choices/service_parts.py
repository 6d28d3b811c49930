"""What choices contribute to the ground's Service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marketplace.choices.promises import INVARIANTS
from marketplace.foundation.service import Service


def _blueprints() -> Sequence[Any]:
    return []


parts = Service(
    name="choices",
    rank=1,
    models=("marketplace.choices.models",),
    blueprints=_blueprints,
    invariants=INVARIANTS,
)
