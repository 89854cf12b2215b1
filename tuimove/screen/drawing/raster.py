"""Lines on a grid of dots, several dots a character cell; knows nothing of axes or terminals.

Everything is vectorised over the points, and nothing that a training run can produce makes it fail.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

Glyphs = Literal["braille", "ascii"]
Floats64 = npt.NDArray[np.float64]
Ints64 = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.uint8]

DOTS: dict[Glyphs, tuple[int, int]] = {"braille": (4, 2), "ascii": (1, 1)}
"""Rows and columns of dots in a cell."""

BRAILLE_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
ASCII_MARKS = ".*+ox#"
"""Marks by the number of the line, the first for lines underneath, the last for cells that lines share."""
DASHES = ("1000", "1", "1110", "10", "11111010")
"""Which columns of dots a line is drawn in, by its number, where colours can't tell lines apart: 0 is underneath."""

EMPTY, SHARED = -1, 5
"""Numbers of cells without a line, and of those where several lines cross."""
ALONG = 6
"""Least neighbouring columns in which lines share dots where they run along each other, rather than cross."""
DASH = 3
"""Cells that each of the lines gets in turn where they run along each other."""


class Raster:
    """A grid of character cells to draw lines on.

    A cell shows the dots of all lines in it. Where several cross or touch, its colour is nobody's (SHARED); where they
    lie upon each other for a while, they take turns. The line in front gives all its cells its colour.
    """

    def __init__(self, rows: int, columns: int, glyphs: Glyphs, *, is_dashed: bool = False) -> None:
        self._glyphs, self._is_dashed = glyphs, is_dashed and glyphs != "ascii"
        self._rows, self._columns = max(rows, 0), max(columns, 0)
        height, width = DOTS[glyphs]
        self._shape = self._rows * height, self._columns * width
        self._dots: dict[int, Bools] = {}

    def draw_line(self, x: Floats64, y: Floats64, number: int) -> None:
        """Join points; x (ascending) and y are shares of the raster, 0 to 1 from the lower left; NaN is a gap."""
        rows, columns = self._shape
        if not rows or not columns or not len(x):
            return
        x, y = thin_points(x, y, 2 * columns)
        lowest, highest = column_spans(np.clip(x, -1, 2) * (columns - 1), np.clip(y, -1, 2) * (rows - 1), columns)
        is_crossed = _crossed(lowest, highest, rows)
        if self._is_dashed:
            is_crossed &= _dashes(number, columns)
        before = self._dots.get(number)
        self._dots[number] = is_crossed if before is None else before | is_crossed

    def cells(self, front: int | None = None) -> tuple[list[str], Ints64]:
        """Return the text of each row, and the number of the line in each cell, (rows, columns), SHARED or EMPTY."""
        drawn = {number: self._codes(dots) for number, dots in sorted(self._dots.items())}
        codes = drawn.pop(0, np.zeros((self._rows, self._columns), np.uint8))
        numbers = np.where(codes > 0, 0, EMPTY)
        if drawn:
            owners, of_owners = _shared_out(drawn, front)
            numbers, codes = np.where(owners == EMPTY, numbers, owners), np.where(owners == EMPTY, codes, of_owners)
        if self._glyphs == "ascii":
            marks = np.array([*ASCII_MARKS, " "])[np.where(numbers == EMPTY, -1, numbers % len(ASCII_MARKS))]
            return ["".join(row) for row in marks.tolist()], numbers
        return ["".join(map(BRAILLE.__getitem__, row)) for row in codes.tolist()], numbers

    def _codes(self, dots: Bools) -> Codes:
        """Return which dots of each cell are set, a bit each."""
        if self._glyphs == "ascii":
            return dots.astype(np.uint8)
        codes = np.zeros((self._rows, self._columns), np.uint8)
        for row, bits in enumerate(BRAILLE_BITS):
            for column, bit in enumerate(bits):
                codes |= dots[row::4, column::2].view(np.uint8) * np.uint8(bit)
        return codes


BRAILLE = [" ", *map(chr, range(0x2801, 0x2900))]
"""Characters by the bits of their dots."""


def cell_row(share: float, rows: int, glyphs: Glyphs) -> float:
    """Return the row, from the top, of the cell that a dot at a share of the height is in; whole at a cell's middle."""
    dots, _ = DOTS[glyphs]
    return ((1 - share) * (dots * rows - 1) - (dots - 1) / 2) / dots


def _crossed(lowest: Floats64, highest: Floats64, rows: int) -> Bools:
    """Return which dots lie between the lowest and the highest of each column, (rows, columns) from the top."""
    is_known = np.isfinite(lowest)
    low = np.where(is_known, np.round(lowest), rows).astype(np.int16)
    high = np.where(is_known, np.round(highest), -1).astype(np.int16)
    heights = np.arange(rows - 1, -1, -1, dtype=np.int16)[:, np.newaxis]
    crossed: Bools = (heights >= low) & (heights <= high)
    return crossed


