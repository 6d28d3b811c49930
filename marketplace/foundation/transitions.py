"""Tables of allowed moves: pure, so that the words of a slice and the rules over them need no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Generic, TypeVar

from marketplace.foundation.errors import TransitionRefused

S = TypeVar("S", bound=StrEnum)


class StateTable(Generic[S]):
    """The allowed moves of one kind of object; `what` is the word people see in a refusal."""

    def __init__(self, what: str, moves: Mapping[S, Iterable[S]]) -> None:
        self.what = what
        self.moves: dict[S, frozenset[S]] = {state: frozenset(targets) for state, targets in moves.items()}
        unknown = {target for targets in self.moves.values() for target in targets} - set(self.moves)
        if unknown:
            raise ValueError(f"{what}: states without a row of their own: {sorted(unknown)}")

    def allows(self, current: S, target: S) -> bool:
        """Whether the move stands in the table."""
        return target in self.moves[current]

    def require(self, current: S, target: S) -> None:
        """Raise TransitionRefused (409), naming what is allowed, unless the move stands in the table."""
        if not self.allows(current, target):
            raise TransitionRefused(self.what, current, target, sorted(self.moves[current]))

    @property
    def final(self) -> frozenset[S]:
        """The states that nothing leaves."""
        return frozenset(state for state, targets in self.moves.items() if not targets)
