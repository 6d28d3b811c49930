"""The parts of a discharge: one for each open task, from the record, changed as the planner says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from marketplace.bookings.orders import Address
from marketplace.bookings.page_parts import paying_choices_among
from marketplace.bookings.rules import LONGEST_WINDOW, suggested_level, usual_visit_offsets
from marketplace.bookings.words import LevelOfService, PlaceKind
from marketplace.careplans.disciplines import DISCIPLINES, Discipline
from marketplace.careplans.models import CarePlanTask
from marketplace.careplans.service import window_of
from marketplace.careplans.ways_back import is_outbound
from marketplace.careplans.words import DueAnchor, ServiceKind
from marketplace.desk.discharge.record import DischargeRecord
from marketplace.patients.authorizations import shortcomings
from marketplace.patients.words import ServiceLine


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One thing to book: what the record says, or what the planner said instead.

    `payer` is a value of `page_parts.paying_choices`; `extras` are codes of further items; an address line
    means another place than the usual one; `vendor_id` is None while the joint proposal chooses.
    """

    task_id: UUID
    title: str
    kind: ServiceKind
    outbound: bool = False
    """A ride from the home to an appointment, not from the hospital home."""
    there_task_id: UUID | None = None
    """Of a way back: the task of its way there."""
    starts_at: Address | None = None
    """Of a way back: where it begins; only as finely as its postal code once the way there is booked."""
    not_before: datetime | None = None
    """Of a way back: the latest pickup of its way there."""
    equipment_code: str | None = None
    discipline: Discipline | None = None
    wanted: bool = True
    start: datetime
    end: datetime
    moves: bool = True
    flexible: bool = False
    """A ride that is fetched once somebody says that the patient is ready."""
    payer: str = "health_system"
    level: LevelOfService | None = None
    extras: tuple[str, ...] = ()
    vendor_id: UUID | None = None
    note: str = ""
    address_line: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""

    @property
    def codes(self) -> tuple[str, ...]:
        """Every item to deliver, or the visit, as HCPCS codes."""
        if self.discipline is not None:
            return (DISCIPLINES[self.discipline].code,)
        return tuple(dict.fromkeys(code for code in (self.equipment_code, *self.extras) if code))

    @property
    def units(self) -> int:
        """How many units of an authorization it takes."""
        return max(1, len(self.codes))

    @property
    def line(self) -> ServiceLine:
        """What an authorization for it is about."""
        return ServiceLine(self.kind.value)

    @property
    def elsewhere(self) -> Address | None:
        """Another place than the usual one; None while nobody named one."""
        if not (self.address_line or self.postal_code):
            return None
        kind = PlaceKind.PHYSICIAN if self.outbound else PlaceKind.RESIDENCE
        return Address(kind, self.address_line, self.city, self.state.upper(), self.postal_code)


CHANGEABLE = (
    "wanted", "start", "end", "moves", "flexible", "payer", "level", "extras", "vendor_id", "note",
    "address_line", "city", "state", "postal_code",
)  # fmt: skip


def usual_parts(record: DischargeRecord) -> list[Part]:
    """What the record would book, soonest first; authorizations are shared out as far as units go."""
    purse = _Purse(record)
    return _ways_back(record, [_usual(record, task, purse) for task in record.to_book])


def changed_parts(
    record: DischargeRecord, usual: Sequence[Part], changes: Mapping[str, Mapping[str, Any]]
) -> list[Part]:
    """The usual parts with what a draft changed; the rest is as the record has it.

    A way back begins where its way there ends, and is not wanted without it.
    """
    return _ways_back(record, [_changed(part, changes.get(str(part.task_id), {})) for part in usual])


