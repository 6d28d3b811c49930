"""What care plans contribute to the ground's Service."""

from __future__ import annotations

from marketplace.careplans.promises import INVARIANTS
from marketplace.foundation.service import Service

parts = Service(
    name="careplans",
    rank=1,
    models=("marketplace.careplans.models",),
    invariants=INVARIANTS,
)
