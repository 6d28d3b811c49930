"""The disciplines of home health: who comes, what a visit takes, and how one is charged.

Disciplines are those of 42 CFR 409.44 and 409.45; codes and their meaning those of CMS's public HCPCS
Level II (all of them are per visit or per diem); minutes are our planning figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Discipline(StrEnum):
    """What kind of clinician a home-health visit needs, by the abbreviations of the field."""

    SKILLED_NURSING = "sn"
    PHYSICAL_THERAPY = "pt"
    OCCUPATIONAL_THERAPY = "ot"
    SPEECH_THERAPY = "slp"
    SOCIAL_WORK = "msw"
    AIDE = "hha"


@dataclass(frozen=True, slots=True)
class DisciplineFacts:
    """What there is to know of a discipline."""

    name: str
    clinician: str
    """Who makes the visit, as patients say it."""
    code: str
    """HCPCS code of one visit."""
    description: str
    visit_minutes: int
    """In the home, for a visit within an episode."""
    may_start_care: bool
    """Whether it may make the first visit: a nurse, or a therapist if therapy only (42 CFR 484.55(a))."""


START_OF_CARE_MINUTES = 90
"""In the home, when the comprehensive assessment is begun."""
START_OF_CARE_HOURS = 48
"""The first visit: within this long of the return home, or on the ordered date (42 CFR 484.55(a)(1))."""

DISCIPLINES: dict[Discipline, DisciplineFacts] = {
    Discipline.SKILLED_NURSING: DisciplineFacts(
        "Skilled nursing", "Nurse", "T1030", "Nursing care in the home, registered nurse, per diem", 45, True
    ),
    Discipline.PHYSICAL_THERAPY: DisciplineFacts(
        "Physical therapy", "Physical therapist", "S9131", "Physical therapy in the home, per diem", 45, True
    ),
    Discipline.OCCUPATIONAL_THERAPY: DisciplineFacts(
        "Occupational therapy",
        "Occupational therapist",
        "S9129",
        "Occupational therapy in the home, per diem",
        45,
        True,
    ),
    Discipline.SPEECH_THERAPY: DisciplineFacts(
        "Speech therapy", "Speech therapist", "S9128", "Speech therapy in the home, per diem", 45, True
    ),
    Discipline.SOCIAL_WORK: DisciplineFacts(
        "Medical social work", "Social worker", "S9127", "Social work visit in the home, per diem", 60, False
    ),
    Discipline.AIDE: DisciplineFacts(
        "Home health aide", "Home health aide", "T1021", "Home health aide, per visit", 65, False
    ),
}
"""Every discipline, in the order in which they are listed."""
