"""Loads a run's data and compiles the kernels, both at once: the slow steps before the first epoch."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Literal

from tuimove.settings.files import reason_of, shown_path
from tuimove.settings.preset import Preset
from tuimove.training.image_set import Digits, load_digits

LoadingPhase = Literal["loading", "compiling kernels"]
Progress = Callable[[LoadingPhase, str], None]
"""Called at the start of a phase, with the phase and a message for the user."""


def load_while_compiling(preset: Preset, say: Callable[[str], None], progress: Progress | None = None) -> Digits:
    """Load the data in another thread while this one imports and compiles the kernels; return the data.

    `say` is called with notices about the data. `progress` is called where kernels are missing from the cache or it
    can't be used; without it `say` gets the message. Compilation takes longer, so it has the calling thread, which
    signals interrupt.

    Raises
    ------
    DataError
        When the data can't be read or don't fit the preset.
    """
    with ThreadPoolExecutor(1) as loader:
        loading = loader.submit(load_digits, preset.data, preset.training.seed)
        import_module("tuimove.runs.session")
        _compile_kernels(progress or (lambda _, words: say(words)))
    digits = loading.result()
    for words in digits.notices:
        say(words)
    return digits


def _compile_kernels(progress: Progress) -> None:
    from tuimove.kernels.compilation import CACHE, compile_kernels

    began = time.monotonic()
    is_compiled = True

    def announce() -> None:
        nonlocal is_compiled
        is_compiled = False
        progress("compiling kernels", _reason_to_compile())

    could_write = CACHE.failure is None
    compile_kernels(announce)
    if not is_compiled:
        progress("loading", f"compiled in {time.monotonic() - began:.0f} s")
    if could_write and CACHE.failure is not None:
        place, reason = _named(CACHE.folder, is_chosen=CACHE.is_chosen), reason_of(CACHE.failure)
        words = f"compiled kernels can't be kept in {place}: {reason}; the next run compiles them anew"
        progress("loading", words)


def _reason_to_compile() -> str:
    """Say why kernels are compiled."""
    from tuimove.kernels.compilation import CACHE

    if CACHE.failure is not None:
        place = _named(CACHE.obstacle, is_chosen=CACHE.is_chosen)
        verb = "isn't a folder" if isinstance(CACHE.failure, FileExistsError) else "can't be written"
        return f"compiling kernels: {place} {verb}, so every run does it anew"
    if CACHE.damaged:
        return f"compiling kernels: some of those kept in {shown_path(CACHE.folder)} are damaged and are replaced"
    return "compiling kernels (once on this machine) ..."


def _named(path: Path, *, is_chosen: bool) -> str:
    """Return a path of the cache with the variable that chose it, if one did."""
    return f"{shown_path(path)} (NUMBA_CACHE_DIR)" if is_chosen else shown_path(path)
