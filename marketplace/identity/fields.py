"""Checks of what people type into identity's forms: each names the field and what would be right."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from marketplace.foundation.errors import InvalidInput, StaleRevision
from marketplace.identity.words import ROLES_OF_KIND, OrganizationKind

_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9-]*[a-z0-9])+")
_ZIP = re.compile(r"([0-9]{5})(?:-[0-9]{4})?")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def line_of_text(field: str, text: str, longest: int = 120) -> str:
    """One line of readable text, trimmed, of 1 to `longest` characters."""
    cleaned = unicodedata.normalize("NFC", text).strip()
    if not cleaned:
        raise InvalidInput(field, "is missing", remedy="Fill it in.")
    if len(cleaned) > longest:
        raise InvalidInput(field, f"has {len(cleaned)} characters; at most {longest} fit")
    if any(unicodedata.category(letter) in {"Cc", "Cs", "Co"} for letter in cleaned):
        raise InvalidInput(field, "holds characters that cannot be shown")
    return cleaned


def email_address(field: str, text: str) -> str:
    """A mail address in lower case."""
    folded = text.strip().lower()
    if len(folded) > 254 or not folded.isascii() or not folded.isprintable() or not _EMAIL.fullmatch(folded):
        raise InvalidInput(field, "write an address like name@hospital.org")
    return folded


def note(field: str, text: str, longest: int = 500) -> str | None:
    """A remark in free words, or None for empty text."""
    return line_of_text(field, " ".join(text.split()), longest) if text.strip() else None


def postal_code(field: str, text: str) -> str:
    """A ZIP code of five digits (a ZIP+4 is shortened to it)."""
    found = _ZIP.fullmatch(text.strip())
    if found is None:
        raise InvalidInput(field, "write a ZIP code like 97227")
    return found.group(1)


def degrees(field: str, value: float, limit: int) -> float:
    """A latitude (limit 90) or longitude (limit 180) in decimal degrees."""
    if not -limit <= value <= limit:
        raise InvalidInput(field, f"write decimal degrees from -{limit} to {limit}")
    return round(value, 6)


def time_zone(field: str, text: str) -> str:
    """The name of an IANA time zone."""
    try:
        return ZoneInfo(text.strip()).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidInput(field, "write a time zone like America/Los_Angeles") from None


def slug(field: str, text: str) -> str:
    """A short name for addresses; made from any text (`St. Brigid` becomes `st-brigid`)."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    found = "-".join(re.findall(r"[a-z0-9]+", plain.replace("'", "")))
    if not _SLUG.fullmatch(found) or len(found) > 60:
        raise InvalidInput(field, "write 1 to 60 letters, digits and dashes")
    return found


def national_provider_identifier(field: str, text: str) -> str | None:
    """An NPI, or None if empty; its check digit is Luhn's over 80840 and the number (45 CFR 162.406)."""
    cleaned = text.strip()
    if not cleaned:
        return None
    if not (cleaned.isascii() and cleaned.isdigit() and len(cleaned) == 10):
        raise InvalidInput(field, "write the ten digits of the NPI")
    if not npi_fits(cleaned):
        raise InvalidInput(field, "has a typing mistake: its check digit does not fit")
    return cleaned


def npi_fits(ten_digits: str) -> bool:
    """Whether the last of an NPI's ten digits is the check digit of the others."""
    return _luhn_sum("80840" + ten_digits) % 10 == 0


def roles_for(field: str, kind: OrganizationKind, roles: Iterable[str]) -> list[str]:
    """The roles in a fixed order; refuses none at all, and any this kind of organization does not have."""
    asked, possible = set(roles), ROLES_OF_KIND[kind]
    if not asked:
        raise InvalidInput(field, "choose at least one role")
    if foreign := sorted(asked - set(possible)):
        raise InvalidInput(field, f"{', '.join(foreign)}: choose from {', '.join(possible)}")
    return [role for role in possible if role in asked]


def require_revision(current: int, given: int) -> None:
    """Refuse to write over what somebody else changed after the caller read revision `given`."""
    if current != given:
        raise StaleRevision(
            f"This was changed meanwhile: it is at revision {current}, and you have read {given}.",
            remedy="Load it again and compare.",
        )


def _luhn_sum(number: str) -> int:
    doubled = [int(digit) * (1 + position % 2) for position, digit in enumerate(reversed(number))]
    return sum(value - 9 if value > 9 else value for value in doubled)
