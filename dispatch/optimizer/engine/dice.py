"""Random numbers for kernels: one 64-bit xorshift* state per worker, the same on every machine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dispatch.optimizer.engine.compile import inlined

State = NDArray[np.uint64]


def seeded(seed: int, worker: int) -> State:
    """A state for one worker of one seeded search; never zero."""
    sequence = np.random.SeedSequence([abs(int(seed)), worker])
    return np.array([sequence.generate_state(1, np.uint64)[0] | np.uint64(1)], dtype=np.uint64)


@inlined
def uniform(state: State) -> float:
    """A number in [0, 1)."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@inlined
def below(state: State, n: int) -> int:
    """A whole number in [0, n)."""
    return int(uniform(state) * n)
