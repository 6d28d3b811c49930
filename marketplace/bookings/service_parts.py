"""What bookings contribute to the ground's Service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marketplace.bookings import trip_watching
from marketplace.bookings.demo import demo
from marketplace.bookings.events import ServiceEnded
from marketplace.bookings.moving import follow_discharge
from marketplace.bookings.promises import INVARIANTS
from marketplace.bookings.round_trips import tell_of_way_back
from marketplace.bookings.telling import TOLD
from marketplace.bookings.trip_promises import TRIP_INVARIANTS
from marketplace.foundation.events import Handler
from marketplace.foundation.service import NavigationItem, Service
from marketplace.patients.events import DischargeTimeChanged


def _blueprints() -> Sequence[Any]:
    from marketplace.bookings import new_views as _new_views  # noqa: F401  its routes hang on `views`
    from marketplace.bookings import patient_pages, ready_code_views, task_pages, telling_views, views
    from marketplace.bookings.api import api

    pages = [views.views, patient_pages.views, task_pages.views, ready_code_views.views]
    return [api.blueprint, telling_views.api.blueprint, *pages]


parts = Service(
    name="bookings",
    rank=1,
    models=(
        "marketplace.bookings.parties",
        "marketplace.bookings.trip_models",
        "marketplace.bookings.models",
        "marketplace.bookings.ready_code_models",
        "marketplace.bookings.telling_models",
    ),
    handlers=(
        Handler(DischargeTimeChanged, "bookings.follow_discharge", follow_discharge),
        Handler(ServiceEnded, "bookings.tell_of_way_back", tell_of_way_back, role="planner"),
    ),
    blueprints=_blueprints,
    job_kinds=trip_watching.JOB_KINDS,
    schedules=trip_watching.SCHEDULES,
    invariants=(*INVARIANTS, *TRIP_INVARIANTS),
    navigation=(
        NavigationItem("Patients", "patients.index", frozenset({"planner"}), order=20, icon="person"),
        NavigationItem("To know", "bookings.told", TOLD, order=15, icon="bell"),
    ),
    demo=demo,
)
