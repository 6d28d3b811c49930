"""Writing history: day by day the services of the past, then their audit chain, then everything at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import text

from billing.claims.models import Claim
from dispatch.field.words import FieldStatus
from dispatch.planning.wanting import want_plan
from marketplace.bookings.words import BookingState
from marketplace.careplans.demo import EQUIPMENT_SHARES
from marketplace.demo.history.asking import Errand, ask_for_equipment, ask_for_ride, write_errand
from marketplace.demo.history.claiming import claim_work, ruling
from marketplace.demo.history.papers import exclude_driver, former_papers
from marketplace.demo.history.past import Move, Past, Somebody
from marketplace.demo.history.paying import deposit_all
from marketplace.demo.history.people import past_patient
from marketplace.demo.history.planting import Planting
from marketplace.demo.history.promising import Promise, able_vendors, promise, take, turned_back, write_award
from marketplace.demo.history.regulars import write_regulars
from marketplace.demo.history.rows import Rows
from marketplace.demo.history.stage import Hospital, read_stage
from marketplace.demo.history.working import Work, begin_work, delivery, ride, write_work
from marketplace.foundation.access import system_actor
from marketplace.foundation.audit import AuditSeal, link_hash
from marketplace.foundation.work import Runtime, WorkSession, unit_of_work
from marketplace.foundation.world import World
from vendors.demo.metro_cast import casts
from vendors.network.models import CapacityUse
from vendors.network.words import ServiceLine

DEPARTURE_WEIGHTS = {
    8: 0.9, 9: 1.7, 10: 3.4, 11: 5.6, 12: 8.4, 13: 10.0, 14: 10.8, 15: 11.4, 16: 11.2, 17: 10.2, 18: 8.6,
    19: 6.5, 20: 4.5,
}  # fmt: skip
"""At which hour people left on a weekday: median hour 15, 42 % before 15:00 (202 Florida hospitals, 2019)."""
WEEKEND_SHARE = 0.68
CANCELLED, RIDER_NO_SHOW, VENDOR_NO_SHOW, TURNED_BACK, NOBODY_HOME = 0.07, 0.015, 0.006, 0.04, 0.03


@dataclass(frozen=True, slots=True)
class Reach:
    """How far back history goes, and how much of it there is."""

    days: int
    rides_per_day: float
    deliveries_per_day: float
    """On a weekday."""
    regulars: int = 0
    """People who ride to a clinic and back on the played day."""


REACHES = {"M": Reach(days=91, rides_per_day=28, deliveries_per_day=26, regulars=110)}
"""Of each size that has a past. M: a third of a metro's 82 rides and 79 deliveries a weekday,
and half of its 400 regular legs, which fall to the share of the fleets that is offered here."""


_LAST_CLAIM = text(
    "SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM claims_number_seq"
)


def write_history(world: World, reach: Reach) -> Counter[str]:
    """Write the past of the world; returns how many of what. Nothing else may be at work on the database."""
    past, counted = compose_history(world, reach)
    counted["rows"] = past.rows.write(world.runtime)
    _ask_for_plans(world)
    return counted


def compose_history(world: World, reach: Reach) -> tuple[Past, Counter[str]]:
    """The past with all its rows, nothing of it written yet; the same world gives the same ids."""
    with unit_of_work(world.runtime, system_actor(), "verifier") as session:
        stage = read_stage(session, world)
    vendors = [one.organization_id for one in (*stage.rides, *stage.supplies)]
    _prepare_keys(world.runtime, [stage.health_system_id, *vendors])
    counted: Counter[str] = Counter()
    with unit_of_work(world.runtime, system_actor(), "owner") as session:
        past = Past(world, session, stage, Rows(world), world.random("history"))
        past.claims = session.scalar(_LAST_CLAIM) or 0
        first = world.day - timedelta(days=reach.days)
        former_papers(past, first)
        exclude_driver(past, first)
        _days(past, reach, counted)
        counted["regular_legs"] = write_regulars(past, reach.regulars)
        deposit_all(past, _local(world, first, 6))
        _chain_audit(past)
    return past, counted


def _days(past: Past, reach: Reach, counted: Counter[str]) -> None:
    planting, number = Planting(past), 0
    uses: Counter[tuple[UUID, str, date]] = Counter()
    for day in (past.world.day - timedelta(days=back) for back in range(reach.days, 0, -1)):
        share = WEEKEND_SHARE if day.weekday() >= 5 else 1.0
        wanted = ["ride"] * _about(past, reach.rides_per_day * share)
        wanted += ["equipment"] * _about(past, reach.deliveries_per_day * share)
        for kind in wanted:
            errand = _errand(past, kind, day, number)
            number += 1
            outcome = _live_through(past, errand, planting)
            write_errand(past, errand)
            counted[outcome] += 1
            if errand.booking.vendor_organization_id is not None:
                uses[errand.booking.vendor_organization_id, str(errand.booking.kind), day] += 1
    for (vendor_id, line, day), accepted in uses.items():
        row = CapacityUse(
            vendor_organization_id=vendor_id, service_line=ServiceLine(line), day=day, accepted=accepted
        )
        past.rows.keep(row, _local(past.world, day, 12))
    planting.finish()


def _errand(past: Past, kind: str, day: date, number: int) -> Errand:
    dice, hospitals = past.dice, past.stage.hospitals
    hospital: Hospital = dice.choices(hospitals, weights=[one.beds for one in hospitals])[0]
    hour = dice.choices(list(DEPARTURE_WEIGHTS), weights=list(DEPARTURE_WEIGHTS.values()))[0]
    leaves = _local(past.world, day, hour, dice.choice((0, 15, 30, 45)))
    patient = past_patient(past, number, hospital, dice.choice(hospital.units), leaves)
    if kind == "ride":
        return ask_for_ride(past, patient)
    code = dice.choices(list(EQUIPMENT_SHARES), weights=list(EQUIPMENT_SHARES.values()))[0]
    return ask_for_equipment(past, patient, code)


def _live_through(past: Past, errand: Errand, planting: Planting) -> str:
    """What became of a booking; returns the word for it."""
    made, luck = promise(past, errand), past.dice.random()
    if made is None:
        return _nobody(errand, errand.asked_at + timedelta(minutes=20))
    if luck < CANCELLED:
        return _cancelled(past, errand, made)
    if luck < CANCELLED + TURNED_BACK:
        at = made.accepted_at + timedelta(minutes=3)
        turned_back(past, errand, made, at)
        asked = {party.organization_id for party in errand.parties}
        vendors = [one for one in able_vendors(past, errand) if one.organization_id not in asked]
        if not vendors:
            return _nobody(errand, at + timedelta(minutes=9))
        offered = at + timedelta(minutes=2)
        errand.became(Move("offered", offered, errand.patient.planner))
        made = take(past, errand, past.dice.choice(vendors), offered, offered + timedelta(minutes=4))
    return _worked(past, errand, made, planting)


def _cancelled(past: Past, errand: Errand, made: Promise) -> str:
    at = max(made.accepted_at, errand.booking.requested_start) - timedelta(minutes=past.dice.randrange(1, 20))
    at = max(at, made.accepted_at + timedelta(minutes=1))
    reason = past.dice.choice(("condition_changed", "family_takes_patient", "discharge_cancelled"))
    errand.became(Move(BookingState.CANCELLED_SAME_DAY, at, errand.patient.planner, reason=reason))
    write_award(past, made, [Move("released", at, errand.patient.planner, reason="cancelled")])
    return "cancelled"


def _worked(past: Past, errand: Errand, made: Promise, planting: Planting) -> str:
    is_ride, luck = errand.booking.level_of_service is not None, past.dice.random()
    work = begin_work(past, errand, made)
    ends = FieldStatus.COMPLETED
    if is_ride and luck < VENDOR_NO_SHOW:
        return _missed(past, errand, made)
    if is_ride and luck < VENDOR_NO_SHOW + RIDER_NO_SHOW:
        ends = FieldStatus.RIDER_NO_SHOW
    elif not is_ride and luck < NOBODY_HOME:
        ends = FieldStatus.NOBODY_HOME
    plant = planting.for_work(work) if ends is FieldStatus.COMPLETED else None
    if is_ride:
        ride(past, work, ends=ends, detour=plant.detour if plant else 1.0)
    else:
        delivery(past, work, ends=ends)
    begun = next(at for status, at, *_ in work.steps if status is not FieldStatus.LOADED)
    errand.became(Move("under_way", begun, work.by))
    over = {"rider_no_show": "rider_no_show", "nobody_home": "turned_down", "completed": "completed"}
    reason = None if ends is FieldStatus.COMPLETED else str(ends)
    errand.became(Move(over[ends.value], work.steps[-1][1], work.by, reason=reason))
    write_work(past, work, signed=plant.signed if plant else past.dice.random() > 0.04 or not is_ride)
    write_award(past, made, [_confirmed(made)])
    if ends is FieldStatus.COMPLETED:
        claim = claim_work(past, work, plant.ruling if plant else ruling(past))
        planting.claimed(plant, work, claim)
        if plant is not None and plant.claimed_twice:
            _again(past, work, claim, planting)
    return over[ends.value]


def _again(past: Past, first: Work, claim: Claim, planting: Planting) -> None:
    """The same ride is booked, done and claimed a second time on the day of the first."""
    patient, vendor = first.errand.patient, first.made.vendor
    errand = ask_for_ride(past, replace(patient, leaves_at=patient.leaves_at + timedelta(hours=3)))
    offered = errand.asked_at + timedelta(minutes=2)
    errand.became(Move("offered", offered, patient.planner))
    made = take(past, errand, vendor, offered, offered + timedelta(minutes=3))
    work = begin_work(past, errand, made)
    ride(past, work)
    errand.became(Move("under_way", work.steps[0][1], work.by))
    errand.became(Move("completed", work.steps[-1][1], work.by))
    write_work(past, work)
    write_award(past, made, [_confirmed(made)])
    twice = planting.twice(past.claims)
    planting.claimed(twice, work, claim_work(past, work, twice.ruling, sequence=claim.sequence + 1))
    write_errand(past, errand)


def _missed(past: Past, errand: Errand, made: Promise) -> str:
    """Nobody came in the promised window."""
    at = errand.booking.requested_end + timedelta(minutes=20)
    errand.became(Move("vendor_no_show", at, errand.patient.planner, reason="vendor_no_show"))
    write_award(past, made, [_confirmed(made)])
    return "vendor_no_show"


def _confirmed(made: Promise) -> Move:
    planning = Somebody(made.vendor.organization_id, name="Planning")
    return Move("confirmed", made.accepted_at + timedelta(seconds=40), planning)


def _nobody(errand: Errand, at: datetime) -> str:
    """Nobody would do it in time: the family took the patient in the end."""
    planner = errand.patient.planner
    errand.became(Move("unmet", at, planner))
    later = at + timedelta(minutes=25)
    errand.became(Move(BookingState.CANCELLED_SAME_DAY, later, planner, reason="family_takes_patient"))
    return "unmet"


def _chain_audit(past: Past) -> None:
    """Seal the past's audit rows into their organizations' chains, oldest first, as the relay does."""
    heads: dict[UUID, tuple[int, bytes]] = {}
    for row in sorted(past.stage.audited, key=lambda one: one.id):
        chain = row.organization_id or UUID(int=0)
        sequence, previous = heads.get(chain, (0, b"\x00" * 32))
        link = link_hash(previous, row)
        seal = AuditSeal(chain_id=chain, sequence=sequence + 1, audit_event_id=row.id, hash=link)
        past.rows.keep(seal, row.happened_at)
        heads[chain] = (sequence + 1, link)


def _prepare_keys(runtime: Runtime, organizations: list[UUID]) -> None:
    """Have a data key for everybody who will seal, and have it at hand."""
    for _ in range(2):  # a new key is kept at hand once its transaction is over
        for organization_id in organizations:
            with unit_of_work(runtime, system_actor(organization_id)) as session:
                _touch_key(session, organization_id)


def _touch_key(session: WorkSession, organization_id: UUID) -> None:
    session.runtime.vault.seal(session, organization_id, "history", organization_id, "")


def _ask_for_plans(world: World) -> None:
    """Have today's promised work planned: it was accepted while no worker was there to hear of it."""
    with unit_of_work(world.runtime, system_actor(), "planner") as session:
        for region in sorted({cast.region for cast in casts(world.size)}):
            want_plan(session, region, world.day, world.zone.key, "accepted")


def _about(past: Past, mean: float) -> int:
    """A number near the mean, as days differ."""
    return max(0, round(past.dice.gauss(mean, mean**0.5 * 0.6)))


def _local(world: World, day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), world.zone).astimezone(UTC)
