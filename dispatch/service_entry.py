"""What dispatch hands to the roof: planning, field work and the dispatcher's board."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from dispatch.board.events import PlanLoosened
from dispatch.board.handlers import on_plan_loosened
from dispatch.board.invariants import BOARD_INVARIANTS
from dispatch.field.invariants import FIELD_INVARIANTS
from dispatch.planning import handlers
from dispatch.planning.invariants import PLANNING_INVARIANTS
from dispatch.planning.wanting import IMPROVE_DAY, PLAN_DAY, PLAN_STALE_DAYS, plan_stale_days
from marketplace.bookings.events import BookingCancelled, BookingUnmet, BookingWindowMoved, ServiceEnded
from marketplace.foundation.events import Handler
from marketplace.foundation.jobs.queue import JobContext, JobKind, Schedule
from marketplace.foundation.service import NavigationItem, Service
from vendors.fleet.events import FleetChanged
from vendors.offers.events import AwardAmended, AwardReleased, OfferAccepted

if TYPE_CHECKING:
    from flask import Blueprint


CREWS = frozenset({"driver", "technician", "clinician"})


def _blueprints() -> Sequence[Blueprint]:
    from dispatch.board.api import api as board_api
    from dispatch.board.views import views as board_views
    from dispatch.field.api import api as field_api
    from dispatch.field.views import views as field_views

    return [board_views, board_api.blueprint, field_views, field_api.blueprint]


def _plan_day(context: JobContext) -> dict[str, object]:
    """Loads the optimizer only in the worker that plans."""
    from dispatch.planning.jobs import plan_day

    return plan_day(context)


def _improve_day(context: JobContext) -> dict[str, object]:
    from dispatch.planning.jobs import improve_day

    return improve_day(context)


def _load_optimizer() -> None:
    from dispatch.optimizer.engine.search import load_kernels
    from dispatch.planning import jobs  # noqa: F401  with everything that it needs

    load_kernels()


def _on(name: str, event: type, run: object) -> Handler:
    return Handler(event, f"dispatch.planning.{name}", run, role="planner")  # type: ignore[arg-type]


service = Service(
    name="dispatch",
    rank=3,
    models=("dispatch.planning.models", "dispatch.field.models", "dispatch.board.models"),
    blueprints=_blueprints,
    handlers=(
        _on("offer_accepted", OfferAccepted, handlers.on_offer_accepted),
        _on("award_released", AwardReleased, handlers.on_award_released),
        _on("award_amended", AwardAmended, handlers.on_award_amended),
        _on("booking_cancelled", BookingCancelled, handlers.on_booking_cancelled),
        _on("booking_unmet", BookingUnmet, handlers.on_unmet),
        _on("service_ended", ServiceEnded, handlers.on_service_ended),
        _on("window_moved", BookingWindowMoved, handlers.on_window_moved),
        _on("fleet_changed", FleetChanged, handlers.on_fleet_changed),
        Handler(PlanLoosened, "dispatch.board.let_go", on_plan_loosened, role="planner"),
    ),
    job_kinds=(
        JobKind(PLAN_DAY, _plan_day, role="planner", transactional=False, prepare=_load_optimizer),
        JobKind(IMPROVE_DAY, _improve_day, role="planner", transactional=False),
        JobKind(PLAN_STALE_DAYS, plan_stale_days, role="planner"),
    ),
    schedules=(Schedule("dispatch.plan_stale_days", PLAN_STALE_DAYS, timedelta(minutes=1)),),
    invariants=(*PLANNING_INVARIANTS, *FIELD_INVARIANTS, *BOARD_INVARIANTS),
    navigation=(
        NavigationItem(
            "Board", "dispatch.board", frozenset({"dispatcher", "vendor_admin"}), order=11, icon="board"
        ),
        NavigationItem("Your day", "field.stops", CREWS, order=10, icon="van"),
    ),
)
