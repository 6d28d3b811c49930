"""The directory of the demo's home-health agencies, and two patients who need a nurse: one has chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from marketplace.careplans import service as careplans
from marketplace.careplans.disciplines import DISCIPLINES, Discipline
from marketplace.careplans.words import ServiceKind, TaskCategory
from marketplace.choices import agencies, service
from marketplace.choices.agencies import NewAgency
from marketplace.choices.words import ChoiceOutcome
from marketplace.foundation.access import system_actor
from marketplace.foundation.work import WorkSession, unit_of_work
from marketplace.foundation.world import World
from marketplace.patients import authorizations
from marketplace.patients.demo import Guest
from marketplace.patients.demo_people import POSTAL_CODES
from marketplace.patients.words import ServiceLine

_ALL = tuple(DISCIPLINES)
_SN, _PT, _OT, _SLP, _MSW, _AIDE = _ALL
_EAST = tuple(code for code in POSTAL_CODES if code not in {"97123", "97124", "97003", "97006", "97007"})
_FIRST_VISIT_AFTER, _LAST_VISIT_AFTER = timedelta(hours=2, minutes=30), timedelta(hours=6)
_WITHIN = timedelta(hours=48)
"""When care starts at the latest (42 CFR 484.55(a)(1)); so wide a window means a visit on the next day."""
_REFERRED = 0.16
"""Share of a metro's discharges that go home with home health."""


@dataclass(frozen=True, slots=True)
class _Listed:
    """An agency of the directory; one with a slug takes work here."""

    ccn: str
    name: str
    address: str
    disciplines: tuple[Discipline, ...]
    stars: str
    codes: tuple[str, ...]
    slug: str = ""
    in_network: bool = False


_AGENCIES = (
    _Listed("387041", "Rose City Home Health", "1405 NE Broadway, Portland, OR 97232", _ALL, "4.5",
            POSTAL_CODES, "rose-city-home-health", in_network=True),
    _Listed("387108", "Columbia Visiting Nurses", "9320 SE Foster Rd, Portland, OR 97266",
            (_SN, _PT, _OT, _AIDE), "4.0", _EAST, "columbia-visiting-nurses", in_network=True),
    _Listed("387215", "Tualatin Valley Home Care", "14600 NW Cornell Rd, Portland, OR 97229",
            (_SN, _PT, _AIDE), "3.5", POSTAL_CODES),
    _Listed("387330", "Mount Tabor Home Health", "6018 SE Stark St, Portland, OR 97215",
            (_SN, _PT, _OT, _SLP, _MSW), "3.0", _EAST, in_network=True),
    _Listed("387462", "Sellwood Home Nursing", "8210 SE 13th Ave, Portland, OR 97202",
            (_SN, _AIDE), "", _EAST),
)  # fmt: skip


def demo(world: World) -> None:
    """List the agencies; give two guests a nurse's task, one of them with a choice.

    In the larger demo a share of all the others are referred too, and have not chosen yet. Leaves `visits` in
    `things`: (guest, task id, authorization id) of the one who has chosen.
    """
    organizations: dict[str, UUID] = world.things["organizations"]
    with unit_of_work(world.runtime, system_actor(organizations["homeward"])) as session:
        listed = {one.name: _list(session, world, one) for one in _AGENCIES}
    hospital = system_actor(organizations["st-brigid"])
    with unit_of_work(world.runtime, hospital) as session:
        said = "St. Brigid Health owns a fifth of Columbia Visiting Nurses."
        agencies.disclose_interest(session, listed["Columbia Visiting Nurses"], said)
    insured = [guest for guest in world.things["guests"][1:] if guest.coverage_id]
    early = sorted(
        (guest for guest in insured if _home_by_day(world, guest)), key=lambda guest: guest.leaves_at
    )
    world.things["visits"] = []
    if world.size != "S":
        _refer_more(world, [guest for guest in insured if guest not in early[:2]])
    for guest, chosen in zip(early[:2], ("Rose City Home Health", ""), strict=False):
        with unit_of_work(world.runtime, hospital) as session:
            visit = _task(session, world, guest)
            if chosen:
                _choose(session, guest, listed[chosen])
                world.things["visits"].append(visit)
        topic = "home_health" if chosen else "unchosen_home_health"
        world.planted |= {
            f"{topic}_patient": str(guest.patient_id),
            f"{topic}_encounter": str(guest.encounter_id),
            f"{topic}_task": str(visit[1]),
            f"{topic}_authorization": str(visit[2]),
            f"{topic}_coverage": str(guest.coverage_id),
        }


