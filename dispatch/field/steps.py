"""From what a device sent to a step: moments default to now, keys to the request's own."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from dispatch.field.service import Step
from marketplace.foundation.errors import InvalidInput
from marketplace.foundation.work import WorkSession


def step_from(session: WorkSession, data: dict[str, Any], device_key: str = "") -> Step:
    """The step in loaded data of a StepSchema (or one of its children).

    A position needs both coordinates; without a moment it happened now, without a key it gets a fresh one.
    """
    latitude, longitude = data.get("latitude"), data.get("longitude")
    if (latitude is None) != (longitude is None):
        raise InvalidInput("longitude" if longitude is None else "latitude", "send both coordinates or none")
    facts = {key: data[key] for key in ("note", "override_reason", "missed_reason") if data.get(key)}
    return Step(
        status=data["status"],
        occurred_at=data.get("happened_at") or session.now(),
        device_key=data.get("device_key") or device_key or str(uuid4()),
        latitude=latitude,
        longitude=longitude,
        facts=facts,
    )
