"""Whether a payer will pay for work that is about to be booked: findings with remedies (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from vendors.preflight.repetition import (
    AFFIRMED_DAYS,
    MOST_ROUND_TRIPS,
    UNDER_AUTHORIZATION,
    first_beyond,
    is_repetitive,
)

AMBULANCE = frozenset({"bls", "als", "sct", "air_fixed", "air_rotor"})


class Payability(StrEnum):
    """The sum of the findings."""

    PAYABLE = "payable"
    PAPERS = "papers"
    """It will be paid when the named papers are there in time."""
    DOUBTFUL = "doubtful"
    """The payer may refuse it."""
    REFUSED = "refused"
    """The payer will refuse it as it stands."""


PAYABILITY_LABELS = {
    Payability.PAYABLE: "Payable",
    Payability.PAPERS: "Payable with papers",
    Payability.DOUBTFUL: "May not be paid",
    Payability.REFUSED: "Will not be paid",
}
PAYABILITY_TONES = {
    Payability.PAYABLE: "good",
    Payability.PAPERS: "info",
    Payability.DOUBTFUL: "warn",
    Payability.REFUSED: "bad",
}


@dataclass(frozen=True, slots=True)
class PayFinding:
    """One thing that stands between the work and its payment, and what would mend it."""

    code: str
    weight: Payability
    text: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Permission:
    """What is known of an authorization when it is to pay; `units_left` after what else is booked now."""

    number: str
    service_line: str
    codes: frozenset[str]
    units_left: int
    valid_from: date
    valid_to: date
    vendor_id: UUID | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PayFacts:
    """What is to be paid: the service, its days and codes, and who stands for the bill.

    `payer` is `coverage`, `health_system` or `self_pay`; the covered days are those of the chosen coverage.
    """

    kind: str
    level: str | None = None
    codes: frozenset[str] = frozenset()
    units: int = 1
    first_day: date
    last_day: date
    payer: str
    payer_name: str = ""
    covered_from: date | None = None
    covered_to: date | None = None
    permission: Permission | None = None
    vendor_id: UUID | None = None
    trip_days: tuple[date, ...] = ()
    """Of a ride: the days of all round trips like it of this patient, this one included, as far as known."""


def judge(facts: PayFacts) -> list[PayFinding]:
    """Everything that speaks against payment, the gravest first; empty when nothing does."""
    if facts.payer == "self_pay":
        text = "The patient pays: tell them the price before you confirm."
        return [PayFinding("self_pay", Payability.PAPERS, text, "Have them agree in writing.")]
    if facts.payer != "coverage":
        return []
    found = [
        *_about_coverage(facts),
        *_about_permission(facts),
        *_about_papers(facts),
        *_about_repetition(facts),
    ]
    return sorted(found, key=lambda one: list(Payability).index(one.weight), reverse=True)


def level_of(findings: list[PayFinding]) -> Payability:
    """The gravest of the findings."""
    return findings[0].weight if findings else Payability.PAYABLE


def _about_coverage(facts: PayFacts) -> Iterator[PayFinding]:
    begins, ends = facts.covered_from, facts.covered_to
    if begins is None or facts.first_day < begins or (ends is not None and facts.last_day > ends):
        yield PayFinding(
            "not_covered",
            Payability.REFUSED,
            f"The coverage is not in force on {facts.first_day:%b %-d}.",
            "Choose another payer, or correct the coverage on the patient's page.",
        )


def _about_permission(facts: PayFacts) -> Iterator[PayFinding]:
    held = facts.permission
    if held is None:
        yield PayFinding(
            "no_authorization",
            Payability.DOUBTFUL,
            "No authorization is on file for it.",
            f"Ask {facts.payer_name or 'the payer'} for one and add it on the patient's page.",
        )
        return
    if held.service_line != facts.kind:
        yield _refused("other_service", f"{held.number} is for another service.", "Choose another payer.")
    if held.units_left < facts.units:
        yield _refused(
            "no_units",
            f"{held.number} has {max(0, held.units_left)} units left for it, {facts.units} needed.",
            "Ask the payer for more units, or choose another payer.",
        )
    if not held.valid_from <= facts.first_day <= facts.last_day <= held.valid_to:
        yield _refused(
            "not_valid",
            f"{held.number} is valid from {held.valid_from:%b %-d} to {held.valid_to:%b %-d} only.",
            "Ask the payer to extend it, or choose a day inside it.",
        )
    if held.codes and not facts.codes <= held.codes:
        lacking = ", ".join(sorted(facts.codes - held.codes))
        yield _refused(
            "other_codes", f"{held.number} does not name {lacking}.", "Ask the payer to add the item."
        )
    if held.vendor_id is not None and facts.vendor_id not in {None, held.vendor_id}:
        yield _refused(
            "other_vendor", f"{held.number} is for another vendor.", "Choose the vendor that it names."
        )


def _about_papers(facts: PayFacts) -> Iterator[PayFinding]:
    if facts.level in AMBULANCE:
        yield PayFinding(
            "certification",
            Payability.PAPERS,
            "An ambulance needs a physician certification statement (42 CFR 410.40).",
            "Have it signed; for an unrepeated ride within 48 hours after it.",
        )
    if facts.kind == "equipment":
        yield PayFinding(
            "written_order",
            Payability.PAPERS,
            "The supplier needs the standard written order before it bills.",
            "Have the practitioner sign it; the supplier asks for it.",
        )
    if facts.kind == "home_health":
        yield PayFinding(
            "face_to_face",
            Payability.PAPERS,
            "A face-to-face encounter, 90 days before to 30 days after the start, is needed (42 CFR 424.22).",
            "Have the practitioner write down the date of theirs; this stay usually counts.",
        )


def _about_repetition(facts: PayFacts) -> Iterator[PayFinding]:
    code = UNDER_AUTHORIZATION.get(facts.level or "")
    if code is None or not is_repetitive(facts.trip_days):
        return
    if facts.permission is None:
        yield _refused(
            "repetitive_authorization",
            f"3 round trips in 10 days, or one a week for 3 weeks, are repetitive: {code} is not paid "
            "without prior authorization.",
            f"Ask {facts.payer_name or 'the payer'} for it and add it on the patient's page.",
        )
    elif (beyond := first_beyond(facts.trip_days)) is not None:
        yield _refused(
            "affirmation_limit",
            f"One affirmation covers {MOST_ROUND_TRIPS} round trips in {AFFIRMED_DAYS} days: the one of "
            f"{beyond:%b %-d} is beyond it.",
            f"Ask for the next affirmation in time for {beyond:%b %-d}, or end before it.",
        )
    yield PayFinding(
        "repetitive_certification",
        Payability.PAPERS,
        "Repetitive rides need the attending physician's own certification, at most 60 days old.",
        "A planner's or a nurse's signature does not do here: ask the physician (42 CFR 410.40(e)).",
    )


def _refused(code: str, text: str, remedy: str) -> PayFinding:
    return PayFinding(code, Payability.REFUSED, text, remedy)
