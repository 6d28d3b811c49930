"""Making the world: an empty schema, a morning on a weekday, then each floor's part from the ground up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from marketplace.foundation.access import system_actor
from marketplace.foundation.business_clock import set_business_clock
from marketplace.foundation.errors import Forbidden
from marketplace.foundation.service import Registry
from marketplace.foundation.work import Runtime, unit_of_work
from marketplace.foundation.world import World

EVENING = 22
ZONE = ZoneInfo("America/Los_Angeles")
MORNING = (9, 40)
"""When the played day begins: rounds are over, orders are written, the first discharges are due."""
EARLY = (6, 0)
"""When the whole metro's day begins: the first legs are under way, nobody has left a hospital yet."""


def make_world(runtime: Runtime, seed: int, size: str, upgrade: Callable[[Runtime], Any]) -> World:
    """Empty the database and make the seed's world in it; refuses in production."""
    if runtime.settings.is_production:
        raise Forbidden("A demo is never made in production: it empties the database.")
    with runtime.databases.engine("owner").begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    runtime.databases.dispose()
    upgrade(runtime)
    world = World(runtime, seed, played_day(datetime.now(ZONE).date()), ZONE, size)
    fill_world(world)
    return world


def fill_world(world: World) -> None:
    """Let each floor make its part in an empty schema, from the ground up, on the played day's morning."""
    begins = beginning(world.day, world.size)
    set_clock(world.runtime, begins)
    registry = world.runtime.registry
    if isinstance(registry, Registry):
        for service in registry.services:
            if service.demo is not None:
                service.demo(world)
    set_clock(world.runtime, begins)


def beginning(day: date, size: str) -> datetime:
    """When the played day of this size begins."""
    hour, minute = MORNING if size == "S" else EARLY
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE).astimezone(UTC)


def ending(day: date) -> datetime:
    """When actors go home: the last rides of the evening are done."""
    return datetime(day.year, day.month, day.day, EVENING, tzinfo=ZONE).astimezone(UTC)


def resume_clock(runtime: Runtime) -> None:
    """Let business time go on where it stood when the demo was last left."""
    with unit_of_work(runtime, system_actor(), "verifier") as session:
        last = session.scalar(text("SELECT max(happened_at) FROM audit_events"))
    if isinstance(last, datetime):
        set_clock(runtime, last.astimezone(UTC) + timedelta(seconds=1))


def set_clock(runtime: Runtime, moment: datetime, speed: float = 1.0) -> None:
    """Put business time at a moment."""
    with unit_of_work(runtime, system_actor(), "owner") as session:
        set_business_clock(session, runtime.settings, moment, speed)


def played_day(today: date) -> date:
    """Today, or the next Monday on a weekend: hospitals discharge differently then."""
    return today + timedelta(days=(7 - today.weekday()) if today.weekday() >= 5 else 0)
