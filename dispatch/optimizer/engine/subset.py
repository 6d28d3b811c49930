"""Smaller instances cut out of larger ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from dispatch.optimizer.engine.instance import Instance

_BY_STOP = (
    "stop_location", "window_start", "window_end", "due", "lateness_price", "service", "load",
    "told_start", "told_tolerance", "told_price",
)  # fmt: skip
_BY_REQUEST = ("penalty", "max_ride", "allowed", "serve_price", "valid_from", "valid_until")


def alone(instance: Instance, request: int) -> Instance:
    """The same vehicles with one request and nothing frozen, to see whether it can be served at all."""
    pair = instance.delivery[request] >= 0
    stops = [int(instance.pickup[request])] + ([int(instance.delivery[request])] if pair else [])
    parts: dict[str, Any] = {name: np.ascontiguousarray(getattr(instance, name)[stops]) for name in _BY_STOP}
    parts |= {
        name: np.ascontiguousarray(getattr(instance, name)[request : request + 1]) for name in _BY_REQUEST
    }
    return replace(
        instance,
        pickup=np.zeros(1, dtype=np.int32),
        delivery=np.full(1, 1 if pair else -1, dtype=np.int32),
        prefix_index=np.zeros(instance.vehicles + 1, dtype=np.int32),
        prefix_stops=np.zeros(0, dtype=np.int32),
        **parts,
    )
