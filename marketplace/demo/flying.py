"""The demo's trip by air: somebody who is taken over the mountains today, by three vendors in turn."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from marketplace.bookings.orders import Address, PayerChoice
from marketplace.bookings.trip_orders import TripOrder
from marketplace.bookings.trip_words import AirNecessity
from marketplace.bookings.words import LevelOfService, PayerKind, PlaceKind
from marketplace.careplans import service as careplans
from marketplace.careplans.words import ServiceKind, TaskCategory
from marketplace.desk.trips.booking import book_trip
from marketplace.foundation.access import system_actor
from marketplace.foundation.work import WorkSession, unit_of_work
from marketplace.foundation.world import World
from marketplace.patients import authorizations
from marketplace.patients.demo import Guest
from marketplace.patients.words import ServiceLine
from vendors.offers.models import Offer
from vendors.offers.service import accept
from vendors.offers.words import OfferState

CLINIC = Address(
    PlaceKind.SKILLED_NURSING, "3025 SW Reservoir Dr", "Redmond", "OR", "97756", "High Desert Rehabilitation"
)
WHY = "Spinal fracture in a halo vest: four hours over the pass are not borne, flat transport is ordered."
_HOURS = range(11, 15)
"""Who leaves then lands by daylight, while every crew of the trip is at work."""
_LEGS = 3


def demo(world: World) -> None:
    """Troutdale to Redmond with an ambulance at both ends, accepted by all; leaves its ids as planted."""
    guest = next(one for one in world.things["guests"][1:] if _may_fly(world, one))
    health_system = world.things["organizations"]["st-brigid"]
    with unit_of_work(world.runtime, system_actor(health_system)) as session:
        task_id = _task(session, world, guest)
        payer = PayerChoice(PayerKind.COVERAGE, guest.coverage_id, _authorization(session, world, guest))
        order = TripOrder(
            task_id,
            payer,
            takeoff="KTTD",
            landing="KRDM",
            necessity=AirNecessity.CONDITION,
            necessity_note=WHY,
            flight_level=LevelOfService.AIR_FIXED,
            destination=CLINIC,
            escort=True,
            note="Keep flat; log-roll only.",
            ids=[world.id(f"booking:trip:{number}") for number in range(1, _LEGS + 1)],
            trip_id=world.id("trip"),
        )
        trip, made = book_trip(session, order)
        legs = [one.id for one in made]
    world.planted |= {
        "air_trip": str(trip.id),
        "air_trip_patient": str(guest.patient_id),
        "air_trip_task": str(task_id),
        "air_trip_flight": str(legs[1]),
    }
    _accept(world, legs)


def _may_fly(world: World, guest: Guest) -> bool:
    """Insured, leaves around noon, and nothing else of the demo is planned for them."""
    rides = {wish.guest.topic for wish in world.things["wishes"]}
    local = guest.leaves_at.astimezone(world.zone)
    visits = {one.topic for one, *_ in world.things["visits"]}
    free = guest.topic not in {*rides, *visits, world.things.get("dialysis_guest")}
    return guest.coverage_id is not None and local.hour in _HOURS and free


def _task(session: WorkSession, world: World, guest: Guest) -> UUID:
    plan = careplans.open_plan(session, guest.encounter_id)
    new = careplans.NewTask(
        category=TaskCategory.TRANSPORT,
        title="Transfer to High Desert Rehabilitation",
        owner_user_id=world.things["users"]["st-brigid"]["planner"][0],
        service_kind=ServiceKind.RIDE,
        due_offset_start_minutes=0,
        due_offset_end_minutes=60,
    )
    return careplans.add_task(session, plan.id, new, task_id=world.id("task:trip")).id


def _authorization(session: WorkSession, world: World, guest: Guest) -> UUID:
    assert guest.coverage_id is not None  # `_may_fly` has seen to it
    row = authorizations.add_authorization(
        session,
        guest.coverage_id,
        number=f"PA-A-{world.random('authorization:trip').randrange(10**7, 10**8)}",
        service_line=ServiceLine.RIDE,
        units_approved=_LEGS + 1,  # one is left for a leg that is booked again
        valid_from=world.day,
        valid_to=world.day,
        authorization_id=world.id("authorization:trip"),
    )
    return row.id


def _accept(world: World, legs: Sequence[UUID]) -> None:
    """Whoever was asked first says yes."""
    health_system = world.things["organizations"]["st-brigid"]
    for booking_id in legs:
        with unit_of_work(world.runtime, system_actor(health_system)) as session:
            mine = (Offer.booking_id == booking_id, Offer.state == OfferState.OPEN)
            found = session.scalars(select(Offer).where(*mine).order_by(Offer.id)).first()
            asked = (found.id, found.vendor_organization_id) if found else None
        if asked is not None:
            with unit_of_work(world.runtime, system_actor(asked[1])) as session:
                accept(session, asked[0])
