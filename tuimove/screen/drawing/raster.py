"""Lines on a grid of dots, several dots a character cell; knows nothing of axes or terminals.

Everything is vectorised over the points, and nothing that a training run can produce makes it fail.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

Glyphs = Literal["braille", "ascii"]
Floats64 = npt.NDArray[np.float64]
Ints64 = npt.NDArray[np.int64]

DOTS: dict[Glyphs, tuple[int, int]] = {"braille": (4, 2), "ascii": (1, 1)}
"""Rows and columns of dots in a cell."""

BRAILLE_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
ASCII_MARKS = ".*+ox#"
"""Marks by the number of the line, the first for lines underneath."""

EMPTY = -1


class Raster:
    """A grid of character cells to draw lines on; a cell has the colour of the last line drawn in it."""

    def __init__(self, rows: int, columns: int, glyphs: Glyphs) -> None:
        self._glyphs = glyphs
        self._cell = DOTS[glyphs]
        self._dots = np.full((max(rows, 0) * self._cell[0], max(columns, 0) * self._cell[1]), EMPTY, np.int8)

    def draw_line(self, x: Floats64, y: Floats64, number: int) -> None:
        """Join points; x (ascending) and y are shares of the raster, 0 to 1 from the lower left; NaN is a gap."""
        rows, columns = self._dots.shape
        if not rows or not columns or not len(x):
            return
        x, y = thin_points(x, y, 2 * columns)
        across = np.clip(x, -1, 2) * (columns - 1)
        up = np.clip(y, -1, 2) * (rows - 1)
        lowest, highest = column_spans(across, up, columns)
        with np.errstate(invalid="ignore"):
            heights = np.arange(rows - 1, -1, -1)[:, np.newaxis]
            is_crossed = (heights >= np.round(lowest)) & (heights <= np.round(highest))
        self._dots[is_crossed] = number

    def cells(self) -> tuple[list[str], Ints64]:
        """Return the text of each row, and the number of the line in each cell, (rows, columns), or EMPTY."""
        height, width = self._cell
        rows, columns = self._dots.shape[0] // height, self._dots.shape[1] // width
        grid = self._dots.reshape(rows, height, columns, width)
        numbers = grid.max(axis=(1, 3), initial=EMPTY).astype(np.int64)
        if self._glyphs == "ascii":
            marks = np.array([*ASCII_MARKS, " "])[np.where(numbers == EMPTY, -1, numbers % len(ASCII_MARKS))]
            return ["".join(row) for row in marks.tolist()], numbers
        codes = ((grid != EMPTY) * BRAILLE_BITS[np.newaxis, :, np.newaxis, :]).sum(axis=(1, 3))
        return ["".join(chr(0x2800 + code) if code else " " for code in row) for row in codes.tolist()], numbers


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
