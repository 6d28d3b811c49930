"""What choices contribute to the ground's Service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marketplace.choices.demo import demo
from marketplace.choices.promises import INVARIANTS
from marketplace.foundation.service import NavigationItem, Service


def _blueprints() -> Sequence[Any]:
    from marketplace.choices.api import api
    from marketplace.choices.views import views

    return [api.blueprint, views]


parts = Service(
    name="choices",
    rank=1,
    models=("marketplace.choices.models",),
    blueprints=_blueprints,
    invariants=INVARIANTS,
    navigation=(
        NavigationItem(
            "Home-health agencies",
            "choices.directory",
            frozenset({"platform_admin", "org_admin"}),
            order=70,
            icon="home",
        ),
    ),
    demo=demo,
)