def _refer_more(world: World, guests: Sequence[Guest]) -> None:
    """Nurses' tasks for the usual share: those who are home early today, everybody else within two days."""
    dice = world.random("referrals")
    with unit_of_work(world.runtime, system_actor(world.things["organizations"]["st-brigid"])) as session:
        for guest in guests:
            if dice.random() < _REFERRED:
                today = guest.leaves_at <= world.at(13, 30) and dice.random() < 0.5
                _task(session, world, guest, within=_LAST_VISIT_AFTER if today else _WITHIN)


def _home_by_day(world: World, guest: Guest) -> bool:
    """Whether the guest is home early enough for a nurse on the same day, and in no ride of ours."""
    riding = {wish.guest.topic for wish in world.things["wishes"] if wish.kind is ServiceKind.RIDE}
    return guest.leaves_at <= world.at(13, 30) and guest.topic not in riding


def _list(session: WorkSession, world: World, one: _Listed) -> UUID:
    organizations: dict[str, UUID] = world.things["organizations"]
    new = NewAgency(
        ccn=one.ccn,
        name=one.name,
        phone=f"503 555 0{one.ccn[3:]}",
        address=one.address,
        disciplines=frozenset(one.disciplines),
        participating_from=world.at(0) - timedelta(days=900),
        postal_codes=frozenset({*one.codes, "97214"}),
        quality_stars=Decimal(one.stars) if one.stars else None,
        vendor_organization_id=organizations.get(one.slug),
        agency_id=world.id(f"agency:{one.ccn}"),
    )
    made = agencies.list_agency(session, new)
    if one.in_network:
        agencies.join_network(session, made.id, organizations["evergreen-health-plan"])
    return made.id


def _task(
    session: WorkSession, world: World, guest: Guest, *, within: timedelta = _LAST_VISIT_AFTER
) -> tuple[Guest, UUID, UUID]:
    """A nurse's first visit some hours after the homecoming, authorized by the plan."""
    minute = timedelta(minutes=1)
    owner = world.things["users"]["st-brigid"]["planner"][0]
    new = careplans.NewTask(
        category=TaskCategory.HOME_HEALTH,
        title="Nurse starts care at home",
        owner_user_id=owner,
        service_kind=ServiceKind.HOME_HEALTH,
        discipline=Discipline.SKILLED_NURSING,
        due_offset_start_minutes=_FIRST_VISIT_AFTER // minute,
        due_offset_end_minutes=within // minute,
    )
    plan = careplans.open_plan(session, guest.encounter_id)
    task = careplans.add_task(session, plan.id, new, task_id=world.id(f"task:nurse:{guest.topic}"))
    assert guest.coverage_id is not None
    number = world.random(f"authorization:H:{guest.topic}").randrange(10**7, 10**8)
    permit = authorizations.add_authorization(
        session,
        guest.coverage_id,
        number=f"PA-H-{number}",
        service_line=ServiceLine.HOME_HEALTH,
        units_approved=6,
        valid_from=world.day,
        valid_to=world.day + timedelta(days=60),
        hcpcs_codes=[DISCIPLINES[kind].code for kind in (_SN, _PT)],
        authorization_id=world.id(f"authorization:H:{guest.topic}"),
    )
    return guest, task.id, permit.id


def _choose(session: WorkSession, guest: Guest, agency_id: UUID) -> None:
    made = service.compile_list(session, guest.encounter_id, coverage_id=guest.coverage_id)
    lines = {line.agency_id: line.position for line in service.lines_of(session, made.id)}
    service.present_and_record(session, made.id, ChoiceOutcome.CHOSEN, [lines[agency_id]])
