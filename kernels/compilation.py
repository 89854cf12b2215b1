"""How kernels are compiled: each one once, on two processors, when the first of them is called.

Numba copies a compiled function into each function that calls it and optimises it there again; a loop that is three
calls deep is compiled four times. A kernel is called through its symbol instead, as functions of a C library are, so
its body is compiled once. Only `inlined` functions, which are called for every number, are copied into their callers.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import llvmlite.binding
import numba
from numba.core import cgutils, sigutils, types, typing
from numba.core.compiler import CompileResult
from numba.core.typing.templates import infer_global, make_concrete_template
from numba.extending import lower_builtin

from .cache import KernelCache

FINITE_SAFE_MATH = {"nsz", "arcp", "contract", "afn", "reassoc"}
"""Fast-math flags that keep NaN and Inf; the two left out would delete every test for them."""

CACHE = KernelCache()
"""Where machine code is kept."""

Function = Callable[..., Any]

_kernels: "list[Kernel]" = []
"""All kernels that have been imported, in the order of their definitions: callers after what they call."""
_lock = threading.RLock()


class Kernel:
    """A function that Numba compiles for one signature.

    Other kernels call it by its symbol. So does Python, by way of a wrapper, unless it is an `inner` kernel: those are
    called by other kernels only, and without a wrapper they compile faster.
    """

    def __init__(self, function: Function, signature: str, *, inner: bool, fastmath: bool | set[str]) -> None:
        self.__doc__ = function.__doc__
        self.name = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
        self.py_func = function
        self.is_ready = False
        """Whether it can be called without compiling anything."""
        arguments, result = sigutils.normalize_signature(signature)
        self._signature = typing.signature(result, *arguments)
        self._symbol = f"tuimove.{self.name}"
        self._inner = inner
        self._options = {
            "_nrt": False,
            "nogil": True,
            "error_model": "numpy",
            "no_cfunc_wrapper": True,
            "fastmath": fastmath,
        }
        self._dispatcher = numba.njit(no_cpython_wrapper=inner, **self._options)(function)
        self._call: Function = self._compile_and_call
        self._make_callable_from_kernels()

    def __call__(self, *arguments: Any) -> Any:
        """Call the compiled function; arguments of another type or layout are refused, never converted or copied."""
        return self._call(*arguments)

    def load(self) -> bool:
        """Make the kernel ready from the cache, or return False; the kernels that it calls are ready already."""
        result = CACHE.load(self.name)
        if result is None:
            return False
        self._dispatcher.add_overload(result)
        self._publish(result)
        return True

    def compile(self) -> None:
        """Compile the kernel, write its machine code to the cache, and make it ready."""
        self._dispatcher.compile(self._signature)
        (result,) = self._dispatcher.overloads.values()
        CACHE.save(self.name, result)
        self._publish(result)

    def promise(self) -> None:
        """Let kernels that call this one be compiled, but not run, while it isn't ready."""
        llvmlite.binding.add_symbol(self._symbol, 1)

    def _publish(self, result: CompileResult) -> None:
        """Let Python and other kernels call the machine code."""
        self._dispatcher.disable_compile()
        address = result.library.get_pointer_to_function(result.fndesc.llvm_func_name)
        llvmlite.binding.add_symbol(self._symbol, address)
        if not self._inner:
            self._call = self._dispatcher
        self.is_ready = True

    def _compile_and_call(self, *arguments: Any) -> Any:
        compile_kernels()
        if self._inner:  # a test calls it
            self._call = numba.njit(self._signature, **self._options)(self.py_func)
        return self._call(*arguments)

    def _make_callable_from_kernels(self) -> None:
        """Tell Numba the type of this object, and to call it as a function of another library."""
        infer_global(self, types.Function(make_concrete_template(self.name, self, [self._signature])))

        @lower_builtin(self, *self._signature.args)
        def call(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            convention = context.call_conv
            kind = convention.get_function_type(signature.return_type, signature.args)
            function = cgutils.get_or_insert_function(builder.module, kind, self._symbol)
            status, result = convention.call_function(
                builder, function, signature.return_type, signature.args, arguments
            )
            with cgutils.if_unlikely(builder, status.is_error):
                convention.return_status_propagate(builder, status)
            return context.get_dummy_value() if signature.return_type == types.void else result


def kernel(
    signature: str, *, inner: bool = False, reorder: bool = False, contract: bool = False
) -> Callable[[Function], Function]:
    """Return a decorator that makes a function a kernel.

    Parameters
    ----------
    signature : str
        Numba signature; arrays are C-contiguous, so that a wrong layout is refused and not copied.
    inner : bool
        Whether only other kernels call it.
    reorder : bool
        Whether sums may be reordered, so that LLVM can vectorise them (`FINITE_SAFE_MATH`).
    contract : bool
        Whether a product and a sum may be fused, and nothing else.
    """

    def decorate(function: Function) -> Function:
        if numba.config.DISABLE_JIT:
            return function
        made = Kernel(function, signature, inner=inner, fastmath=_fastmath(reorder=reorder, contract=contract))
        _kernels.append(made)
        return made

    return decorate


def inlined(*, contract: bool = False) -> Callable[[Function], Function]:
    """Return a decorator for a small function that is compiled as a part of each kernel that calls it."""
    return numba.njit(_nrt=False, nogil=True, error_model="numpy", fastmath=_fastmath(contract=contract))  # type: ignore[no-any-return]


def _fastmath(*, reorder: bool = False, contract: bool = False) -> bool | set[str]:
    return FINITE_SAFE_MATH if reorder else {"contract"} if contract else False


def compile_kernels(announce: Callable[[], None] = lambda: None) -> None:
    """Make all kernels that have been imported ready, from the cache or by compiling them.

    `announce` is called before the first one is compiled. A second process compiles from the other end of the list,
    where this one has two processors and a cache to share.
    """
    with _lock:
        waiting = [each for each in _kernels if not each.is_ready]
        missing = [each for each in waiting if not CACHE.holds(each.name)]
        is_announced = False
        with _second_process() if len(missing) > 1 and _can_share() else nullcontext():
            for each in waiting:
                if not each.load():
                    if not is_announced:
                        announce()
                    is_announced = True
                    each.compile()


def _can_share() -> bool:
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return processors > 1 and CACHE.failure is None and bool(sys.executable)


@contextmanager
def _second_process() -> Iterator[None]:
    """Compile in another process, too, which ends by itself when nothing is left to do."""
    command = [sys.executable, "-P", "-m", "tuimove.kernels.from_the_end", str(os.getpid())]
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    except OSError:  # no process to be had: this one compiles everything
        yield
        return
    try:
        yield
    except BaseException:
        process.kill()
        raise
    finally:
        threading.Thread(target=process.wait, daemon=True).start()  # it may be compiling its last kernel


def compile_from_the_end(parent: int) -> None:
    """Compile for the cache what isn't in it, the last kernel first, as long as the parent process lives."""
    for each in _kernels:
        each.promise()
    for each in reversed(_kernels):
        if os.getppid() != parent:
            return
        if not CACHE.holds(each.name):
            each.compile()
