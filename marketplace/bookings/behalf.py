"""Consequences for the requester: what a vendor's act means for the health system, in one transaction.

Row security lets a vendor change its own rows only. When its act closes a task, spends units or ends
the hopes of other candidates, the product does that for the booking's requester, and says so in the
requester's own audit.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from marketplace.bookings.models import Booking
from marketplace.foundation.access import system_actor
from marketplace.foundation.work import WorkSession


@contextmanager
def requester_acts(session: WorkSession, booking: Booking) -> Iterator[None]:
    """Inside, the transaction acts for the booking's health system; what it loads there is forgotten after.

    Only for consequences that the caller's own right to the booking entails. Pending changes are flushed on
    the way in (as the caller) and on the way out (as the requester).
    """
    with acting_for(session, booking.organization_id):
        yield


@contextmanager
def acting_for(session: WorkSession, organization_id: UUID) -> Iterator[None]:
    """As `requester_acts`, where no more is known of the booking than whose it is."""
    before = session.actor
    if organization_id == before.organization_id:
        yield
        return
    session.flush()
    known = _known(session)
    session.act_as(system_actor(organization_id))
    try:
        yield
        session.flush()
    except BaseException:
        with suppress(DBAPIError):  # a transaction that has failed keeps no context anyway
            session.act_as(before)
        raise
    for found in [each for each in session.identity_map.values() if id(each) not in known]:
        session.expunge(found)
    session.act_as(before)


def _known(session: WorkSession) -> set[int]:
    return {id(each) for each in session.identity_map.values()}
