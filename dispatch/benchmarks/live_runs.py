"""The cases of live plans as benchmarks: figures of each seed and their medians."""

from __future__ import annotations

from collections.abc import Callable

from dispatch.benchmarks.figures import Measured, Wishes
from dispatch.benchmarks.live_cases import explain_case, repair_case, what_if_case


def repair(wishes: Wishes) -> Measured:
    """One slip at a time in a day of 500 rides; ``--seconds`` go into planning the day."""
    return _measured("repair", "500 rides, one slip", wishes, repair_case)


def whatif(wishes: Wishes) -> Measured:
    """Thirty candidate times of one discharge; ``--seconds`` go into each full re-solve."""
    return _measured("whatif", "200 rides, 30 times", wishes, what_if_case)


def explain(wishes: Wishes) -> Measured:
    """Explanations of what is left out of a day with too few vans; ``--seconds`` go into its plan."""
    return _measured("explain", "120 rides, too few vans", wishes, explain_case)


def _measured(name: str, case: str, wishes: Wishes, run: Callable[..., dict[str, float]]) -> Measured:
    """The case for every seed."""
    rows = []
    for seed in range(wishes.seeds):
        figures = run(seed=seed, seconds=wishes.seconds)
        wishes.tell(f"{case}, seed {seed}: done")
        rows.append({"case": case, "seed": seed} | figures)
    return Measured(name, rows)
