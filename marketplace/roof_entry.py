"""The roof's own Service: the planner's desk and whatever needs several floors at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from marketplace.demo.worlds import demo
from marketplace.desk import downtime
from marketplace.desk.discharge.promises import INVARIANTS
from marketplace.desk.discharge.proposing import FIND_REMEDIES, PROPOSE, find_remedies, make_proposal
from marketplace.desk.guides import FIRST_STEPS
from marketplace.desk.ready_promises import READY_INVARIANTS
from marketplace.desk.standing import looking
from marketplace.desk.standing.promises import STANDING_INVARIANTS
from marketplace.foundation.jobs.queue import JobKind
from marketplace.foundation.service import NavigationItem, Service

if TYPE_CHECKING:
    from flask import Blueprint


def _blueprints() -> Sequence[Blueprint]:
    from marketplace.desk import downtime_views  # noqa: F401  it adds its page to the desk
    from marketplace.desk.discharge.api import api as discharge_api
    from marketplace.desk.discharge.views import views as discharge
    from marketplace.desk.ready_api import api as ready_api
    from marketplace.desk.ready_views import views as ready
    from marketplace.desk.standing.api import api as standing_api
    from marketplace.desk.standing.views import views as standing
    from marketplace.desk.trips.api import api as trips_api
    from marketplace.desk.trips.views import views as trips
    from marketplace.desk.views import views as desk

    rooms = [desk, ready, ready_api.blueprint, discharge, discharge_api.blueprint]
    return [*rooms, standing, standing_api.blueprint, trips, trips_api.blueprint]


def _commands() -> Sequence[Any]:
    from marketplace.desk.downtime_views import downtime_command

    return [downtime_command]


PROPOSING = (
    JobKind(PROPOSE, make_proposal, role="planner"),
    JobKind(FIND_REMEDIES, find_remedies, role="planner"),
)
service = Service(
    name="roof",
    rank=9,
    models=("marketplace.desk.discharge.models", "marketplace.desk.standing.models"),
    demo=demo,
    first_steps=FIRST_STEPS,
    blueprints=_blueprints,
    commands=_commands,
    job_kinds=(*downtime.JOB_KINDS, *PROPOSING, *looking.JOB_KINDS),
    schedules=(*downtime.SCHEDULES, *looking.SCHEDULES),
    invariants=(*READY_INVARIANTS, *INVARIANTS, *STANDING_INVARIANTS),
    navigation=(
        NavigationItem("Departures", "desk.board", frozenset({"planner"}), order=5, icon="board"),
        NavigationItem("Ready to leave", "ready.board", frozenset({"planner"}), order=6, icon="check"),
        NavigationItem("Standing orders", "standing.index", frozenset({"planner"}), order=22, icon="refresh"),
    ),
)
