"""How hot a search is and how much it removes at once: by the number of requests and by what is left out.

A temperature is the price, in prices of an average request, by which a worse plan is accepted now and then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from dispatch.optimizer.engine.instance import Instance
from dispatch.optimizer.engine.plan import Plan

HOT, COLD, LARGEST = 0.8, 0.03, 30
FEW, MODEST = 60, 200
"""Up to so many requests the temperatures, and the most removed at once, are these. The more requests, the
fewer turns each gets: the colder the search must begin and end, and the smaller and quicker turns must be."""
TIGHT_HOT, TIGHT_LARGEST = 1.3, 20
"""The first temperature whatever the number of requests, and the most of these removed at once, where
vehicles count: a plan with none to spare is so stuck that only a hot search leaves it."""
CROWDED, CROWDED_HOT, CROWDED_COLD, CROWDED_LARGEST = 0.05, 8.0, 2.0, 0.5
"""The share of requests left out from which a plan is crowded; its first temperature where requests are few
(less where they are many), and how many times the last one and the most removed at once are what they are
else. Who is left out is worth many prices of a request, so at the temperatures of a plan that serves all it
changes only where it costs nothing at all."""
LENIENT, SEVERE, EASED = 4.0, 20.0, 0.8
"""Where vehicles count and requests are many, the last annealing passes through plans that leave some out:
what one costs at first and in the end, in prices of a request, and until which share of the phase. A plan
with no vehicle to spare is so stuck that much of what must change fits only while something is left out."""


@dataclass(frozen=True, slots=True)
class Climate:
    """Temperatures at the beginning and at the end of a phase, and the most requests removed at once."""

    hot: float
    cold: float
    largest: int

    @classmethod
    def of(cls, instance: Instance, left_out: int) -> Self:
        """What suits an instance whose best plan so far leaves out so many that some vehicle may serve."""
        requests = max(1, instance.requests)
        few = min(1.0, (FEW / requests) ** 0.6)
        most = max(2, int(0.4 * requests))
        if instance.minimise_vehicles:
            return cls(TIGHT_HOT, COLD * few, min(TIGHT_LARGEST, most))
        crowd = min(1.0, left_out / requests / CROWDED)
        largest = LARGEST * min(1.0, (MODEST / requests) ** 0.5) * CROWDED_LARGEST**crowd
        return cls(
            hot=(HOT * few) ** (1.0 - crowd) * (CROWDED_HOT * few**0.6) ** crowd,
            cold=COLD * few * CROWDED_COLD**crowd,
            largest=min(round(largest), most),
        )

    def at(self, done: float) -> float:
        """The temperature when so much of a phase is done."""
        return float(self.hot * (self.cold / self.hot) ** done)


def forbearance(done: float) -> float:
    """What a request left out costs meanwhile, in prices of a request, when so much of a phase is done."""
    return float(LENIENT * (SEVERE / LENIENT) ** (done / EASED))


def price_of_request(instance: Instance, plan: Plan) -> float:
    """Price of an average request of a plan, vehicles aside: the scale of the temperature."""
    used = plan.size[:-1] > 2
    variable = float(plan.cost[:-1][used].sum() - instance.fixed_cost[used].sum())
    served = int((plan.where >= 0).sum())
    return max(variable / max(1, served), 1e-6)
