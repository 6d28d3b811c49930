"""Why a change by hand is refused: the rule, and a sentence in the words of the house (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dispatch.board.words import RuleWords, rule_words
from dispatch.optimizer.eligibility import barrier
from dispatch.optimizer.fleet import Vehicle
from dispatch.optimizer.passing import Fault
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.requests import Request
from dispatch.optimizer.solution import UnservedCode
from dispatch.planning.facts import AwardedWork
from dispatch.planning.spoken import skill_in_words


@dataclass(frozen=True, slots=True)
class Refused:
    """The rule that forbids the change, as the check names it, and what it means here."""

    rule: str
    sentence: str

    @property
    def words(self) -> RuleWords:
        """The rule's name for people, and the remedy."""
        return rule_words(self.rule)


_SAYINGS = {
    "window": "{who} would not be reached inside the promised time.",
    "shift": "{name} would not be back before its shift and overtime end.",
    "break": "The crew of {name} could not take its break.",
    "blocked": "{name} is blocked when {who} would have to be served.",
    "capacity": "{who} would not fit on board of {name} beside the others.",
    "ride_limit": "{who} would be on board longer than allowed.",
    "link": "{who} would come before what has to be in the home first.",
    "route_duration": "The day of {name} would be longer than it may be.",
    "route_distance": "The day of {name} would be longer in miles than it may be.",
    "route_stops": "{name} would have more stops than it may make.",
}


def timing_refusal(
    fault: Fault, works: Sequence[AwardedWork], name: str, *, as_it_stands: bool = False
) -> Refused:
    """A fault of timing, said with the reference of the service at which it shows."""
    references = {str(work.booking_id): work.reference for work in works}
    said = _SAYINGS.get(fault.rule, "{who} breaks a rule of the plan on {name}.")
    sentence = said.format(who=references.get(fault.request, "Another service"), name=name)
    if as_it_stands:
        sentence = f"{name} runs behind its plan already: {sentence[0].lower() + sentence[1:]}"
        if sentence.split(": ", 1)[1].startswith("r-"):
            sentence = sentence.replace(": r-", ": R-", 1)
    return Refused(fault.rule, sentence)


def standing_refusal(problem: Problem, vehicle: Vehicle, request: Request, name: str) -> Refused | None:
    """What keeps the vehicle from the service even with nothing else to do; None when nothing does."""
    found = barrier(problem, vehicle, request)
    if found is None:
        return None
    sentence = {
        UnservedCode.VENDOR: f"{name} belongs to another vendor.",
        UnservedCode.SKILL: f"{name} lacks {_listed(request.skills - vehicle.skills)}.",
        UnservedCode.CAPACITY: f"{name} has no room of the kind that is needed, even empty.",
        UnservedCode.STOCK: f"{name} and its depot do not have the items in stock.",
        UnservedCode.CREDENTIAL: f"Its vehicle or crew holds no valid {_papers(request, vehicle)} then.",
        UnservedCode.RIDE_LIMIT: "Even the direct ride takes longer than is allowed on board.",
        UnservedCode.WINDOW: f"Even with nothing else to do, {name} cannot be there in the promised time.",
    }.get(found.code, f"{name} cannot serve it: {found.reason}.")
    return Refused(found.code.value, sentence)


def _listed(skills: Iterable[str]) -> str:
    return ", ".join(sorted(skill_in_words(skill) for skill in skills))


def _papers(request: Request, vehicle: Vehicle) -> str:
    first = request.first
    lacking = vehicle.missing(request.credentials, first.earliest, first.latest) or request.credentials
    return ", ".join(sorted(name.partition(":")[2].replace("_", " ") for name in lacking))
