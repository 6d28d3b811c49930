"""Cancellations and no-shows: what is owed, and by whom (pure).

Nothing is ever owed by a patient or billed to a payer:
- Medicaid's payment is payment in full, and CMS takes a no-show fee for a charge beyond it: 42 CFR 447.15,
  42 U.S.C. 1396a(a)(14), as state programs restate it (Colorado HCPF, policy statement on charging members
  for missed appointments).
- Medicare pays for no missed appointment, and lets the patient be charged only where everybody is: Claims
  Processing Manual, chapter 1, section 30.3.13. Since Medicaid patients may not be, nobody is.
- A ride that did not take place has no loaded mile and no claim.
What is left is between the vendor and the health system that booked, as their contract says.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from marketplace.bookings.words import BookingState


class Debtor(StrEnum):
    """Who owes the vendor something; there is no word for a patient or a payer on purpose."""

    NOBODY = "nobody"
    HEALTH_SYSTEM = "health_system"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a contract says, in cents."""

    late_cancellation_cents: int = 0
    no_show_cents: int = 0


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows for money, and why."""

    debtor: Debtor
    cents: int
    rule: str
    says: str


_LATE = frozenset({BookingState.CANCELLED_LATE, BookingState.CANCELLED_SAME_DAY})
IN_VAIN = frozenset({BookingState.CANCELLED_AT_DOOR, BookingState.RIDER_NO_SHOW})
"""A vehicle came for nothing."""
NEVER_OTHERS = "Neither the patient nor a payer is ever charged for it."


def consequence(ended_as: BookingState, terms: Terms | None, *, accepted: bool) -> Consequence:
    """What is owed for work that ended like this; `accepted` says whether a vendor held it.

    Late is after 17:00 of the day before, or on the day itself (`bookings.rules.cancellation_state`). At
    the door, and a rider who did not come although the driver waited, cost what the contract says for a
    no-show. What the vendor did not do costs nobody anything.
    """
    if not accepted:
        return _free("no-vendor", "No vendor held the work.")
    if ended_as is BookingState.CANCELLED_ADVANCE:
        return _free("in-advance", "It was called off in good time.")
    if ended_as in _LATE:
        return _owed("late", "It was called off late.", terms.late_cancellation_cents if terms else None)
    if ended_as in IN_VAIN:
        return _owed("in-vain", "The vehicle came in vain.", terms.no_show_cents if terms else None)
    return _free("not-done", "The vendor did not do the work.")


def _owed(rule: str, says: str, cents: int | None) -> Consequence:
    if cents is None:
        return _free(f"{rule}-without-contract", f"{says} No contract names a fee.")
    if cents == 0:
        return _free(f"{rule}-free", f"{says} The contract asks nothing for that.")
    return Consequence(Debtor.HEALTH_SYSTEM, cents, rule, f"{says} The contract names a fee. {NEVER_OTHERS}")


def _free(rule: str, says: str) -> Consequence:
    return Consequence(Debtor.NOBODY, 0, rule, says)
