"""The small demo's standing order: somebody who goes to dialysis three mornings a week."""

from __future__ import annotations

from datetime import time, timedelta
from uuid import UUID

from marketplace.bookings.orders import Address, PayerChoice
from marketplace.bookings.rules import suggested_level
from marketplace.bookings.words import PayerKind, PlaceKind
from marketplace.careplans import service as careplans
from marketplace.careplans.words import ServiceKind, TaskCategory
from marketplace.desk.standing import service
from marketplace.desk.standing.rules import Terms
from marketplace.foundation.access import system_actor
from marketplace.foundation.work import WorkSession, unit_of_work
from marketplace.foundation.world import World
from marketplace.patients import authorizations
from marketplace.patients.demo import Guest
from marketplace.patients.words import MobilityAid, ServiceLine

CLINIC = Address(
    PlaceKind.DIALYSIS, "5051 NE Hoyt St", "Portland", "OR", "97213", "Hoyt Street Dialysis Center"
)
TRIPS, RIDES = 36, 80
"""Twelve weeks of treatments, and the rides that the payer has authorized."""
_SITTING = frozenset({MobilityAid.NONE, MobilityAid.WALKER, MobilityAid.CANE, MobilityAid.WHEELCHAIR})


def demo(world: World) -> None:
    """Monday, Wednesday and Friday from tomorrow on; leaves the order's id among the planted facts."""
    guest = next(one for one in world.things["guests"][1:] if _goes_to_dialysis(one))
    health_system = world.things["organizations"]["st-brigid"]
    with unit_of_work(world.runtime, system_actor(health_system)) as session:
        task_id = _task(session, world, guest)
        assert guest.coverage_id is not None  # `_goes_to_dialysis` has seen to it
        payer = PayerChoice(PayerKind.COVERAGE, guest.coverage_id, _authorization(session, world, guest))
        terms = Terms(
            weekdays=(0, 2, 4),
            pickup_at=time(6),
            starts_on=world.day + timedelta(days=1),
            back_at=time(10, 30),
            trips=TRIPS,
        )
        order = service.NewOrder(
            task_id,
            terms,
            suggested_level(guest.person.needs),
            payer,
            CLINIC,
            vendor_id=world.things["organizations"]["bayview-medical-transport"],
            note="Weak after treatment: a hand to the door.",
        )
        made = service.begin(session, order, ids=lambda name: world.id(f"standing:{name}"))
    world.things["dialysis_guest"] = guest.topic
    world.planted["standing_order"], world.planted["standing_task"] = str(made.id), str(task_id)


def _goes_to_dialysis(guest: Guest) -> bool:
    return guest.coverage_id is not None and guest.person.needs.mobility_aid in _SITTING


def _task(session: WorkSession, world: World, guest: Guest) -> UUID:
    plan = careplans.open_plan(session, guest.encounter_id)
    new = careplans.NewTask(
        category=TaskCategory.FOLLOW_UP,
        title="Ride to dialysis",
        owner_user_id=world.things["users"]["st-brigid"]["planner"][0],
        service_kind=ServiceKind.RIDE,
        due_offset_start_minutes=24 * 60,
        due_offset_end_minutes=25 * 60,
    )
    return careplans.add_task(session, plan.id, new, task_id=world.id("task:dialysis")).id


def _authorization(session: WorkSession, world: World, guest: Guest) -> UUID:
    assert guest.coverage_id is not None
    row = authorizations.add_authorization(
        session,
        guest.coverage_id,
        number=f"PA-D-{world.random('authorization:dialysis').randrange(10**7, 10**8)}",
        service_line=ServiceLine.RIDE,
        units_approved=RIDES,
        valid_from=world.day,
        valid_to=world.day + timedelta(days=120),
        authorization_id=world.id("authorization:dialysis"),
    )
    return row.id