def _ways_back(record: DischargeRecord, parts: Sequence[Part]) -> list[Part]:
    by_task = {part.task_id: part for part in parts}
    found = []
    for part in parts:
        there = by_task.get(part.there_task_id) if part.there_task_id else None
        if there is not None:
            begins, wanted = there.elsewhere or record.hospital, part.wanted and there.wanted
            found.append(replace(part, starts_at=begins, not_before=there.end, wanted=wanted))
        elif part.there_task_id in record.bookings:
            booked = record.bookings[part.there_task_id]
            begins = Address(
                PlaceKind(booked.destination_place_kind), "", "", "", booked.destination_postal_code
            )
            found.append(replace(part, starts_at=begins, not_before=booked.requested_end))
        else:
            found.append(part)
    return found


def difference(usual: Part, given: Mapping[str, Any]) -> dict[str, Any]:
    """What of the given values differs from the record, JSON-ready; None keeps the record's."""
    told = {name: given[name] for name in CHANGEABLE if given.get(name) is not None}
    return {
        name: _plain(value) for name, value in told.items() if _plain(value) != _plain(getattr(usual, name))
    }


def _usual(record: DischargeRecord, task: CarePlanTask, purse: _Purse) -> Part:
    start, end = _window(record, task)
    ride = task.service_kind is ServiceKind.RIDE
    part = Part(
        task_id=task.id,
        title=task.title,
        kind=task.service_kind,
        outbound=is_outbound(task),
        there_task_id=task.way_back_of_task_id,
        flexible=task.way_back_of_task_id is not None,
        equipment_code=task.equipment_code,
        discipline=task.discipline,
        start=start,
        end=end,
        moves=task.due_anchor is DueAnchor.DISCHARGE,
        level=suggested_level(record.needs) if ride else None,
    )
    return replace(part, payer=purse.pay(part))


def _window(record: DischargeRecord, task: CarePlanTask) -> tuple[datetime, datetime]:
    """The task's due window; for a visit whose window is longer than a day, the day after the discharge."""
    due = window_of(task, record.encounter)
    if task.service_kind is not ServiceKind.HOME_HEALTH or due.end - due.start <= LONGEST_WINDOW:
        return due.start, due.end
    leaves = record.encounter.expected_discharge_at
    first, last = usual_visit_offsets(leaves, record.zone)
    return leaves + timedelta(minutes=first), leaves + timedelta(minutes=last)


class _Purse:
    """Who pays for what: authorizations with units first, each unit spent once, then coverages."""

    def __init__(self, record: DischargeRecord) -> None:
        self.record = record
        self.taken: dict[UUID, int] = {}

    def pay(self, part: Part) -> str:
        """The first payer that will do for the part."""
        for row, _, authorizations in self.record.coverages:
            for found in authorizations:
                if self._suffices(found, row.id, part):
                    self.taken[found.id] = self.taken.get(found.id, 0) + part.units
                    return f"coverage:{row.id}:{found.id}"
        choices = paying_choices_among(self.record.coverages, part.line)
        bare = [value for value, _ in choices if value.count(":") < 2]
        return bare[0] if bare else "health_system"

    def _suffices(self, found: Any, coverage_id: UUID, part: Part) -> bool:
        zone = self.record.zone
        return found.vendor_organization_id is None and not shortcomings(
            found,
            coverage_id=coverage_id,
            service_line=part.line,
            codes=part.codes,
            units=part.units + self.taken.get(found.id, 0),
            first_day=part.start.astimezone(zone).date(),
            last_day=part.end.astimezone(zone).date(),
        )


def _changed(part: Part, told: Mapping[str, Any]) -> Part:
    readers: dict[str, Callable[[Any], Any]] = dict.fromkeys(("start", "end"), datetime.fromisoformat)
    readers["vendor_id"] = UUID
    values: dict[str, Any] = {}
    for name in CHANGEABLE:
        if name in told:
            values[name] = readers[name](told[name]) if name in readers else told[name]
    if "level" in values:
        values["level"] = LevelOfService(values["level"])
    if "extras" in values:
        values["extras"] = tuple(values["extras"])
    return replace(part, **values)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID | LevelOfService):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


PART_FIELDS = frozenset(field.name for field in fields(Part))