def _dashes(number: int, columns: int) -> Bools:
    pattern = np.array([sign == "1" for sign in DASHES[number % len(DASHES)]])
    return np.resize(pattern, columns)


def _shared_out(drawn: Mapping[int, Codes], front: int | None) -> tuple[Ints64, Codes]:
    """Return the number of the line that each cell shows, SHARED or EMPTY, and the dots of all lines there."""
    sets, seen, common = (np.zeros_like(next(iter(drawn.values()))) for _ in range(3))
    for place, codes in enumerate(drawn.values()):
        sets |= (codes > 0).view(np.uint8) << np.uint8(place)
        common |= seen & codes
        seen |= codes
    crossing, along = _owners(tuple(drawn), front)
    owners = crossing[sets]
    if len(drawn) > 1:
        rows, columns = np.nonzero((common > 0) & _runs_along(np.any(common, axis=0)))
        owners[rows, columns] = along[sets[rows, columns], columns // DASH % along.shape[1]]
    return owners, seen


def _runs_along(is_shared: Bools) -> Bools:
    """Return the columns within at least ALONG neighbouring ones where lines share dots."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_shared, [False]])))
    starts, ends = edges[::2], edges[1::2]
    is_along = np.zeros(len(is_shared), bool)
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        is_along[start:end] = end - start >= ALONG
    return is_along


@lru_cache(maxsize=256)
def _owners(numbers: tuple[int, ...], front: int | None) -> tuple[Ints64, Ints64]:
    """Return which line a cell shows for each set of lines in it, as bits: where they cross, and turn by turn."""
    turns = math.lcm(*range(1, len(numbers) + 1), *range(2, 2 * len(numbers), 2))
    crossing = np.full(1 << len(numbers), EMPTY, np.int64)
    along = np.full((1 << len(numbers), turns), EMPTY, np.int64)
    for bits in range(1, 1 << len(numbers)):
        there = [number for place, number in enumerate(numbers) if bits >> place & 1]
        ahead = [number for number in there if number == front]
        crossing[bits] = (ahead or there)[0] if ahead or len(there) == 1 else SHARED
        order = [one for other in there if other not in ahead for one in (*ahead, other)] or ahead
        along[bits] = [order[turn % len(order)] for turn in range(turns)]
    return crossing, along


def thin_points(x: Floats64, y: Floats64, most: int) -> tuple[Floats64, Floats64]:
    """Return at most about `most` points, the lowest and highest of each group of neighbours, in order."""
    size = -(-len(x) // max(most // 2, 1))
    if size <= 2:
        return x, y
    whole = len(y) // size * size
    groups = y[:whole].reshape(-1, size)
    with np.errstate(invalid="ignore"):
        lowest = np.where(np.isnan(groups), np.inf, groups).argmin(axis=1)
        highest = np.where(np.isnan(groups), -np.inf, groups).argmax(axis=1)
    order = np.sort(np.stack([lowest, highest], axis=1), axis=1)
    places = (order + np.arange(len(groups))[:, np.newaxis] * size).reshape(-1)
    places = np.concatenate([places, np.arange(whole, len(y))])
    return x[places], y[places]


def column_spans(across: Floats64, up: Floats64, columns: int) -> tuple[Floats64, Floats64]:
    """Return the lowest and highest point of a joined line in each column, NaN where it has none."""
    lowest, highest = np.full(columns, np.nan), np.full(columns, np.nan)
    is_point = np.isfinite(across) & np.isfinite(up)
    _widen(lowest, highest, np.round(across[is_point]), up[is_point], columns)
    joined = is_point[:-1] & is_point[1:]
    starts, ends = np.flatnonzero(joined), np.flatnonzero(joined) + 1
    first, last = np.round(across[starts]).astype(np.int64), np.round(across[ends]).astype(np.int64)
    first, last = np.clip(first, -1, columns), np.clip(last, -1, columns)
    counts = np.maximum(last - first, 0)
    piece = np.repeat(np.arange(len(starts)), counts)
    # Each boundary between two columns that a piece crosses belongs to both of them.
    offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    boundary = first[piece] + offsets + 0.5
    run = across[ends] - across[starts]
    slope = (up[ends] - up[starts]) / np.where(run > 0, run, 1)
    height = up[starts][piece] + slope[piece] * (boundary - across[starts][piece])
    _widen(lowest, highest, boundary - 0.5, height, columns)
    _widen(lowest, highest, boundary + 0.5, height, columns)
    return lowest, highest


def _widen(lowest: Floats64, highest: Floats64, columns: Floats64, heights: Floats64, count: int) -> None:
    is_inside = (columns >= 0) & (columns < count)
    places = columns[is_inside].astype(np.int64)
    np.fmin.at(lowest, places, heights[is_inside])
    np.fmax.at(highest, places, heights[is_inside])
