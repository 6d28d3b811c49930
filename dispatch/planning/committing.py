"""Making a solved plan the plan: only with a certificate, only over the facts it was made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import Range

from dispatch.field.service import assign as assign_field
from dispatch.optimizer import Problem, Solution
from dispatch.optimizer.certificate import PlanCertificate, verify
from dispatch.planning.beside import give_free
from dispatch.planning.building import PlannedWork, Waiting
from dispatch.planning.facts import DayFacts
from dispatch.planning.models import Assignment, LeftOut, Plan, PlanState, PlanVersion
from dispatch.planning.spoken import in_words
from dispatch.planning.telling import tell_of_plan
from dispatch.planning.work_reading import TO_PLAN
from marketplace.bookings.awarding import schedule, unschedule
from marketplace.bookings.flexible import narrowed
from marketplace.bookings.models import Booking
from marketplace.bookings.words import BookingState
from marketplace.foundation.announce import announce
from marketplace.foundation.errors import Conflict
from marketplace.foundation.work import WorkSession
from vendors.fleet.models import Vehicle
from vendors.offers.service import confirm, unplan


class FactsMoved(Conflict):
    """The bookings changed while the plan was being made; it must be made again."""

    code = "facts-moved"


@dataclass(frozen=True, kw_only=True, slots=True)
class MadePlan:
    """A solved day, ready to be committed."""

    facts: DayFacts
    problem: Problem
    solution: Solution
    certificate: PlanCertificate
    planned: Sequence[PlannedWork]
    waiting: Sequence[Waiting]
    reasons: dict[UUID, tuple[str, str]]
    """Code and sentence for each booking that the solver left out."""
    reason: str
    """Why it was planned anew."""
    roads: str = ""
    """Where its travel times came from, in a sentence."""


def commit(
    session: WorkSession, plan_id: UUID, made: MadePlan, key: bytes, over: int | None = None
) -> PlanVersion:
    """Replace the day's assignments by the made plan's.

    Locks bookings, then the plan. Work whose crew has begun meanwhile keeps its place. Raises FactsMoved when
    an award or a promise is another one than the plan was made from, or the plan does not fit around what has
    begun, or it was to replace version `over` and this is not current any more; Conflict when the certificate
    does not fit the plan.
    """
    if not verify(made.certificate, made.problem, made.solution, key):
        raise Conflict("This plan has no valid certificate and was not committed.")
    begun = _lock_bookings(session, made)
    plan = session.scalars(select(Plan).where(Plan.id == plan_id).with_for_update()).one()
    if over is not None and (plan.current_version != over or plan.state is not PlanState.CURRENT):
        raise FactsMoved("The plan that was to be improved is not current any more.")
    before = {row.booking_id: row for row in session.scalars(_assignments_of(made))}
    planned, kept = _without_begun(made, begun, before)
    give_free(session, plan, made.facts)
    version = _version(session, plan, made, _changes(before, planned))
    _replace_assignments(session, version, planned, before, kept)
    _replace_left_out(session, plan, version, made)
    for vendor_id in {work.vendor_organization_id for work in made.facts.works}:
        tell_waiting(session, vendor_id, plan_id)
    for work in planned:
        if _differs(before.get(work.work.booking_id), work):
            schedule(session, work.work.booking_id, work.starts_at, work.ends_at)
            confirm(session, work.work.award_id, work.vehicle_day.vehicle_id, work.starts_at)
            _tell(session, work, before.get(work.work.booking_id))
            tell_of_plan(session, before.get(work.work.booking_id), work)
    awards = {work.booking_id: work.award_id for work in made.facts.works}
    for booking_id in _left_ids(made):
        unschedule(session, booking_id)
        unplan(session, awards[booking_id])
    plan.current_version, plan.revision = version.number, plan.revision + 1
    plan.roads = made.roads
    if plan.state is PlanState.PLANNING:
        plan.state = PlanState.CURRENT
    return version


def tell_lane(session: WorkSession, vendor_id: UUID, vehicle_id: UUID) -> None:
    """Open boards of the vendor draw the vehicle's day anew, whatever revision they show."""
    announce(session, [vendor_id], "lane", vehicle_id, revision=1)


def tell_waiting(session: WorkSession, vendor_id: UUID, plan_id: UUID) -> None:
    """Open boards of the vendor show anew what is on no vehicle."""
    announce(session, [vendor_id], "waiting", plan_id, revision=1)


