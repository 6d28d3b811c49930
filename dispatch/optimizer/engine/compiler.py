"""From kernels to object files, by numba.

Imported only where something must be compiled. A bundle is one word for a kernel; Python calls a kernel
through an entry that reads its arguments from a block of words (see :mod:`compile`), so that nothing of numba
is needed to call it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.core.compiler import Compiler
from numba.core.compiler_lock import global_compiler_lock
from numba.core.datamodel import models, register_default
from numba.core.dispatcher import _FunctionCompiler  # type: ignore[attr-defined]
from numba.core.extending import typeof_impl
from numba.core.imputils import lower_getattr_generic
from numba.core.registry import cpu_target
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.np import arrayobj, numpy_support

from dispatch.optimizer.engine.bundle import LAYOUTS
from dispatch.optimizer.engine.compile import ARGUMENTS, RESULT, STATUS, Inlined, Kernel, Linked, Translated

WORD = ir.IntType(64)
NUMBERS = {"int": types.int64, "float": types.float64, "None": types.none}
HELPERS = {b"NRT_incref", b"NRT_decref", b"NRT_MemInfo_call_dtor"}
"""What kernels may refer to of numba's run time, which is not there when they are loaded: the first two come
with them; the third (see :mod:`machine_code`) is for arrays that own their memory, and a kernel has none."""
OPTIONS = {"nopython": True, "nogil": True, "error_model": "numpy"}


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


@register_default(BundleType)
class _BundleModel(models.PrimitiveModel):  # type: ignore[misc]
    """A bundle is one word."""

    def __init__(self, manager: object, kind: BundleType) -> None:
        super().__init__(manager, kind, WORD)


@infer_getattr
class _BundleAttributes(AttributeTemplate):  # type: ignore[misc]
    """``bundle.name`` is an array."""

    key = BundleType

    def generic_resolve(self, kind: BundleType, name: str) -> Any:
        """The type of one array."""
        return kind.find(name)[1]


@lower_getattr_generic(BundleType)  # type: ignore[untyped-decorator]
def _member(context: Any, builder: Any, kind: BundleType, value: Any, name: str) -> Any:
    """The array's structure from the table; the table never changes, so its loads may be hoisted."""
    offset, wanted = kind.find(name)
    base = builder.inttoptr(value, WORD.as_pointer())
    words = []
    for index in range(1 + wanted.ndim):
        loaded = builder.load(builder.gep(base, [ir.Constant(WORD, offset + index)]))
        loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
        words.append(loaded)
    return _array(context, builder, wanted, words)


def _array(context: Any, builder: Any, wanted: Any, words: list[Any]) -> Any:
    """The structure of a C-contiguous array, nobody counting its references, from its address and shape."""
    array = arrayobj.make_array(wanted)(context, builder)
    element = context.get_data_type(wanted.dtype)
    size = context.get_abi_sizeof(element)
    address, *shape = words
    strides = [ir.Constant(WORD, size)]
    for extent in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], extent))
    pointer = builder.inttoptr(address, element.as_pointer())
    arrayobj.populate_array(array, pointer, shape, strides, ir.Constant(WORD, size), None)
    return array._getvalue()  # noqa: SLF001  numba's own way to hand over a structure


@cache
def _type_of(kind: str) -> Any:
    """The compiler's type of an argument."""
    if kind in NUMBERS:
        return NUMBERS[kind]
    numbers, _, dimensions = kind.partition(" ")
    if dimensions:
        return types.Array(numpy_support.from_dtype(np.dtype(numbers)), int(dimensions), "C")
    return BundleType(kind, tuple((name, _type_of(f"{dtype} {size}")) for name, dtype, size in LAYOUTS[kind]))


@typeof_impl.register(Inlined)  # type: ignore[untyped-decorator]
@typeof_impl.register(Kernel)  # type: ignore[untyped-decorator]
def _function_type(made: Inlined | Kernel, _context: object) -> Any:
    """What a kernel calls is compiled for the arguments that it is called with."""
    return types.Dispatcher(_dispatcher(made))


