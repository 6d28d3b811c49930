"""Facts planted in the past whose answers are known: each must surface on its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from billing.claims.edits.findings import Finding
from billing.claims.models import Claim
from marketplace.demo.history.claiming import Ruling
from marketplace.demo.history.past import Past
from marketplace.demo.history.stage import LATE_VENDOR
from marketplace.demo.history.working import Work
from marketplace.foundation.ids import spoken_reference


@dataclass(frozen=True, slots=True)
class Plant:
    """What is odd about one service of the past."""

    name: str
    ruling: Ruling
    detour: float = 1.0
    claimed_twice: bool = False
    signed: bool = True


UNSIGNED = Finding(
    "delivery-unsigned",
    "The proof of delivery lacks the receiver's signature.",
    "proof_of_delivery.signature",
    "112",
    "N705",
)
OVER_ROUTE = Finding(
    "miles-over-route",
    "The driven miles exceed what the route needs by far.",
    "lines.2.loaded_miles",
    "150",
    "M22",
)


class Planting:
    """Hides a few known oddities in the last two weeks, one of each kind."""

    def __init__(self, past: Past) -> None:
        self._past = past
        self._begin = past.world.at(0) - timedelta(days=14)
        self._done: set[str] = set()

    def for_work(self, work: Work) -> Plant | None:
        """The oddity of this service, if it is to have one."""
        if work.starts_at < self._begin or work.errand.booking.coverage_id is None:
            return None
        if work.errand.booking.level_of_service is None:
            return self._once("improper_claim", Plant("improper_claim", Ruling((UNSIGNED,)), signed=False))
        short = work.errand.booking.distance_meters < 9_000
        if short and work.errand.booking.requested_start.astimezone(self._past.world.zone).hour < 15:
            plant = Plant("claimed_once", Ruling(after=timedelta(days=1)), claimed_twice=True)
            return self._once("claimed_once", plant)
        if not short:
            plant = Plant("overlong_ride", Ruling((OVER_ROUTE,)), detour=3.2)
            return self._once("overlong_ride", plant)
        if work.made.vendor.minutes_late < 1:
            waits = Ruling(decision=None)
            return self._once("unanswered_claim", Plant("unanswered_claim", waits))
        return None

    def claimed(self, plant: Plant | None, work: Work, claim: Claim) -> None:
        """Note under which ids a planted fact can be looked up."""
        if plant is None:
            return
        planted = self._past.world.planted
        planted[plant.name] = str(claim.id)
        planted[f"{plant.name}_booking"] = work.errand.booking.reference
        planted[f"{plant.name}_vendor"] = str(claim.vendor_organization_id)
        planted[f"{plant.name}_payer"] = str(claim.payer_organization_id)

    def twice(self, number: int) -> Plant:
        """The second claim for a service that claim `number` bills already."""
        reference = spoken_reference("C", number)
        text = f"Claim {reference} already bills this service: same member, date, codes and vendor."
        return Plant("duplicate_claim", Ruling((Finding("duplicate", text, "lines", "18"),)))

    def finish(self) -> None:
        """Name the facts that lie in many rows."""
        for vendor in self._past.stage.rides:
            if vendor.cast.slug == LATE_VENDOR:
                self._past.world.planted["late_vendor"] = str(vendor.organization_id)

    def _once(self, name: str, plant: Plant) -> Plant | None:
        if name in self._done:
            return None
        self._done.add(name)
        return plant
