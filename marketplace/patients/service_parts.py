"""What patients contribute to the ground's Service."""

from __future__ import annotations

from marketplace.foundation.service import Service
from marketplace.patients.promises import INVARIANTS

parts = Service(
    name="patients",
    rank=1,
    models=("marketplace.patients.models", "marketplace.patients.coverage_models"),
    invariants=INVARIANTS,
)
