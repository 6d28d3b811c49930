"""What a booking asks of a vehicle and its crew: load, skills, credentials, equipment (pure).

Skills here are the vehicle day's words: `level:wheelchair`, `feature:oxygen_mount`, `crew:oxygen_setup`,
`crew_of_two`; credentials are `subject:type`, as the requirement sets name them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime

from marketplace.bookings.words import AIR_LEVELS, LevelOfService
from marketplace.careplans.disciplines import Discipline
from marketplace.careplans.equipment import CATALOG
from marketplace.patients.words import Needs
from vendors.credentials.catalogue import required_of
from vendors.credentials.words import HeldCredential, ScreeningResult, Standing, SubjectKind

AMBULANCES = AIR_LEVELS | {LevelOfService.BLS, LevelOfService.ALS, LevelOfService.SCT}
LYING = AMBULANCES | {LevelOfService.STRETCHER}
SITTING_IN_CHAIR = frozenset({LevelOfService.WHEELCHAIR, LevelOfService.WHEELCHAIR_BARIATRIC})
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
UNKNOWN_LITERS = 100
SETUP_SKILLS = {
    "E1390": "oxygen_setup",
    "E0431": "oxygen_setup",
    "E0260": "bed_setup",
    "E0601": "respiratory",
    "E0470": "respiratory",
}
"""Equipment that only a technician trained for it may set up, by HCPCS code."""
LONGEST_RIDE_SECONDS = 75 * 60
"""A patient who was in hospital this morning is not driven around longer than this, beyond the direct way."""


def ride_load(level: LevelOfService, needs: Needs) -> tuple[int, int, int, int]:
    """(seats, wheelchairs, stretchers, cargo litres) that a rider and an escort take."""
    escort = 1 if needs.escort else 0
    if level in LYING:
        return (escort, 0, 1, 0)
    if level in SITTING_IN_CHAIR:
        return (escort, 1, 0, 0)
    return (1 + escort, 0, 0, 0)


def ride_skills(level: LevelOfService, needs: Needs) -> frozenset[str]:
    """What vehicle and crew must be able to do for this rider."""
    skills = {f"level:{level}"}
    if level in AIR_LEVELS:
        skills |= {"crew:pilot", "crew:flight_nurse"}
    if needs.oxygen_lpm > 0 and level not in AMBULANCES:  # those carry it
        skills.add("feature:oxygen_mount")
    if needs.stairs_count > 3 and level in SITTING_IN_CHAIR | LYING:
        skills |= {"feature:stair_chair", "crew_of_two"}
    return frozenset(skills)


def cargo_liters(code: str) -> int:
    """The room one piece takes in a van."""
    known = CATALOG.get(code)
    return known.volume_liters if known else UNKNOWN_LITERS


def setup_skills(code: str) -> frozenset[str]:
    """What a technician must be able to do to set one piece up."""
    known = CATALOG.get(code)
    skills = {f"crew:{SETUP_SKILLS[code]}"} if code in SETUP_SKILLS else set()
    if known is not None and known.persons > 1:
        skills.add("crew_of_two")
    return frozenset(skills)


def longest_ride_seconds(direct_seconds: int) -> int:
    """The longest a ride may take: half as long again as the direct way, at least 20 minutes more."""
    return min(direct_seconds + LONGEST_RIDE_SECONDS, max(direct_seconds * 3 // 2, direct_seconds + 1200))


def visit_skills(discipline: Discipline) -> frozenset[str]:
    """What the clinician of a visit must be."""
    return frozenset({f"crew:{discipline}"})


def needed_credentials(kind: str, narrower: str | None, day: date) -> frozenset[str]:
    """Names of the vehicle and crew credentials that must be valid during the service.

    `narrower` is the level of a ride, the discipline of a visit.
    """
    return frozenset(
        f"{subject}:{rule.credential_type}"
        for subject in (SubjectKind.VEHICLE, SubjectKind.CREW_MEMBER)
        for rule in required_of(subject, kind, narrower, day)
    )


def spans_of(
    vehicle: Iterable[HeldCredential], crew: Mapping[object, Sequence[HeldCredential]]
) -> tuple[tuple[str, datetime, datetime], ...]:
    """(name, from, until) during which the vehicle holds it, or everybody of the crew does."""
    spans = [(f"vehicle:{paper.credential_type}", *_span(paper)) for paper in vehicle if _counts(paper)]
    each = [[paper for paper in papers if _counts(paper)] for papers in crew.values()]
    types = {paper.credential_type for papers in each for paper in papers}
    for credential_type in sorted(types):
        shared: list[tuple[datetime, datetime]] = [(datetime.min.replace(tzinfo=UTC), FOREVER)]
        for papers in each:
            own = [_span(paper) for paper in papers if paper.credential_type == credential_type]
            shared = [
                (max(begin, start), min(end, stop))
                for begin, end in shared
                for start, stop in own
                if max(begin, start) < min(end, stop)
            ]
        spans += [(f"crew_member:{credential_type}", begin, end) for begin, end in shared]
    return tuple(spans)


def _counts(paper: HeldCredential) -> bool:
    bad = {ScreeningResult.EXCLUDED, ScreeningResult.POTENTIAL_MATCH}
    return paper.verified and paper.standing is Standing.GOOD and paper.screening not in bad


def _span(paper: HeldCredential) -> tuple[datetime, datetime]:
    return paper.valid_from, paper.expires_at or FOREVER
