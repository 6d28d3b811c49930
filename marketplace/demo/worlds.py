"""The roof's part of the demo's world: what lies behind the day, then what has begun when it starts."""

from __future__ import annotations

from marketplace.demo import flying, living, standing
from marketplace.demo.history.writing import REACHES, write_history
from marketplace.foundation.world import World


def demo(world: World) -> None:
    """What lies behind this size, the morning's work, a trip by air; in the small one a standing order."""
    reach = REACHES.get(world.size)
    if reach is not None:
        world.things["history"] = write_history(world, reach)
    living.demo(world)
    if world.size == "S":
        standing.demo(world)
    flying.demo(world)
