"""Rules of field work that need no database: who may sign, what must be there before completing (pure)."""

from __future__ import annotations

import base64
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.field.words import (
    ENDED_WITHOUT_SERVICE,
    RELATIONSHIPS,
    STATUSES_OF_KIND,
    FieldStatus,
)
from marketplace.foundation.errors import FieldError

LONGEST_RIDE_MILES = 500
SHORTEST_VISIT_NOTE, LONGEST_VISIT_NOTE = 10, 2_000
LEAST_SIGNATURE, LARGEST_SIGNATURE = 80, 400_000
"""Characters of base64: less is no drawing, more is no signature."""
CLOCK_TOLERANCE = timedelta(minutes=2)
"""A phone's clock may run this far ahead of ours."""
NO_SHOW_WAIT = timedelta(minutes=15)
"""How long a driver waits before a rider counts as a no-show (Louisiana's standard, our default)."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature: drawn (PNG data URL) or typed by somebody who cannot draw; the E-SIGN Act takes both."""

    drawn: str = ""
    typed: str = ""

    @property
    def given(self) -> bool:
        """Whether there is a drawing of some size, or a typed name."""
        return _has_ink(self.drawn) or len(self.typed.split()) > 0

    def content(self) -> dict[str, str]:
        """What is sealed."""
        return {"signature": self.drawn, "signature_typed": " ".join(self.typed.split())}


@dataclass(frozen=True, slots=True)
class DeliverySigned:
    """What the receiver signed: name, relationship, signature, items with quantities and serial numbers."""

    receiver_name: str
    relationship: str
    signature: Signature
    quantities: dict[str, int]
    serial_numbers: dict[str, str]


def delivery_errors(
    signed: DeliverySigned, ordered: dict[str, int], supplier_people: Collection[str]
) -> list[FieldError]:
    """What is wrong with a proof of delivery; empty when it will stand up in an audit.

    Supplier standard 12 (42 CFR 424.57(c)(12)): item, quantity, date, signature of the patient or a
    designee with the relationship; the supplier's own people may not sign.
    """
    errors = []
    name = " ".join(signed.receiver_name.split())
    if len(name) < 2:
        errors.append(FieldError("receiver_name", "Write the name of the person who received the equipment."))
    if signed.relationship not in RELATIONSHIPS:
        errors.append(FieldError("relationship", "Choose how the receiver is related to the patient."))
    if name.casefold() in {" ".join(person.split()).casefold() for person in supplier_people}:
        errors.append(FieldError("receiver_name", "Your own people may not sign for a delivery."))
    if not signed.signature.given:
        errors.append(FieldError("signature", "Let the receiver sign in the box."))
    for code, quantity in ordered.items():
        if signed.quantities.get(code) != quantity:
            errors.append(
                FieldError(f"quantity.{code}", f"{quantity} of {code} were ordered: confirm the count.")
            )
    return errors


def trip_log_errors(
    odometer_start: float | None, odometer_end: float | None, signature: Signature, unable_to_sign: str
) -> list[FieldError]:
    """What is wrong with a trip log: odometer miles plausible, a signature or why there is none."""
    errors = []
    if odometer_start is None or odometer_start < 0:
        errors.append(FieldError("odometer_start", "Write the odometer reading at pick-up, in miles."))
    if odometer_end is None or odometer_end < 0:
        errors.append(FieldError("odometer_end", "Write the odometer reading at drop-off, in miles."))
    if not errors and odometer_start is not None and odometer_end is not None:
        miles = odometer_end - odometer_start
        if not 0 < miles <= LONGEST_RIDE_MILES:
            errors.append(
                FieldError(
                    "odometer_end", "The reading at drop-off must be a little above the one at pick-up."
                )
            )
    if not signature.given and len(unable_to_sign.strip()) < 3:
        errors.append(FieldError("signature", "Let the rider sign, or write why they cannot."))
    return errors


@dataclass(frozen=True, slots=True)
class VisitSigned:
    """What a clinician writes down after a visit; `at_home` stands for the place where a phone had none."""

    note: str
    signature: Signature
    unable_to_sign: str = ""
    at_home: bool = False


def visit_errors(signed: VisitSigned, *, located: bool) -> list[FieldError]:
    """What is missing of a visit record; empty when it will verify (section 12006 of the Cures Act).

    Type, patient, clinician, date, begin and end come from the visit itself; the place from the phone's
    position at its begin and end (`located`), or from the clinician's word.
    """
    errors = []
    if not SHORTEST_VISIT_NOTE <= len(signed.note.strip()) <= LONGEST_VISIT_NOTE:
        errors.append(FieldError("note", f"Write what was done, {SHORTEST_VISIT_NOTE} to 2,000 characters."))
    if not signed.signature.given and len(signed.unable_to_sign.strip()) < 3:
        errors.append(FieldError("signature", "Let the patient sign, or write why they cannot."))
    if not located and not signed.at_home:
        text = "The phone had no position: confirm that the visit was at the patient's home."
        errors.append(FieldError("at_home", text))
    return errors


def time_errors(occurred_at: datetime, now: datetime, previous: datetime | None) -> list[FieldError]:
    """A status cannot lie in the future, nor before the one before it."""
    if occurred_at > now + CLOCK_TOLERANCE:
        return [FieldError("occurred_at", "This lies in the future; check the clock of the phone.")]
    if previous is not None and occurred_at < previous:
        return [FieldError("occurred_at", "This lies before the previous step.")]
    return []


def too_early_for_no_show(
    arrived_at: datetime | None, occurred_at: datetime, wait: timedelta = NO_SHOW_WAIT
) -> bool:
    """Whether the driver has not waited long enough for the rider to count as a no-show."""
    return arrived_at is None or occurred_at - arrived_at < wait


def next_statuses(kind: str, status: FieldStatus) -> list[FieldStatus]:
    """The usual next step first, then the exceptions."""
    targets = STATUSES_OF_KIND[kind].moves[status] - {FieldStatus.WITHDRAWN}
    return sorted(targets, key=lambda target: (target in ENDED_WITHOUT_SERVICE, target))


def _has_ink(signature: str) -> bool:
    """A PNG of some size: the empty pad sends nothing, and a forged text is no picture."""
    head, _, encoded = signature.partition(",")
    if head != "data:image/png;base64" or not LEAST_SIGNATURE < len(encoded) < LARGEST_SIGNATURE:
        return False
    try:
        return base64.b64decode(encoded, validate=True).startswith(b"\x89PNG\r\n\x1a\n")
    except ValueError:
        return False
