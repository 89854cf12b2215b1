"""Compiled loops: one epoch of training and every reduction over a matrix.

Knows nothing of presets, records or screens. Importing a kernel module compiles it, or loads it from the
user's cache, so nothing imports these modules before a run starts.
"""

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib import import_module

SETTINGS = ".numba_config.yaml"
"""A file in the working folder that Numba takes settings from: one of another project would end a run or change it."""


def _import_numba() -> None:
    """Import Numba without its settings file, unless another part of this process has imported it already."""
    if "numba" in sys.modules:
        return
    with _not_found("yaml") if os.path.lexists(SETTINGS) else nullcontext():
        import_module("numba")
    config = import_module("numba.core.config")
    config._config_fname = ""  # it would look for the file again whenever it compiles


@contextmanager
def _not_found(module: str) -> Iterator[None]:
    """Have a module not be there for what is imported meanwhile, which says nothing of that."""
    before = {module: sys.modules[module]} if module in sys.modules else {}
    sys.modules[module] = None  # type: ignore[assignment]
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        del sys.modules[module]
        sys.modules.update(before)


_import_numba()
