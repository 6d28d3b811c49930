"""The bookings that are there when the demo's day begins: a score, so that the board looks like one."""

from __future__ import annotations

from uuid import UUID

from marketplace.bookings import service as bookings
from marketplace.bookings.orders import EquipmentOrder, ItemOrder, PayerChoice, RideOrder, VisitOrder
from marketplace.bookings.rules import suggested_level
from marketplace.bookings.words import PayerKind
from marketplace.careplans.demo import Wish
from marketplace.careplans.words import ServiceKind
from marketplace.foundation.access import system_actor
from marketplace.foundation.errors import InvalidInput
from marketplace.foundation.work import WorkSession, unit_of_work
from marketplace.foundation.world import World
from marketplace.patients.demo import Guest

BOOKED = {"S": 20, "M": 60}
"""How many are requested before the day begins."""


def demo(world: World) -> None:
    """Request the first wishes of the day; leaves their ids as `bookings` in `things`."""
    health_system = world.things["organizations"]["st-brigid"]
    made: list[UUID] = []
    for wish in world.things["wishes"]:
        if len(made) == BOOKED.get(world.size, BOOKED["S"]):
            break
        try:
            with unit_of_work(world.runtime, system_actor(health_system)) as session:
                made.append(_request(session, world, wish))
        except InvalidInput:  # nobody at home for a bed, say: the planner has to see to it
            continue
    world.things["bookings"] = made
    world.things["visit_bookings"] = [_refer(world, *visit) for visit in world.things["visits"]]


def _refer(world: World, guest: Guest, task_id: UUID, authorization_id: UUID) -> UUID:
    """The nurse's first visit of a guest who has chosen an agency."""
    health_system = world.things["organizations"]["st-brigid"]
    payer = _payer(guest.coverage_id, authorization_id)
    order = VisitOrder(task_id, payer, booking_id=world.id(f"booking:visit:{guest.topic}"))
    with unit_of_work(world.runtime, system_actor(health_system)) as session:
        made = bookings.request_visit(session, order)
        world.planted["home_health_booking"] = str(made.id)
        return made.id


def _request(session: WorkSession, world: World, wish: Wish) -> UUID:
    guest, booking_id = wish.guest, world.id(f"booking:{wish.kind}:{wish.guest.topic}")
    if wish.kind is ServiceKind.RIDE:
        level = suggested_level(guest.person.needs)
        payer = _payer(guest.coverage_id, guest.ride_authorization_id)
        return bookings.request_ride(session, RideOrder(wish.task_id, level, payer, booking_id=booking_id)).id
    assert wish.equipment_code is not None
    items = (ItemOrder(wish.equipment_code),)
    payer = _payer(guest.coverage_id, guest.equipment_authorization_id)
    order = EquipmentOrder(wish.task_id, items, payer, booking_id=booking_id)
    return bookings.request_equipment(session, order).id


def _payer(coverage_id: UUID | None, authorization_id: UUID | None) -> PayerChoice:
    if coverage_id is None:
        return PayerChoice(PayerKind.HEALTH_SYSTEM)
    return PayerChoice(PayerKind.COVERAGE, coverage_id, authorization_id)
