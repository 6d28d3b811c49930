"""Identity that travels with a booking: the least a crew needs to find the person, and who is insured."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import insert

from marketplace.bookings.models import Booking, BookingRider, BookingSubscriber
from marketplace.foundation.work import WorkSession

RIDER_PLACE = "booking_riders.sealed"
SUBSCRIBER_PLACE = "booking_subscribers.sealed"


@dataclass(frozen=True, slots=True)
class Rider:
    """What a crew needs to find and address the person; no diagnosis, no date of birth."""

    name: str
    phone: str
    pickup: str
    """Address in one line; empty for a delivery."""
    destination: str
    receiver_name: str = ""
    receiver_phone: str = ""
    receiver_relationship: str = ""
    receiver_instructions: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """What a claim must say of the patient; coverage parts are empty when no plan pays."""

    given_name: str
    family_name: str
    birth_date: str
    address_line: str
    city: str
    state: str
    postal_code: str
    member_id: str = ""
    plan_name: str = ""
    authorization_number: str = ""


RIDERS = insert(Booking.metadata.tables[BookingRider.__tablename__])
SUBSCRIBERS = insert(Booking.metadata.tables[BookingSubscriber.__tablename__])


def seal_rider(session: WorkSession, booking: Booking, rider: Rider) -> dict[str, Any]:
    """The rider's row of a booking, sealed, for RIDERS."""
    sealed = _seal(session, booking, RIDER_PLACE, rider)
    return {"booking_id": booking.id, "organization_id": booking.organization_id, "sealed": sealed}


def seal_subscriber(session: WorkSession, booking: Booking, subscriber: Subscriber) -> dict[str, Any]:
    """The subscriber's row of a booking, sealed, for SUBSCRIBERS."""
    sealed = _seal(session, booking, SUBSCRIBER_PLACE, subscriber)
    return {"booking_id": booking.id, "organization_id": booking.organization_id, "sealed": sealed}


def open_rider(session: WorkSession, row: BookingRider) -> Rider:
    """The rider again. Whoever calls it owes an audit row."""
    vault = session.runtime.vault
    content = vault.open(session, row.organization_id, RIDER_PLACE, row.booking_id, row.sealed)
    return Rider(**json.loads(content))


def open_subscriber(session: WorkSession, row: BookingSubscriber) -> Subscriber:
    """The subscriber again. Whoever calls it owes an audit row."""
    vault = session.runtime.vault
    content = vault.open(session, row.organization_id, SUBSCRIBER_PLACE, row.booking_id, row.sealed)
    return Subscriber(**json.loads(content))


def _seal(session: WorkSession, booking: Booking, place: str, value: Rider | Subscriber) -> bytes:
    content = json.dumps(asdict(value))
    return session.runtime.vault.seal(session, booking.organization_id, place, booking.id, content)
