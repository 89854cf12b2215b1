"""Lets go of the memory of a mapped file that has been read, so that a file doesn't fill the memory by being read."""

from __future__ import annotations

import ctypes
import mmap
from functools import cache
from typing import Any

MADV_PAGEOUT = 21
"""Advice to Linux, since 5.4: take these pages back now. Nothing is lost by it, unlike by MADV_DONTNEED."""


def let_go(address: int, length: int) -> None:
    """Let go of the whole pages between two addresses, where the system can; they are read again when needed."""
    begin = -(-address // mmap.PAGESIZE) * mmap.PAGESIZE
    end = (address + length) // mmap.PAGESIZE * mmap.PAGESIZE
    advise = _advise()
    if advise is not None and end > begin:
        advise(ctypes.c_void_p(begin), ctypes.c_size_t(end - begin), MADV_PAGEOUT)


@cache
def _advise() -> Any:
    return getattr(ctypes.CDLL(None), "madvise", None)
