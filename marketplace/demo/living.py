"""The morning's work of planners and vendors: some bookings are offered, some of those accepted already."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from marketplace.foundation.access import system_actor
from marketplace.foundation.errors import HomewardError
from marketplace.foundation.work import unit_of_work
from marketplace.foundation.world import World
from vendors.offers.matching import candidates
from vendors.offers.service import accept, propose

OFFERED_SHARE, ACCEPTED_SHARE = 0.75, 0.6


def demo(world: World) -> None:
    """Offer three of four bookings to who can do them, and let a little more than half be accepted."""
    dice = world.random("living")
    for booking_id in world.things.get("bookings", []):
        offered, accepted = dice.random() < OFFERED_SHARE, dice.random() < ACCEPTED_SHARE
        if offered:
            offers = _offer(world, booking_id, minutes=dice.randrange(25, 55))
            if accepted and offers:
                _accept(world, *dice.choice(offers))

    for booking_id in world.things.get("visit_bookings", []):
        for offer in _offer(world, booking_id, minutes=45):
            _accept(world, *offer)


def _offer(world: World, booking_id: UUID, minutes: int) -> Sequence[tuple[UUID, UUID]]:
    """(offer id, vendor id) for each vendor that was asked; none where nobody can do it."""
    health_system = world.things["organizations"]["st-brigid"]
    try:
        with unit_of_work(world.runtime, system_actor(health_system)) as session:
            able = [one.vendor_id for one in candidates(session, booking_id) if one.is_eligible]
            deadline = session.now() + timedelta(minutes=minutes)
            made = propose(session, booking_id, able[:2], deadline) if able else []
            return [(offer.id, offer.vendor_organization_id) for offer in made]
    except HomewardError:  # too close to the pickup, say: it stays with the planner
        return []


def _accept(world: World, offer_id: UUID, vendor_id: UUID) -> None:
    with unit_of_work(world.runtime, system_actor(vendor_id)) as session:
        accept(session, offer_id)
