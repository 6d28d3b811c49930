"""The outlook and its proposal as lines that the page shows in the order in which things will happen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dispatch.planning.wishes import Basis
from marketplace.desk.discharge.models import DischargeProposal
from marketplace.desk.discharge.words import (
    AVAILABILITY_LABELS,
    AVAILABILITY_TONES,
    Availability,
    ProposalState,
)
from vendors.preflight.rules import PAYABILITY_LABELS, PAYABILITY_TONES, Payability

PATIENCE = timedelta(seconds=30)
"""After this long without an answer the page stops asking and says so."""


@dataclass(frozen=True, slots=True)
class Line:
    """One part as the panel shows it; `vendor` is who would be asked as things stand."""

    title: str
    kind: str
    start: datetime
    end: datetime
    errors: tuple[str, ...]
    vendor: str
    call: str
    """The phone of an agency that takes no work in this marketplace; empty for everybody else."""
    cents: int | None
    availability: tuple[str, str]
    payability: tuple[str, str]
    findings: tuple[tuple[str, str], ...]
    planned: tuple[datetime, datetime] | None
    because: tuple[str, ...]
    others: tuple[tuple[str, str], ...]
    """(vendor, price and what speaks against it)."""
    refused: tuple[tuple[str, str, str], ...]
    """(vendor, why it cannot be asked, what would make it a yes)."""
    remedies: tuple[str, ...]
    left_out: bool

    @property
    def happens_at(self) -> datetime:
        """When it is to begin, as far as anybody knows."""
        return self.planned[0] if self.planned else self.start


@dataclass(frozen=True, slots=True)
class Panel:
    """The whole panel; `waiting` while the joint proposal is still being made."""

    proposal: DischargeProposal
    lines: tuple[Line, ...]
    waiting: bool
    overdue: bool

    @property
    def total_cents(self) -> int:
        """What all of it would cost."""
        return sum(line.cents or 0 for line in self.lines)

    @property
    def revision(self) -> int:
        """Rises when the proposal is asked for, and again when it is there."""
        return self.proposal.number * 3 + (self.proposal.state is not ProposalState.ASKED)


def panel(proposal: DischargeProposal, now: datetime) -> Panel:
    """The panel of a proposal; `now` is machine time."""
    results = {one["wish"]: one for one in proposal.result}
    lines = [_line(stored, results.get(stored["task_id"])) for stored in proposal.outlook]
    asked = proposal.state is ProposalState.ASKED
    overdue = asked and now - proposal.asked_at > PATIENCE
    ordered = tuple(sorted(lines, key=lambda line: line.happens_at))
    return Panel(proposal, ordered, asked and not overdue, overdue)


def _line(stored: Mapping[str, Any], result: Mapping[str, Any] | None) -> Line:
    vendors = {one["id"]: one for one in stored["vendors"]}
    eligible = [one for one in stored["vendors"] if not one["why_not"]]
    chosen = vendors.get(result["vendor"]) if result and result["vendor"] else None
    chosen = chosen or (eligible[0] if eligible else None)
    agency = next(iter(stored["agencies"]), None)
    planned = None
    if result and result["starts_at"]:
        planned = (datetime.fromisoformat(result["starts_at"]), datetime.fromisoformat(result["ends_at"]))
    level, pay = Availability(stored["availability"]), Payability(stored["payability"])
    against = dict(result["others"]) if result else {}
    return Line(
        title=stored["title"],
        kind=stored["kind"],
        start=datetime.fromisoformat(stored["start"]),
        end=datetime.fromisoformat(stored["end"]),
        errors=tuple(one["message"] for one in stored["errors"]),
        vendor=chosen["name"] if chosen else agency["name"] if agency else "",
        call=agency["phone"] if agency and not chosen else "",
        cents=chosen["cents"] if chosen else None,
        availability=(AVAILABILITY_LABELS[level], AVAILABILITY_TONES[level]),
        payability=(PAYABILITY_LABELS[pay], PAYABILITY_TONES[pay]),
        findings=tuple((one["text"], one["remedy"]) for one in stored["findings"]),
        planned=planned,
        because=tuple(result["because"]) if result else (),
        others=tuple(
            (one["name"], _price(one["cents"], against.get(one["id"], "")))
            for one in eligible
            if one is not chosen
        ),
        refused=tuple(
            (one["name"], one["why_not"], one["remedy"]) for one in stored["vendors"] if one["why_not"]
        ),
        remedies=tuple(result["remedies"]) if result else (),
        left_out=bool(result) and result is not None and result["basis"] == Basis.LEFT_OUT.value,
    )


def _price(cents: int | None, why: str) -> str:
    price = f"${cents / 100:,.2f}" if cents is not None else "no price"
    return f"{price}; {why}" if why else price
