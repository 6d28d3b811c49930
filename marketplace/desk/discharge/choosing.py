"""The patient's choice on the discharge page: the list that was shown, the line chosen, who may be asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marketplace.careplans.words import ServiceKind
from marketplace.choices.models import ChoiceList, ChoiceListEntry
from marketplace.choices.service import (
    Choice,
    choice_of,
    compile_list,
    lines_of,
    present_and_record,
)
from marketplace.choices.words import ChoiceOutcome
from marketplace.desk.discharge.record import DischargeRecord
from marketplace.foundation.errors import Conflict, FieldError
from marketplace.foundation.work import WorkSession

NO_PREFERENCE = 0
"""What the page sends when the patient has no preference; lines count from 1."""


@dataclass(frozen=True, slots=True)
class Choosing:
    """Where the choice of a home-health agency stands: settled before, or a list with its ticks."""

    choice_list: ChoiceList | None = None
    lines: tuple[ChoiceListEntry, ...] = ()
    settled: Choice | None = None
    shown: bool = False
    """The planner says that the patient has seen the list."""
    chosen: int | None = None
    trouble: str = ""
    """Why there is no list."""

    @property
    def entries(self) -> tuple[ChoiceListEntry, ...]:
        """The lines under the choice, in the patient's order; empty while nothing is chosen."""
        if self.settled is not None:
            return self.settled.chosen
        if self.chosen == NO_PREFERENCE:
            return self.lines
        return tuple(line for line in self.lines if line.position == self.chosen)

    @property
    def vendor_ids(self) -> tuple[UUID, ...]:
        """Those of them that take work in this marketplace."""
        found = (entry.vendor_organization_id for entry in self.entries)
        return tuple(vendor_id for vendor_id in found if vendor_id is not None)

    @property
    def agencies(self) -> tuple[tuple[str, str], ...]:
        """Names and phones under the choice; none while the patient has no preference."""
        if self.chosen == NO_PREFERENCE or not self.entries:
            return ()
        return tuple((entry.name, entry.phone) for entry in self.entries)

    @property
    def missing(self) -> list[FieldError]:
        """What is still to be ticked before anybody can be referred to (42 CFR 482.43(c))."""
        if self.settled is not None:
            return []
        if self.choice_list is None:
            return [FieldError("chosen", self.trouble or "there is no list of agencies yet: look again")]
        found = []
        if not self.shown:
            text = "show the patient the list of home-health agencies, then tick that it was shown"
            found.append(FieldError("list_shown", text))
        if self.chosen is None or not 0 <= self.chosen <= self.choice_list.length:
            found.append(FieldError("chosen", "tick the agency that the patient chose, or no preference"))
        return found

    def to_json(self) -> dict[str, Any]:
        """What a draft keeps of it."""
        known = str(self.choice_list.id) if self.choice_list else None
        return {"list": known, "shown": self.shown, "chosen": self.chosen}


def choosing(
    session: WorkSession, record: DischargeRecord, told: Mapping[str, Any] | None
) -> Choosing | None:
    """The choice for a stay with a visit to book; None without one. Makes the list when there is none.

    `told` is what the page or a draft says (`list`, `shown`, `chosen`); ticks on a list that is out of date
    do not count.
    """
    if not any(task.service_kind is ServiceKind.HOME_HEALTH for task in record.to_book):
        return None
    home = record.home
    if home is None:
        return Choosing(trouble="complete the address on the patient's page: the list is made for the home")
    settled = choice_of(session, record.encounter.id)
    if settled is not None and settled.choice_list.postal_code == home.postal_code[:5]:
        return Choosing(settled.choice_list, settled.chosen, settled)
    try:
        current = compile_list(session, record.encounter.id)
    except Conflict as nobody:
        return Choosing(trouble=str(nobody))
    lines, told = tuple(lines_of(session, current.id)), told or {}
    if str(told.get("list")) != str(current.id):
        return Choosing(current, lines)
    return Choosing(current, lines, shown=bool(told.get("shown")), chosen=told.get("chosen"))


def settle(session: WorkSession, found: Choosing) -> None:
    """Record that the list was shown and what was chosen; nothing when that was done before."""
    if found.settled is None and found.choice_list is not None and found.chosen is not None:
        free = found.chosen == NO_PREFERENCE
        outcome = ChoiceOutcome.NO_PREFERENCE if free else ChoiceOutcome.CHOSEN
        positions = [] if free else [found.chosen]
        present_and_record(session, found.choice_list.id, outcome, positions)