def _lock_bookings(session: WorkSession, made: MadePlan) -> set[UUID]:
    """Lock what was planned; returns those whose crews have set off or loaded since: they keep their place.

    Raises FactsMoved for any other change: work given back, moved, held, ended, or placed by hand.
    """
    works = {work.booking_id: work for work in made.facts.works}
    rows = session.scalars(
        select(Booking)
        .where(Booking.id.in_(works))
        .order_by(Booking.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = {row.id: row for row in rows}
    under_way = set()
    for booking_id, work in works.items():
        row = found.get(booking_id)
        if row is None or row.award_id != work.award_id or _promise(row) != (work.earliest, work.latest):
            raise FactsMoved("A booking changed while the plan was being made.")
        if row.revision == work.revision:
            continue
        if row.service_status is None or row.state not in _BEGUN:
            raise FactsMoved("A booking changed while the plan was being made.")
        under_way.add(booking_id)
    return under_way


_BEGUN = (*TO_PLAN, BookingState.UNDER_WAY, BookingState.COMPLETED)


def _promise(row: Booking) -> tuple[datetime | None, datetime | None]:
    """The window that a plan has to keep: of a flexible ride the part after somebody said it may come."""
    if row.promised_start is None or row.promised_end is None:
        return row.promised_start, row.promised_end
    return narrowed(row, row.promised_start, row.promised_end)


def _without_begun(
    made: MadePlan, begun: set[UUID], before: dict[UUID, Assignment]
) -> tuple[list[PlannedWork], dict[UUID, Assignment]]:
    """The plan less what has begun meanwhile, and the places that this keeps.

    Raises FactsMoved where the rest does not fit around it: another vehicle, two stops of one vehicle at
    once, or something that must come first and now comes later.
    """
    kept = {booking_id: before[booking_id] for booking_id in begun if booking_id in before}
    vehicles = {one.work.booking_id: one.vehicle_day.vehicle_id for one in made.planned}
    if any(one not in kept or vehicles.get(one) != kept[one].vehicle_id for one in begun):
        raise FactsMoved("A crew has set off otherwise than planned.")
    planned = [one for one in made.planned if one.work.booking_id not in kept]
    after = {one.work.booking_id: one for one in planned}
    if any(_in_the_way(row, one) for one in planned for row in kept.values()):
        raise FactsMoved("A vehicle stands elsewhere by now.")
    for order in made.facts.orders:
        first, second = kept.get(order.before), after.get(order.after)
        if order.hard and first is not None and second is not None:
            there = second.ends_at - timedelta(seconds=second.work.last_seconds)
            if there < first.ends_at + timedelta(seconds=order.min_lag_seconds):
                raise FactsMoved("What must be there first comes later by now.")
    return planned, kept


def _in_the_way(row: Assignment, planned: PlannedWork) -> bool:
    """Whether the vehicle would have to stand at both stops at once."""
    if row.vehicle_id != planned.vehicle_day.vehicle_id:
        return False
    begin, end = row.standing.lower, row.standing.upper
    until = planned.starts_at + timedelta(seconds=planned.work.first_seconds)
    return begin is not None and end is not None and planned.starts_at < end and begin < until


def _assignments_of(made: MadePlan) -> Any:
    ids = [work.booking_id for work in made.facts.works]
    return select(Assignment).where(Assignment.booking_id.in_(ids))


def _version(session: WorkSession, plan: Plan, made: MadePlan, changes: list[dict[str, Any]]) -> PlanVersion:
    version = PlanVersion(
        plan_id=plan.id,
        number=plan.current_version + 1,
        reason=made.reason,
        problem_digest=made.certificate.problem_digest,
        certificate=asdict(made.certificate),
        cost_cents=made.solution.cost.total,
        served=len(made.planned),
        unserved=len(_left_ids(made)),
        changes=changes,
        seconds=made.solution.seconds,
        roads=made.roads,
        made_at=session.now(),
    )
    session.add(version)
    session.flush()
    return version


def standing_of(planned: PlannedWork) -> Range[datetime]:
    """While the vehicle stands at the first stop; half open, so that it may leave as another comes."""
    until = planned.starts_at.timestamp() + planned.work.first_seconds
    return Range(planned.starts_at, datetime.fromtimestamp(until, UTC))


def _assignment(version: PlanVersion, planned: PlannedWork, *, pinned: bool) -> Assignment:
    work = planned.work
    return Assignment(
        plan_id=version.plan_id,
        version_number=version.number,
        booking_id=work.booking_id,
        award_id=work.award_id,
        organization_id=work.organization_id,
        vendor_organization_id=work.vendor_organization_id,
        vehicle_id=planned.vehicle_day.vehicle_id,
        shift_id=planned.vehicle_day.shift_id,
        sequence=planned.sequence,
        starts_at=planned.starts_at,
        ends_at=planned.ends_at,
        leaves_at=planned.leaves_at,
        standing=standing_of(planned),
        pinned=pinned,
    )


def _replace_assignments(
    session: WorkSession,
    version: PlanVersion,
    planned_works: Sequence[PlannedWork],
    before: dict[UUID, Assignment],
    kept: dict[UUID, Assignment],
) -> None:
    """Put the changed places into the plan; what stays as it was only carries the new version's number."""
    pinned = {booking_id for booking_id, row in before.items() if row.pinned}
    same = {
        planned.work.booking_id
        for planned in planned_works
        if not _moved(before.get(planned.work.booking_id), planned)
    }
    gone = [booking_id for booking_id in before if booking_id not in same and booking_id not in kept]
    for booking_id in gone:
        session.expunge(before[booking_id])
    if gone:
        session.execute(delete(Assignment).where(Assignment.booking_id.in_(gone)))
    if same:
        stays = update(Assignment).where(Assignment.booking_id.in_(same))
        session.execute(
            stays.values(version_number=version.number).execution_options(synchronize_session=False)
        )
    for planned in planned_works:
        work = planned.work
        if work.booking_id in same:
            continue
        session.add(_assignment(version, planned, pinned=work.booking_id in pinned))
        assign_field(
            session,
            booking_id=work.booking_id,
            award_id=work.award_id,
            organization_id=work.organization_id,
            vendor_organization_id=work.vendor_organization_id,
            kind=work.kind,
            vehicle_id=planned.vehicle_day.vehicle_id,
            driver_user_id=planned.vehicle_day.driver_user_id,
            starts_at=planned.starts_at,
            ends_at=planned.ends_at,
        )
    session.flush()


def _with_names(session: WorkSession, sentence: str, made: MadePlan) -> str:
    """The optimizer knows vehicles by ids and all else by codes, people by their names and in words."""
    sentence = in_words(sentence)
    for day in made.facts.vehicle_days:
        if day.id in sentence:
            sentence = sentence.replace(day.id, session.get_one(Vehicle, day.vehicle_id).name)
    return sentence


def _replace_left_out(session: WorkSession, plan: Plan, version: PlanVersion, made: MadePlan) -> None:
    ids = [work.booking_id for work in made.facts.works]
    session.execute(delete(LeftOut).where(LeftOut.booking_id.in_(ids)))
    reasons = dict(made.reasons)
    reasons |= {waiting.work.booking_id: ("waits", waiting.reason) for waiting in made.waiting}
    by_id = {work.booking_id: work for work in made.facts.works}
    for booking_id, (code, sentence) in reasons.items():
        work = by_id[booking_id]
        session.add(
            LeftOut(
                plan_id=plan.id,
                version_number=version.number,
                booking_id=booking_id,
                organization_id=work.organization_id,
                vendor_organization_id=work.vendor_organization_id,
                code=code,
                reason=_with_names(session, sentence, made),
                remedies=[],
            )
        )
        announce(session, [work.organization_id, work.vendor_organization_id], "booking", booking_id)


def _left_ids(made: MadePlan) -> list[UUID]:
    return [*made.reasons, *(waiting.work.booking_id for waiting in made.waiting)]


def _changes(before: dict[UUID, Assignment], planned: Sequence[PlannedWork]) -> list[dict[str, Any]]:
    return [
        {
            "booking": str(work.work.booking_id),
            "vehicle": str(work.vehicle_day.vehicle_id),
            "starts_at": work.starts_at.isoformat(),
        }
        for work in planned
        if _differs(before.get(work.work.booking_id), work)
    ]


def _moved(row: Assignment | None, planned: PlannedWork) -> bool:
    """Whether anything of the booking's place in the plan is another than before."""
    return (
        row is None
        or _differs(row, planned)
        or row.shift_id != planned.vehicle_day.shift_id
        or (row.sequence, row.ends_at, row.leaves_at, row.standing)
        != (planned.sequence, planned.ends_at, planned.leaves_at, standing_of(planned))
    )


def _differs(row: Assignment | None, planned: PlannedWork) -> bool:
    return (
        row is None
        or row.vehicle_id != planned.vehicle_day.vehicle_id
        or row.starts_at != planned.starts_at
        or row.award_id != planned.work.award_id
    )


def _tell(session: WorkSession, planned: PlannedWork, row: Assignment | None) -> None:
    vendor = planned.work.vendor_organization_id
    announce(session, [planned.work.organization_id, vendor], "booking", planned.work.booking_id)
    for vehicle_id in {planned.vehicle_day.vehicle_id} | ({row.vehicle_id} if row else set()):
        tell_lane(session, vendor, vehicle_id)
