"""Which travel model an installation uses, from its environment.

HOMEWARD_ROUTER is `osrm`, `valhalla` or empty (the embedded model); HOMEWARD_ROUTER_URL where it answers.
Optional: _PROFILE (driving, auto), _TIMEOUT_MS (2500), _BUDGET_MS (8000), _LARGEST_TABLE (100, 50 for
Valhalla), _BY_HOUR (`off` where the service knows the traffic itself).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from marketplace.foundation.geography import GreatCircleTravel, TravelModel
from marketplace.foundation.roads.breaker import Breaker
from marketplace.foundation.roads.model import Limits, RoadTravel, Ways
from marketplace.foundation.roads.services import Osrm, RoadService, Valhalla
from marketplace.foundation.settings import Settings, UnsafeSettings


@dataclass(frozen=True, slots=True)
class RoadSettings:
    """A road service as the environment names it."""

    kind: str
    url: str
    profile: str
    limits: Limits
    by_hour: bool

    def service(self) -> RoadService:
        """A client of the service."""
        return Osrm(self.url, self.profile) if self.kind == "osrm" else Valhalla(self.url, self.profile)


def road_settings(settings: Settings) -> RoadSettings | None:
    """The road service of this installation, None for the embedded model.

    Raises UnsafeSettings for a service that is not known or has no address.
    """
    kind = settings.text("ROUTER").strip().lower()
    if not kind:
        return None
    if kind not in ("osrm", "valhalla"):
        raise UnsafeSettings(f"HOMEWARD_ROUTER is {kind!r}: write osrm, valhalla, or leave it empty.")
    url = settings.text("ROUTER_URL")
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise UnsafeSettings(f"HOMEWARD_ROUTER_URL must be where {kind} answers, like http://router:5000.")
    osrm = kind == "osrm"
    limits = Limits(
        timeout_seconds=_between("ROUTER_TIMEOUT_MS", settings, 2500, 50, 60_000) / 1000,
        budget_seconds=_between("ROUTER_BUDGET_MS", settings, 8000, 100, 120_000) / 1000,
        largest_side=_between("ROUTER_LARGEST_TABLE", settings, 100 if osrm else 50, 2, 10_000),
    )
    profile = settings.text("ROUTER_PROFILE", "driving" if osrm else "auto")
    return RoadSettings(kind, url, profile, limits, settings.text("ROUTER_BY_HOUR", "on") != "off")


def travel_model(settings: Settings, zone: ZoneInfo) -> TravelModel:
    """The installation's travel model for a region; models of one service share cache and breaker."""
    embedded, chosen = GreatCircleTravel(zone), road_settings(settings)
    if chosen is None:
        return embedded
    service, breaker, ways = _shared(chosen)
    return RoadTravel(
        service, embedded, limits=chosen.limits, breaker=breaker, ways=ways, by_hour=chosen.by_hour
    )


@functools.lru_cache(maxsize=8)
def _shared(chosen: RoadSettings) -> tuple[RoadService, Breaker, Ways]:
    limits = chosen.limits
    return chosen.service(), Breaker(), Ways(limits.cached_ways, limits.cached_seconds)


def _between(name: str, settings: Settings, default: int, least: int, most: int) -> int:
    found = settings.number(name, default)
    if not least <= found <= most:
        raise UnsafeSettings(f"HOMEWARD_{name} must be from {least} to {most}, not {found}.")
    return found
