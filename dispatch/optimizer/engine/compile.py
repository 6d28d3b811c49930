"""Decorators for functions that run as machine code on arrays.

* :func:`kernel`: may be called from Python, without the interpreter's lock;
* :func:`inlined`: small, called by kernels only and compiled into them;
* :func:`linked`: large, called by kernels only, compiled once on its own and called by its symbol. What a
  kernel calls is otherwise optimised again with every caller above it, which makes compile time quadratic.

Nothing is compiled or loaded before a kernel is called. With ``NUMBA_DISABLE_JIT=1`` all of them run as the
Python that they are: slowly, every index checked.
"""

from __future__ import annotations

import ctypes
import hashlib
import logging
import os
import struct
from collections.abc import Callable
from functools import cache, cached_property, update_wrapper
from pathlib import Path
from threading import RLock
from typing import Any, ClassVar, TypeVar, cast

import numpy as np

from dispatch.optimizer.engine.bundle import Bundle
from dispatch.optimizer.engine.machine_code import keep, kept, load, publish

Function = TypeVar("Function", bound=Callable[..., object])
AS_PYTHON = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")
_log = logging.getLogger(__name__)
_ALONE = RLock()
"""Held while code is compiled or loaded."""


def kernel(function: Function) -> Function:
    """Compile a function of bundles, C-contiguous arrays and numbers; its machine code is kept."""
    return function if AS_PYTHON else cast("Function", Kernel(function))


def inlined(function: Function) -> Function:
    """Compile a small function that is only called by kernels; it is compiled into its callers."""
    return function if AS_PYTHON else cast("Function", Inlined(function))


def linked(function: Function) -> Function:
    """Compile a large function of bundles and numbers once, and let kernels call it by its symbol."""
    return function if AS_PYTHON else cast("Function", Linked(function))


class Translated:
    """A function with machine code to be."""

    def __init__(self, function: Callable[..., object]) -> None:
        update_wrapper(self, function)
        self.function = function
        notes = {name: _said(note) for name, note in function.__annotations__.items()}
        self.result = notes.pop("return")
        self.notes = list(notes.values())

    def __call__(self, *arguments: Any) -> Any:
        """Run it as Python, as only tests do."""
        return self.function(*arguments)

    def name(self, kinds: tuple[str, ...]) -> str:
        """A name for its machine code, other for other arguments, and for another text of its file."""
        found = hashlib.sha256(_text(self.function.__code__.co_filename))
        found.update(" ".join(kinds).encode())
        module = self.function.__module__.rpartition(".")[2]
        return f"{module}_{self.function.__name__}_{found.hexdigest()[:12]}"

    def load(self, kinds: tuple[str, ...]) -> int:
        """Load its machine code for arguments of these kinds, compiled first if need be; the address."""
        name = self.name(kinds)
        code = kept(name)
        if code is None:
            _announce()
            # numba takes long to import, and is needed only here.
            from dispatch.optimizer.engine.compiler import object_file

            code = object_file(self, f"homeward_{name}", kinds)
            keep(name, code)
        for other in [other for other in Linked.waiting if other.symbol.encode() in code]:
            other.publish()
        return load(code, f"homeward_{name}")


class Inlined(Translated):
    """A function that is compiled into its callers."""


class Linked(Translated):
    """A function that is compiled on its own, for kernels to call; its notes are its arguments' kinds."""

    waiting: ClassVar[list[Linked]] = []
    """Those that are not loaded yet."""

    def __init__(self, function: Callable[..., object]) -> None:
        super().__init__(function)
        self.waiting.append(self)

    @cached_property
    def symbol(self) -> str:
        """The name by which kernels call it."""
        return f"homeward_{self.name(tuple(self.notes))}"

    def publish(self) -> None:
        """Load it, and make its symbol known, unless it is."""
        if self not in self.waiting:
            return
        # Its own code holds its symbol: it must not wait while it is loaded.
        self.waiting.remove(self)
        try:
            publish(self.symbol, self.load(tuple(self.notes)))
        except BaseException:
            self.waiting.append(self)
            raise


class Kernel(Translated):
    """A function that Python calls as machine code."""

    def __init__(self, function: Callable[..., object]) -> None:
        super().__init__(function)
        self._natives: dict[tuple[str, ...], _Native] = {}

    @property
    def kinds(self) -> list[tuple[str, ...]]:
        """The kinds of arguments for which it is loaded."""
        return list(self._natives)

    def __call__(self, *arguments: Any) -> Any:
        """Run it without the interpreter's lock, loaded or compiled first if need be."""
        kinds = tuple(_kind(value, note) for value, note in zip(arguments, self.notes, strict=True))
        native = self._natives.get(kinds)
        if native is None:
            with _ALONE:
                native = self._natives.get(kinds) or _Native(self.load(kinds), kinds, self.result)
                self._natives[kinds] = native
        return native(arguments)


STATUS, RESULT, ARGUMENTS = range(3)
"""The words that machine code is called with: what went wrong (0: nothing), the result, the arguments."""


class _Native:
    """Loaded machine code for arguments of one kind."""

    def __init__(self, address: int, kinds: tuple[str, ...], result: str) -> None:
        self.entry = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(address)
        self.result = result
        self.words = struct.Struct("qd" if result == "float" else "qq")
        self.block = struct.Struct("qq" + "".join(_letters(kind) for kind in kinds))

    def __call__(self, arguments: tuple[Any, ...]) -> Any:
        """Write the arguments into a block of words, call, and read the result there."""
        values: list[Any] = []
        for value in arguments:
            if isinstance(value, Bundle):
                values.append(value.address)
            elif isinstance(value, np.ndarray):
                values += (value.ctypes.data, *value.shape)
            else:
                values.append(value)
        block = ctypes.create_string_buffer(self.block.size)
        self.block.pack_into(block, 0, 0, 0, *values)
        self.entry(block)
        status, result = self.words.unpack_from(block)
        if status:
            raise RuntimeError("a kernel failed")
        return None if self.result == "None" else result


def _said(note: object) -> str:
    """What an annotation says, in a module that keeps annotations as text or not."""
    return note if isinstance(note, str) else getattr(note, "__name__", str(note))


def _kind(value: Any, note: str) -> str:
    """What an argument is; numbers are what the function says that they are."""
    if note in ("int", "float"):
        return note
    if isinstance(value, Bundle):
        return type(value).__name__
    if not value.flags.c_contiguous:
        raise ValueError("a kernel's arrays must be C-contiguous")
    return f"{value.dtype.name} {value.ndim}"


def _letters(kind: str) -> str:
    """How an argument of a kind is written: an array by its address and its shape."""
    if kind in ("int", "float"):
        return "q" if kind == "int" else "d"
    _, _, dimensions = kind.partition(" ")
    return "Q" + "q" * int(dimensions or 0)


@cache
def _announce() -> None:
    """Say, once in a process, why the first call takes so long."""
    _log.warning("compiling the optimizer's kernels that are not kept yet: all of them take two minutes")


@cache
def _text(path: str) -> bytes:
    """A file of sources."""
    return Path(path).read_bytes()
