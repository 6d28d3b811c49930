"""What makes a patient's record acceptable: pure checks that return one finding per wrong field."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from marketplace.foundation.errors import FieldError
from marketplace.foundation.plain_text import digits
from marketplace.patients.words import Identity, Needs, Receiver

LONGEST_NAME = 100
LONGEST_ADDRESS = 200


def identity_errors(identity: Identity, today: date) -> list[FieldError]:
    """Names, record number and birth date must be there; what else is given must be well-formed."""
    required = {
        "given_name": (identity.given_name, LONGEST_NAME, "write the given name"),
        "family_name": (identity.family_name, LONGEST_NAME, "write the family name"),
        "mrn": (identity.mrn, 40, "write the medical record number"),
    }
    optional = {
        "address_line": (identity.address_line, LONGEST_ADDRESS),
        "city": (identity.city, LONGEST_NAME),
    }
    errors = [
        FieldError(field, remedy if not value.strip() else f"write at most {longest} characters")
        for field, (value, longest, remedy) in required.items()
        if not value.strip() or len(value) > longest
    ]
    errors += [
        FieldError(field, f"write at most {longest} characters")
        for field, (value, longest) in optional.items()
        if len(value) > longest
    ]
    return errors + _birth_date_errors(identity.birth_date, today) + _contact_errors(identity)


def _birth_date_errors(text: str, today: date) -> list[FieldError]:
    try:
        born = date.fromisoformat(text)
    except ValueError:
        return [FieldError("birth_date", "write the date of birth like 1948-05-17")]
    if born > today:
        return [FieldError("birth_date", "this date is still to come")]
    if born.year < today.year - 130:
        return [FieldError("birth_date", "nobody alive is that old; check the year")]
    return []


def _contact_errors(identity: Identity) -> list[FieldError]:
    errors = []
    if identity.phone and len(digits(identity.phone)) != 10:
        errors.append(FieldError("phone", "write ten digits with the area code, like 503 555 0142"))
    code = identity.postal_code
    if code and not (code.isascii() and code.replace("-", "").isdigit() and len(code) in {5, 10}):
        errors.append(FieldError("postal_code", "write a US postal code of five digits, like 97201"))
    if identity.state and not (len(identity.state) == 2 and identity.state.isalpha()):
        errors.append(FieldError("state", "write the two letters of the state, like OR"))
    return errors


def needs_errors(needs: Needs) -> list[FieldError]:
    """Counts and measures within what a human being and a house can have."""
    errors = []
    if not 0 <= needs.stairs_count <= 200:
        errors.append(FieldError("stairs_count", "write the number of steps, 0 to 200"))
    if needs.weight_kg is not None and not 1 <= needs.weight_kg <= 500:
        errors.append(FieldError("weight_kg", "write the weight in kilograms, 1 to 500"))
    flow = needs.oxygen_lpm
    if not (flow.is_finite() and 0 <= flow <= 60 and flow * 10 == (flow * 10).to_integral_value()):
        errors.append(FieldError("oxygen_lpm", "write litres per minute from 0 to 60, like 2 or 2.5"))
    if needs.interpreter_language is not None and len(needs.interpreter_language) > 60:
        errors.append(FieldError("interpreter_language", "write at most 60 characters"))
    return errors


def receiver_errors(
    receiver: Receiver | None, available_from: datetime | None, until: datetime | None
) -> list[FieldError]:
    """A receiver has a name and a phone; the window, when given, has both ends in order."""
    errors = []
    if receiver is not None:
        if not receiver.name.strip() or len(receiver.name) > LONGEST_NAME:
            errors.append(FieldError("receiver_name", "write who takes the delivery"))
        if len(digits(receiver.phone)) != 10:
            errors.append(FieldError("receiver_phone", "write ten digits with the area code"))
        if len(receiver.relationship) > LONGEST_NAME:
            errors.append(FieldError("receiver_relationship", "write at most 100 characters"))
        if len(receiver.instructions) > 500:
            errors.append(FieldError("receiver_instructions", "write at most 500 characters"))
    if (available_from is None) != (until is None):
        errors.append(FieldError("receiver_until", "write both ends of the receiver's window, or neither"))
    if available_from and until and until <= available_from:
        errors.append(FieldError("receiver_until", "the window must end after it begins"))
    return errors


def decimal_of(text: str) -> Decimal:
    """A flow as typed ("2", "2.5"); anything else is NaN, which `needs_errors` names."""
    try:
        return Decimal(text.strip() or "0")
    except ArithmeticError:
        return Decimal("NaN")
