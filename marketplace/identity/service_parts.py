"""What identity contributes to the ground's Service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marketplace.foundation.service import NavigationItem, Service
from marketplace.identity import demo, mail, oversight
from marketplace.identity.promises import INVARIANTS


def _blueprints() -> Sequence[Any]:
    from marketplace.identity.blueprints import all_of_them

    return all_of_them()


parts = Service(
    name="identity",
    rank=1,
    models=(
        "marketplace.identity.models",
        "marketplace.identity.door_models",
        "marketplace.identity.client_models",
        "marketplace.identity.demo_models",
        "marketplace.identity.mail",
    ),
    blueprints=_blueprints,
    job_kinds=(mail.SENDING, oversight.SWEEPING),
    schedules=(oversight.HOURLY,),
    invariants=INVARIANTS,
    navigation=(
        NavigationItem(
            "Administration",
            "admin.home",
            frozenset({"org_admin", "platform_admin", "privacy_officer"}),
            order=90,
            icon="gear",
        ),
    ),
    demo=demo.demo,
)
