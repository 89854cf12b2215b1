"""Keeps Python's search for circular garbage short, since no key is heard meanwhile.

Textual and Numba leave a hundred thousand objects that live as long as the program. Going through all of them takes a
fifth of a second, several times a minute.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

LONGEST_SECONDS = 0.02
"""Time of a whole search from which on what it has left isn't searched again."""
MOST_TIMES = 5
"""How often that is done: what is in use now may be garbage later."""


@contextmanager
def short_searches() -> Iterator[None]:
    """Search no more through what is there already, nor through what a long search has found to be in use."""
    began, times_left = 0.0, MOST_TIMES

    def note(phase: str, search: dict[str, Any]) -> None:
        nonlocal began, times_left
        if search["generation"] < 2:
            return
        if phase == "start":
            began = time.perf_counter()
        elif times_left and time.perf_counter() - began > LONGEST_SECONDS:
            gc.freeze()
            times_left -= 1

    gc.freeze()
    gc.callbacks.append(note)
    try:
        yield
    finally:
        gc.callbacks.remove(note)
        gc.unfreeze()