@cache
def _dispatcher(made: Inlined | Kernel) -> Any:
    """A function that numba compiles when a kernel calls it."""
    return numba.njit(nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)(
        made.function
    )


@typeof_impl.register(Linked)  # type: ignore[untyped-decorator]
def _symbol_type(made: Linked, _context: object) -> Any:
    """What is linked is called by its symbol, which must be known by the time its caller is loaded."""
    made.publish()
    return _external(made)


@cache
def _external(made: Linked) -> Any:
    """A function by its symbol, as the compiler sees it."""
    arguments = [_type_of(kind) for kind in made.notes]
    return types.ExternalFunction(made.symbol, NUMBERS[made.result](*arguments))


class _Compiler(_FunctionCompiler):  # type: ignore[misc]
    """Stops before machine code is made, so that an entry can be added."""

    def _customize_flags(self, flags: Any) -> Any:
        flags.no_cpython_wrapper = True
        flags.no_cfunc_wrapper = True
        flags.no_compile = True
        flags.enable_pyobject = False
        return flags


def object_file(made: Translated, symbol: str, kinds: tuple[str, ...]) -> bytes:
    """Compile a function for arguments of these kinds, with an entry of that name; the object file."""
    with global_compiler_lock:
        compiled = _Compiler(made.function, cpu_target, dict(OPTIONS), {}, Compiler).compile(
            tuple(_type_of(kind) for kind in kinds), NUMBERS[made.result]
        )
        library, context = compiled.library, compiled.target_context
        module = context.create_module(symbol)
        if isinstance(made, Linked):
            _write_link(context, module, compiled.fndesc, symbol)
        else:
            _write_entry(context, module, compiled.fndesc, symbol)
        library.enable_object_caching()
        library.add_ir_module(module)
        library.finalize()
        _name, _kind, (code, _bitcode) = library.serialize_using_object_code()
    needed = set(re.findall(rb"\b(?:NRT|Py|numba)_?\w+", code)) - HELPERS
    if needed:
        raise TypeError(f"{symbol} needs {needed} of numba: no kernel may allocate memory, nor fail")
    return bytes(code)


def _callee(context: Any, module: Any, description: Any) -> Any:
    """The compiled function, declared in another module."""
    kind = context.call_conv.get_function_type(description.restype, description.argtypes)
    return ir.Function(module, kind, description.llvm_func_name)


def _write_link(context: Any, module: Any, description: Any, symbol: str) -> None:
    """A function of numbers and bundles that kernels call; it cannot fail."""
    arguments = [context.get_value_type(kind) for kind in description.argtypes]
    result = context.get_value_type(description.restype)
    link = ir.Function(module, ir.FunctionType(result, arguments), symbol)
    builder = ir.IRBuilder(link.append_basic_block("entry"))
    _status, out = context.call_conv.call_function(
        builder, _callee(context, module, description), description.restype, description.argtypes, link.args
    )
    builder.ret(out)


def _write_entry(context: Any, module: Any, description: Any, symbol: str) -> None:
    """A function of a block of words."""
    entry = ir.Function(module, ir.FunctionType(ir.VoidType(), [WORD.as_pointer()]), symbol)
    builder = ir.IRBuilder(entry.append_basic_block("entry"))

    def at(index: int) -> Any:
        return builder.gep(entry.args[0], [ir.Constant(WORD, index)])

    values, index = [], ARGUMENTS
    for kind in description.argtypes:
        count = 1 + kind.ndim if isinstance(kind, types.Array) else 1
        words = [builder.load(at(index + k)) for k in range(count)]
        index += count
        if isinstance(kind, types.Array):
            values.append(_array(context, builder, kind, words))
        elif kind == types.float64:
            values.append(builder.bitcast(words[0], ir.DoubleType()))
        else:
            values.append(words[0])
    status, out = context.call_conv.call_function(
        builder, _callee(context, module, description), description.restype, description.argtypes, values
    )
    builder.store(builder.zext(status.is_error, WORD), at(STATUS))
    if description.restype != types.none:
        builder.store(builder.bitcast(out, WORD), at(RESULT))
    builder.ret_void()
