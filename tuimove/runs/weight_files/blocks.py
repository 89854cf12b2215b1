"""Cuts an array of any shape into blocks that are read one after another, in C order."""

from __future__ import annotations

import math
from collections.abc import Iterator

Place = tuple[int | slice, ...]


def block_slices(shape: tuple[int, ...], most: int, before: tuple[int, ...] = ()) -> Iterator[Place]:
    """Yield what to index an array with to get blocks of at most `most` entries that follow one another."""
    if not shape:
        yield before
        return
    row = math.prod(shape[1:])
    if row > most:
        for place in range(shape[0]):
            yield from block_slices(shape[1:], most, (*before, place))
        return
    rows = most // max(row, 1)
    for begin in range(0, shape[0], rows):
        yield (*before, slice(begin, min(begin + rows, shape[0])))
