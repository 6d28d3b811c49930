"""Cancellations and no-shows: what is owed, and by whom (pure).

Nothing is ever owed by a patient or billed to a payer:
- Medicaid's payment is payment in full, and CMS takes a no-show fee for a charge beyond it: 42 CFR 447.15,
  42 U.S.C. 1396a(a)(14), as state programs restate it (Colorado HCPF, policy statement on charging members
  for missed appointments).
- Medicare pays for no missed appointment, and lets the patient be charged only where everybody is: Claims
  Processing Manual, chapter 1, section 30.3.13. Since Medicaid patients may not be, nobody is.
- A ride that did not take place has no loaded mile and no claim.
What is left is between the vendor and the health system that booked, as their contract says: who calls
work off late, or lets a vehicle come in vain, owes the vendor; a vendor that did not come is not paid, and
owes what the contract names for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from marketplace.bookings.words import BookingState


class Debtor(StrEnum):
    """Who owes the other side something; there is no word for a patient or a payer on purpose."""

    NOBODY = "nobody"
    HEALTH_SYSTEM = "health_system"
    VENDOR = "vendor"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a contract says, in cents."""

    late_cancellation_cents: int = 0
    no_show_cents: int = 0
    vendor_no_show_cents: int = 0
    notice_hours: int | None = None
    """Free up to so many hours before the promised time; None is up to 17:00 of the day before."""


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows for money, and why."""

    debtor: Debtor
    cents: int
    rule: str
    says: str


_CALLED_OFF = frozenset(
    {BookingState.CANCELLED_ADVANCE, BookingState.CANCELLED_LATE, BookingState.CANCELLED_SAME_DAY}
)
IN_VAIN = frozenset({BookingState.CANCELLED_AT_DOOR, BookingState.RIDER_NO_SHOW})
"""A vehicle came for nothing."""
ENDINGS = IN_VAIN | {BookingState.VENDOR_NO_SHOW}
"""How work ends in the field so that somebody may owe something."""
NEVER_OTHERS = "Neither the patient nor a payer is ever charged for it."


@dataclass(frozen=True, slots=True)
class _Rule:
    """One line of the table: which amount of the contract is owed, by whom, and in which words."""

    name: str
    says: str
    debtor: Debtor
    amount: str


_LATE = _Rule("late", "It was called off late.", Debtor.HEALTH_SYSTEM, "late_cancellation_cents")
_VAIN = _Rule("in-vain", "The vehicle came in vain.", Debtor.HEALTH_SYSTEM, "no_show_cents")
_MISSED = _Rule("vendor-no-show", "The vendor did not come.", Debtor.VENDOR, "vendor_no_show_cents")
TABLE: dict[BookingState, _Rule] = {
    BookingState.CANCELLED_LATE: _LATE,
    BookingState.CANCELLED_SAME_DAY: _LATE,
    BookingState.CANCELLED_AT_DOOR: _VAIN,
    BookingState.RIDER_NO_SHOW: _VAIN,
    BookingState.VENDOR_NO_SHOW: _MISSED,
}
"""What an ending costs; endings that are not here cost nobody anything."""


def consequence(
    ended_as: BookingState, terms: Terms | None, *, accepted: bool, notice: timedelta | None = None
) -> Consequence:
    """What is owed for work that ended like this; `accepted` says whether a vendor held it.

    Late is after 17:00 of the day before, or on the day itself (`bookings.rules.cancellation_state`), unless
    the contract names hours: then `notice`, the time that was left until the promised start, decides. At the
    door, and a rider who did not come although the driver waited, cost what the contract says for a no-show.
    """
    if not accepted:
        return _free("no-vendor", "No vendor held the work.")
    rule = _called_off(ended_as, terms, notice) if ended_as in _CALLED_OFF else TABLE.get(ended_as)
    if rule is None and ended_as in _CALLED_OFF:
        return _free("in-advance", "It was called off in good time.")
    if rule is None:
        return _free("not-done", "The vendor did not do the work.")
    return _owed(rule, terms)


def _called_off(ended_as: BookingState, terms: Terms | None, notice: timedelta | None) -> _Rule | None:
    if terms is None or terms.notice_hours is None or notice is None:
        return TABLE.get(ended_as)
    return _LATE if notice < timedelta(hours=terms.notice_hours) else None


def _owed(rule: _Rule, terms: Terms | None) -> Consequence:
    if terms is None:
        return _free(f"{rule.name}-without-contract", f"{rule.says} No contract names a fee.")
    cents = int(getattr(terms, rule.amount))
    if cents == 0:
        return _free(f"{rule.name}-free", f"{rule.says} The contract asks nothing for that.")
    said = f"{rule.says} The contract names a fee. {NEVER_OTHERS}"
    return Consequence(rule.debtor, cents, rule.name, said)


def _free(rule: str, says: str) -> Consequence:
    return Consequence(Debtor.NOBODY, 0, rule, says)
