"""The second floor as one Service: who may do it, who will do it, at what price."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marketplace.foundation.service import NavigationItem, Service
from marketplace.foundation.world import World
from vendors.cancellations.handlers import CANCELLATION_HANDLERS
from vendors.cancellations.invariants import CANCELLATION_INVARIANTS
from vendors.credentials import reminders
from vendors.offers import deadlines
from vendors.offers.handlers import HANDLERS
from vendors.offers.invariants import INVARIANTS
from vendors.performance import recording
from vendors.sourcing import handlers as sourcing_handlers
from vendors.sourcing.invariants import SOURCING_INVARIANTS
from vendors.sourcing.looking import JOB_KINDS, SCHEDULES


def _blueprints() -> Sequence[Any]:
    from vendors.portal.blueprints import all_of_them

    return all_of_them()


def _demo(world: World) -> None:
    from vendors.demo import demo

    demo(world)


_OFFICE = frozenset({"vendor_admin", "dispatcher"})

service = Service(
    name="vendors",
    rank=2,
    models=(
        "vendors.network.models",
        "vendors.fleet.models",
        "vendors.credentials.models",
        "vendors.offers.models",
        "vendors.offers.code_models",
        "vendors.performance.models",
        "vendors.sourcing.models",
        "vendors.cancellations.models",
    ),
    blueprints=_blueprints,
    handlers=(*HANDLERS, *CANCELLATION_HANDLERS, *recording.HANDLERS, *sourcing_handlers.HANDLERS),
    job_kinds=(*deadlines.JOB_KINDS, *reminders.JOB_KINDS, *JOB_KINDS),
    schedules=(*deadlines.SCHEDULES, *reminders.SCHEDULES, *SCHEDULES),
    invariants=(*INVARIANTS, *SOURCING_INVARIANTS, *CANCELLATION_INVARIANTS),
    navigation=(
        NavigationItem("Offers", "portal.inbox", _OFFICE, order=10, icon="inbox"),
        NavigationItem("Schedule", "portal.schedule", _OFFICE, order=12, icon="calendar"),
        NavigationItem("Fleet", "fleet.overview", _OFFICE, order=30, icon="van"),
        NavigationItem("Credentials", "credentials.overview", _OFFICE, order=32, icon="shield"),
        NavigationItem(
            "Rates", "rates.overview", frozenset({"vendor_admin", "biller"}), order=34, icon="money"
        ),
        NavigationItem(
            "Contracts",
            "contracts.overview",
            frozenset({"vendor_admin", "org_admin", "biller"}),
            order=36,
            icon="document",
        ),
        NavigationItem(
            "Credentials to decide",
            "credentials.review",
            frozenset({"platform_admin"}),
            order=40,
            icon="shield",
        ),
    ),
    demo=_demo,
)
