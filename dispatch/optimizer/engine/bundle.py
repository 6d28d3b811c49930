"""Bundles of arrays that kernels take as one argument.

A :class:`Bundle` is one address for a kernel: of a table with the data pointer and the shape of each array.
Inside a kernel ``bundle.name`` is an ordinary C-contiguous array that nobody counts references to; the Python
object keeps the arrays alive while a kernel runs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

Layout = tuple[tuple[str, str, int], ...]
"""Name, kind of number and dimensions of each array of a bundle."""
LAYOUTS: dict[str, Layout] = {}
"""By the name of a class of bundles, of which there was an object."""


@dataclass(frozen=True, eq=False)
class Bundle:
    """Base of frozen dataclasses whose fields are C-contiguous numpy arrays, alike in all of a class."""

    table: Any = field(init=False, repr=False)
    address: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Write the table that kernels read."""
        words: list[int] = []
        layout = []
        for name in self.names():
            array = getattr(self, name)
            assert array.flags.c_contiguous
            words += [array.ctypes.data, *array.shape]
            layout.append((name, array.dtype.name, array.ndim))
        assert LAYOUTS.setdefault(type(self).__name__, tuple(layout)) == tuple(layout)
        table = np.array(words, dtype=np.int64)
        object.__setattr__(self, "table", table)
        object.__setattr__(self, "address", int(table.ctypes.data))

    def names(self) -> tuple[str, ...]:
        """Names of the arrays."""
        return tuple(name for name in self.__dataclass_fields__ if name not in ("table", "address"))

    def arrays(self) -> list[Any]:
        """The arrays in order."""
        return [getattr(self, name) for name in self.names()]
