"""Bundles of arrays that kernels take as one argument.

numba passes a named tuple of arrays as all their parts, and compile time grows with every call. A
:class:`Bundle` is one address: of a table with the data pointer and the shape of each array. Inside a kernel
``bundle.name`` is an ordinary C-contiguous array that nobody counts references to; the Python object keeps
the arrays alive while a kernel runs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.datamodel import models, register_default
from numba.core.extending import NativeValue, typeof_impl, unbox
from numba.core.imputils import lower_getattr_generic
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.np import arrayobj, numpy_support

WORD = ir.IntType(64)


@dataclass(frozen=True, eq=False)
class Bundle:
    """Base of frozen dataclasses whose fields are C-contiguous numpy arrays."""

    table: Any = field(init=False, repr=False)
    address: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Write the table that kernels read."""
        words: list[int] = []
        for array in self.arrays():
            assert array.flags.c_contiguous
            words += [array.ctypes.data, *array.shape]
        table = np.array(words, dtype=np.int64)
        object.__setattr__(self, "table", table)
        object.__setattr__(self, "address", int(table.ctypes.data))

    def names(self) -> tuple[str, ...]:
        """Names of the arrays."""
        return tuple(name for name in self.__dataclass_fields__ if name not in ("table", "address"))

    def arrays(self) -> list[Any]:
        """The arrays in order."""
        return [getattr(self, name) for name in self.names()]


class BundleType(types.Type):
    """The type of a bundle for the compiler: its class's name and its arrays' types."""

    def __init__(self, label: str, members: tuple[tuple[str, Any], ...]) -> None:
        self.label, self.parts = label, members
        super().__init__(name=f"Bundle {label} {members}")

    def find(self, name: str) -> tuple[int, Any]:
        """Offset of an array in the table, and its type; -1 when there is none."""
        offset = 0
        for member, kind in self.parts:
            if member == name:
                return offset, kind
            offset += 1 + kind.ndim
        return -1, None


@typeof_impl.register(Bundle)  # type: ignore[untyped-decorator]
def _typeof(value: Bundle, _context: object) -> BundleType:
    """The compiler's type of a bundle."""
    members = tuple(
        (name, array.dtype, array.ndim) for name, array in zip(value.names(), value.arrays(), strict=True)
    )
    return _type_of(type(value).__name__, members)


@cache
def _type_of(label: str, members: tuple[tuple[str, Any, int], ...]) -> BundleType:
    """One type for all bundles of a class with such arrays: every call of a kernel asks for it."""
    parts = tuple(
        (name, types.Array(numpy_support.from_dtype(dtype), dimensions, "C"))
        for name, dtype, dimensions in members
    )
    return BundleType(label, parts)


@register_default(BundleType)
class _BundleModel(models.PrimitiveModel):  # type: ignore[misc]
    """A bundle is one word."""

    def __init__(self, manager: object, kind: BundleType) -> None:
        super().__init__(manager, kind, WORD)


@unbox(BundleType)  # type: ignore[untyped-decorator]
def _unbox(_kind: BundleType, value: Any, context: Any) -> NativeValue:
    """Take the address out of the Python object."""
    word = context.pyapi.object_getattr_string(value, "address")
    address = context.pyapi.long_as_longlong(word)
    context.pyapi.decref(word)
    return NativeValue(address, is_error=cgutils.is_not_null(context.builder, context.pyapi.err_occurred()))


@infer_getattr
class _BundleAttributes(AttributeTemplate):  # type: ignore[misc]
    """``bundle.name`` is an array."""

    key = BundleType

    def generic_resolve(self, kind: BundleType, name: str) -> Any:
        """The type of one array."""
        return kind.find(name)[1]


@lower_getattr_generic(BundleType)  # type: ignore[untyped-decorator]
def _member(context: Any, builder: Any, kind: BundleType, value: Any, name: str) -> Any:
    """Build the array's structure from the table; the table never changes, so its loads may be hoisted."""
    offset, wanted = kind.find(name)
    base = builder.inttoptr(value, WORD.as_pointer())

    def word(index: int) -> Any:
        loaded = builder.load(builder.gep(base, [ir.Constant(WORD, index)]))
        loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
        return loaded

    array = arrayobj.make_array(wanted)(context, builder)
    element = context.get_data_type(wanted.dtype)
    size = context.get_abi_sizeof(element)
    shape = [word(offset + 1 + k) for k in range(wanted.ndim)]
    strides = [ir.Constant(WORD, size)]
    for extent in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], extent))
    pointer = builder.inttoptr(word(offset), element.as_pointer())
    arrayobj.populate_array(array, pointer, shape, strides, ir.Constant(WORD, size), None)
    return array._getvalue()  # noqa: SLF001  numba's own way to hand over a structure
