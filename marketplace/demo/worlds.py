"""The roof's part of the demo's world: what lies behind the day, then what has begun when it starts."""

from __future__ import annotations

from marketplace.demo import living, standing
from marketplace.demo.history.writing import REACHES, write_history
from marketplace.foundation.world import World


def demo(world: World) -> None:
    """History where this size has one, then the morning's work, and in the small demo a standing order."""
    reach = REACHES.get(world.size)
    if reach is not None:
        world.things["history"] = write_history(world, reach)
    living.demo(world)
    if world.size == "S":
        standing.demo(world)
