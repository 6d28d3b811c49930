"""What bookings contribute to the ground's Service."""

from __future__ import annotations

from marketplace.bookings.moving import follow_discharge
from marketplace.bookings.promises import INVARIANTS
from marketplace.foundation.events import Handler
from marketplace.foundation.service import Service
from marketplace.patients.events import DischargeTimeChanged

parts = Service(
    name="bookings",
    rank=1,
    models=("marketplace.bookings.parties", "marketplace.bookings.models"),
    handlers=(Handler(DischargeTimeChanged, "bookings.follow_discharge", follow_discharge),),
    invariants=INVARIANTS,
)
