"""What a run needs before its first epoch and takes long: the data and the compiled kernels, both at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

from tuimove.settings.preset import Preset
from tuimove.training.image_set import Digits, load_digits


def load_while_compiling(preset: Preset, say: Callable[[str], None]) -> Digits:
    """Return the data, loaded in another thread while the kernels are imported and compiled.

    `say` gets a line where the kernels aren't in the cache, or the cache is of no use. The kernels take longer than the
    data, so they have the calling thread, where a signal can interrupt them.

    Raises
    ------
    DataError
        When the data won't do.
    """
    with ThreadPoolExecutor(1) as loader:
        loading = loader.submit(load_digits, preset.data, preset.training.seed)
        import_module("tuimove.runs.session")
        _compile_kernels(say)
    digits = loading.result()
    for words in digits.notices:
        say(words)
    return digits


def _compile_kernels(say: Callable[[str], None]) -> None:
    from tuimove.kernels.compilation import CACHE, compile_kernels

    began = time.monotonic()
    is_compiled = True

    def announce() -> None:
        nonlocal is_compiled
        is_compiled = False
        if CACHE.failure is not None:
            say(f"compiling kernels: {CACHE.root} can't be written, so every run does it anew")
        elif CACHE.damaged:
            say(f"compiling kernels: some of those kept in {CACHE.folder} are damaged and are replaced")
        else:
            say("compiling kernels (once on this machine) ...")

    could_write = CACHE.failure is None
    compile_kernels(announce)
    if not is_compiled:
        say(f"compiled in {time.monotonic() - began:.0f} s")
    if could_write and CACHE.failure is not None:
        reason = CACHE.failure.strerror or CACHE.failure
        say(f"compiled kernels can't be kept in {CACHE.folder}: {reason}; the next run compiles them anew")
