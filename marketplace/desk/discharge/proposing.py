"""Asking for the joint proposal as the page changes, making it in the worker that may read fleets."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from dispatch.planning.facts import Order
from dispatch.planning.wishes import Basis, Wish
from marketplace.bookings.linking import is_ride_home
from marketplace.bookings.models import Booking
from marketplace.bookings.words import AWARDED
from marketplace.careplans.words import Hardness, ServiceKind
from marketplace.desk.discharge.models import DischargeDraft, DischargeProposal
from marketplace.desk.discharge.outlook import PartOutlook, as_document, wish_of
from marketplace.desk.discharge.parts import Part
from marketplace.desk.discharge.record import DischargeRecord
from marketplace.desk.discharge.words import ProposalState
from marketplace.foundation.announce import announce
from marketplace.foundation.clock import machine_now
from marketplace.foundation.ids import new_id
from marketplace.foundation.jobs.queue import enqueue
from marketplace.foundation.work import WorkSession

PROPOSE = "desk.propose_discharge"
FIND_REMEDIES = "desk.find_remedies"
THINKING_SECONDS = 0.5
"""What the optimizer may think about one page; the page is asked again at every change."""


def ask(
    session: WorkSession, record: DischargeRecord, draft: DischargeDraft, found: Sequence[PartOutlook]
) -> DischargeProposal:
    """Keep the outlook and ask for the proposal; an earlier question for the same draft is dropped.

    When nobody could be asked for anything the proposal is there at once, empty.
    """
    wishes = [wish for one in found if (wish := wish_of(one, record)) is not None]
    session.execute(
        insert(DischargeProposal)
        .values(
            id=new_id(), draft_id=draft.id, organization_id=draft.organization_id, number=0,
            time_zone=record.facility.time_zone, state=ProposalState.ASKED, outlook=[], wishes=[],
            orders=[], result=[], asked_at=machine_now(),
        )
        .on_conflict_do_nothing()
    )  # fmt: skip
    mine = select(DischargeProposal).where(DischargeProposal.draft_id == draft.id).with_for_update()
    row = session.scalars(mine.execution_options(populate_existing=True)).one()
    row.number += 1
    row.outlook = [as_document(one) for one in found]
    row.wishes = [wish.to_json() for wish in wishes]
    row.orders = _orders(record, {wish.id for wish in wishes}) + _homecomings(record, found, wishes)
    row.result, row.made_at, row.thinking_seconds = [], None, None
    row.asked_at = machine_now()
    row.state = ProposalState.ASKED if wishes else ProposalState.MADE
    if wishes:
        enqueue(session, PROPOSE, {"proposal": str(row.id), "number": row.number})
    session.flush()
    return row


def proposal_of(session: WorkSession, draft: DischargeDraft | None) -> DischargeProposal | None:
    """The newest proposal for a draft; None when nothing was asked yet."""
    if draft is None:
        return None
    mine = select(DischargeProposal).where(DischargeProposal.draft_id == draft.id)
    return session.scalars(mine).one_or_none()


def make_proposal(session: WorkSession, arguments: dict[str, Any]) -> dict[str, Any]:
    """The job: place the wishes into the vendors' days; nothing when the page has moved on meanwhile.

    What would help a part without room is tried out by a job of its own, so that nobody waits for it.
    """
    return _propose(session, arguments, remedies=False)


def find_remedies(session: WorkSession, arguments: dict[str, Any]) -> dict[str, Any]:
    """The job after it: the same again, with what would help the parts for which there is no room."""
    return _propose(session, arguments, remedies=True)


def _propose(session: WorkSession, arguments: dict[str, Any], *, remedies: bool) -> dict[str, Any]:
    from dispatch.planning.proposing import propose_works  # the optimizer is loaded only where it works

    row = session.get(DischargeProposal, UUID(arguments["proposal"]))
    if row is None or row.number != arguments["number"]:
        return {"outdated": True}
    began = perf_counter()
    found = propose_works(
        session,
        [Wish.from_json(stored) for stored in row.wishes],
        [
            Order(UUID(before), UUID(after), hard, shortest, longest)
            for before, after, hard, shortest, longest in row.orders
        ],
        ZoneInfo(row.time_zone),
        seconds=THINKING_SECONDS,
        remedies=remedies,
    )
    mine = select(DischargeProposal).where(DischargeProposal.id == row.id).with_for_update()
    row = session.scalars(mine.execution_options(populate_existing=True)).one()
    if row.number != arguments["number"]:
        return {"outdated": True}
    row.result = [one.to_json() for one in found]
    if not remedies:
        row.thinking_seconds = perf_counter() - began
        row.state, row.made_at = ProposalState.MADE, machine_now()
        if any(one.basis is Basis.LEFT_OUT for one in found):
            enqueue(session, FIND_REMEDIES, arguments)
    announce(session, [row.organization_id], "discharge_proposal", row.id, row.number * 3 + 1 + remedies)
    return {"wishes": len(found), "seconds": round(perf_counter() - began, 3)}


def _orders(record: DischargeRecord, wanted: set[UUID]) -> list[list[Any]]:
    """What comes before what, of which at least the later one is wished for."""
    found = []
    for edge in record.precedences:
        before = _planned_as(record, edge.predecessor_task_id, wanted)
        if before is not None and edge.successor_task_id in wanted:
            longest = edge.max_lag_minutes
            found.append(
                [
                    str(before),
                    str(edge.successor_task_id),
                    edge.hardness is Hardness.HARD,
                    edge.min_lag_minutes * 60,
                    None if longest is None else longest * 60,
                ]
            )
    return found


def _homecomings(
    record: DischargeRecord, found: Sequence[PartOutlook], wishes: Sequence[Wish]
) -> list[list[Any]]:
    """Nobody is visited at home before being there: what booking will link, the plan keeps already."""
    rides = [one.part.task_id for one in found if _leads_home(one.part)]
    rides += [booking.id for booking in record.bookings.values() if is_ride_home(booking) and _comes(booking)]
    visits = [wish.id for wish in wishes if wish.discipline is not None]
    wanted = {wish.id for wish in wishes} | {booking.id for booking in record.bookings.values()}
    return [[str(ride), str(visit), True, 0, None] for visit in visits for ride in rides if ride in wanted]


def _leads_home(part: Part) -> bool:
    """Whether the part is the ride from the hospital home, and not to somewhere else."""
    ride = part.kind is ServiceKind.RIDE and not part.outbound and part.there_task_id is None
    return ride and part.elsewhere is None


def _comes(booking: Booking) -> bool:
    return booking.state in AWARDED


def _planned_as(record: DischargeRecord, task_id: UUID, wanted: set[UUID]) -> UUID | None:
    """The task's own wish, or the accepted booking that works for it; None when neither is there."""
    if task_id in wanted:
        return task_id
    booking = record.bookings.get(task_id)
    return booking.id if booking is not None and _comes(booking) else None
