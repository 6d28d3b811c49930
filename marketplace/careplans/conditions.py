"""What going home usually takes, by condition: tasks with their times and what comes before what (pure).

The times are our planning figures; a follow-up within a week is what heart failure programmes ask for.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from marketplace.careplans.disciplines import Discipline
from marketplace.careplans.equipment import CATALOG
from marketplace.careplans.words import Hardness, ServiceKind, TaskCategory

HOUR = 60
DAY = 24 * HOUR


class Condition(StrEnum):
    """The conditions with a template."""

    HEART_FAILURE = "heart_failure"
    COPD_OXYGEN = "copd_oxygen"
    KNEE_REPLACEMENT = "knee_replacement"


CONDITION_LABELS = {
    Condition.HEART_FAILURE: "Heart failure",
    Condition.COPD_OXYGEN: "COPD with oxygen",
    Condition.KNEE_REPLACEMENT: "Knee replacement",
}


@dataclass(frozen=True, slots=True)
class UsualTask:
    """A task as a template has it; offsets are minutes from the expected discharge.

    With `days_after` the task is for an appointment that many days after the discharge, on a weekday at
    `at_hour` local time, and the offsets count from there.
    """

    category: TaskCategory
    title: str
    kind: ServiceKind
    start_minutes: int
    end_minutes: int
    equipment_code: str | None = None
    discipline: Discipline | None = None
    days_after: int | None = None
    at_hour: int = 10

    @property
    def sameness(self) -> tuple[str, str, str]:
        """Two tasks alike in this stand for the same need."""
        return (self.category.value, self.kind.value, self.equipment_code or "")


@dataclass(frozen=True, slots=True)
class Template:
    """What a condition usually takes; `before_home` are the items that must be there before the patient."""

    condition: Condition
    tasks: tuple[UsualTask, ...]
    before_home: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """For people."""
        return CONDITION_LABELS[self.condition]


def _ride() -> UsualTask:
    return UsualTask(TaskCategory.TRANSPORT, "Ride home", ServiceKind.RIDE, 0, HOUR)


def _item(code: str, title: str = "") -> UsualTask:
    named = title or f"{CATALOG[code].name} at home"
    return UsualTask(TaskCategory.EQUIPMENT, named, ServiceKind.EQUIPMENT, -5 * HOUR, 0, equipment_code=code)


def _visit(title: str, discipline: Discipline) -> UsualTask:
    """The start of care, on the day after the discharge: well within the 48 hours (42 CFR 484.55(a)(1))."""
    kind = ServiceKind.HOME_HEALTH
    return UsualTask(TaskCategory.HOME_HEALTH, title, kind, 18 * HOUR, 26 * HOUR, discipline=discipline)


def _follow_up(title: str, days: int) -> UsualTask:
    return UsualTask(TaskCategory.FOLLOW_UP, title, ServiceKind.RIDE, -75, -30, days_after=days)


def _by_hand(category: TaskCategory, title: str, start: int, end: int) -> UsualTask:
    return UsualTask(category, title, ServiceKind.OTHER, start, end)


_MEDICINES = _by_hand(TaskCategory.MEDICATION, "Prescriptions filled and explained", -3 * HOUR, -30)

TEMPLATES = {
    template.condition: template
    for template in (
        Template(
            Condition.HEART_FAILURE,
            (
                _ride(),
                _item("E0143"),
                _item("E0163"),
                _visit("Nurse visit: weight, fluids, medicines", Discipline.SKILLED_NURSING),
                _follow_up("Ride to the heart failure clinic", 6),
                _MEDICINES,
                _by_hand(TaskCategory.TEACHING, "Daily weight and salt explained", -2 * HOUR, -15),
            ),
        ),
        Template(
            Condition.COPD_OXYGEN,
            (
                _ride(),
                _item("E1390", "Oxygen concentrator at home"),
                _item("E0570"),
                _visit("Nurse visit: oxygen safety and breathing", Discipline.SKILLED_NURSING),
                _follow_up("Ride to the lung clinic", 12),
                _MEDICINES,
                _by_hand(TaskCategory.TEACHING, "Inhaler and oxygen use taught", -2 * HOUR, -15),
            ),
            before_home=frozenset({"E1390"}),
        ),
        Template(
            Condition.KNEE_REPLACEMENT,
            (
                _ride(),
                _item("E0143"),
                _item("E0247"),
                _visit("Physical therapy at home", Discipline.PHYSICAL_THERAPY),
                _follow_up("Ride to the surgeon's wound check", 13),
                _MEDICINES,
                _by_hand(TaskCategory.TEACHING, "Exercises and wound care taught", -2 * HOUR, -15),
            ),
        ),
    )
}
"""The template of each condition."""


def hardness_before_home(template: Template, code: str) -> Hardness:
    """How strictly an item must be in the home before the patient is."""
    return Hardness.HARD if code in template.before_home or CATALOG[code].life_sustaining else Hardness.SOFT
