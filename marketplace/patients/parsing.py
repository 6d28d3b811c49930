"""From parsed forms and documents to the frozen values that services take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marketplace.patients.words import Identity, Needs, Receiver

_NEEDS = (
    "stairs_count", "weight_kg", "oxygen_lpm", "mobility_aid", "escort", "isolation_precaution",
    "interpreter_language",
)  # fmt: skip
_IDENTITY = (
    "given_name", "family_name", "birth_date", "mrn", "phone", "address_line", "city", "state", "postal_code",
)  # fmt: skip


def identity_from(data: Mapping[str, Any]) -> Identity:
    """The identity in a parsed record; state letters in capitals."""
    return Identity(**{name: data[name] for name in _IDENTITY} | {"state": data["state"].upper()})


def needs_from(data: Mapping[str, Any]) -> Needs:
    """The needs in a parsed record."""
    return Needs(**{name: data[name] for name in _NEEDS})


def receiver_from(data: Mapping[str, Any]) -> Receiver | None:
    """The receiver in a parsed record; None when nobody is named."""
    if not (data["receiver_name"] or data["receiver_phone"]):
        return None
    return Receiver(
        data["receiver_name"],
        data["receiver_phone"],
        data["receiver_relationship"],
        data["receiver_instructions"],
    )


def receiver_arguments(data: Mapping[str, Any]) -> dict[str, Any]:
    """The receiver and their window as `update_needs` and `create_patient` take them."""
    return {
        "receiver": receiver_from(data),
        "receiver_from": data["receiver_from"],
        "receiver_until": data["receiver_until"],
    }
