"""What a run needs before its first epoch and takes long: the data and the compiled kernels, both at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

from tuimove.digits import Digits, load_digits
from tuimove.kernels import compilation
from tuimove.preset import Preset


def load_while_compiling(preset: Preset, say: Callable[[str], None]) -> Digits:
    """Return the data, loaded in another thread while the kernels are imported, which compiles them.

    `say` is told when that takes long. The kernels are the slower ones, so they have this thread, where a signal
    can interrupt them.

    Raises
    ------
    DataError
        When the data won't do.
    """
    was_compiled = compilation.is_compiled()
    if compilation.CACHE_FOLDER is None:
        say(f"compiling kernels: {compilation.CACHE_ROOT} can't be written, so every run does it anew")
    elif not was_compiled:
        say("compiling kernels (once on this machine) ...")
    began = time.monotonic()
    with ThreadPoolExecutor(1) as loader:
        loading = loader.submit(load_digits, preset.data, preset.training.seed)
        import_module("tuimove.session")
    compilation.mark_compiled()
    if not was_compiled:
        say(f"compiled in {time.monotonic() - began:.0f} s")
    digits = loading.result()
    for words in digits.notices:
        say(words)
    return digits
