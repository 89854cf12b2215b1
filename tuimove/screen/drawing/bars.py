"""Draws how numbers are distributed: filled bars with a reference curve over them, or a mark for each of a few.

A distribution is given by the share of it that lies below a number, so that bins of any width, and laws, are compared.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import groupby
from operator import itemgetter

import numpy as np
import numpy.typing as npt

from tuimove.diagnosis.matrix_measurement import Histogram
from tuimove.screen.drawing.axes import LARGEST, SMALLEST, Axis, format_tick, plan_exact_axis
from tuimove.screen.drawing.chart_lines import StyledText
from tuimove.screen.drawing.raster import Glyphs, Raster
from tuimove.screen.drawing.sparkline import BLOCKS

Floats64 = npt.NDArray[np.float64]
ShareBelow = Callable[[Floats64], Floats64]
"""Returns which share of a distribution lies below each of some numbers."""

FILL, CURVE, CURVE_ON_FILL, AXIS = "bars--fill", "bars--curve", "bars--curve-on-fill", "bars--axis"
"""Component classes of the parts."""
LEVELS = len(BLOCKS)
"""Heights of a bar within a cell."""
HEADROOM = 1.04
"""Height of a plot over that of its highest bar."""
COLUMNS_A_TICK, MOST_TRIED = 10, 6
"""Columns of a tick, and how many numbers of ticks are tried until there are enough in a range."""
LEAST_SIDE = 0.25
"""Least length of a side of 0 that needs a tick, as a share of the other's."""
LEAST_WITH_LINE = 6
"""Least rows of a plot that has a line as its axis, above the numbers."""
ASCII_CURVE = 4
"""Number of the curve's mark among the raster's, `x`."""
MARKS: dict[Glyphs, tuple[str, str]] = {"braille": ("●", "○"), "ascii": ("*", "o")}
"""Marks of single numbers: now, and before."""


def share_below(histogram: Histogram) -> ShareBelow:
    """Return the distribution of a histogram; entries are spread evenly within their bin."""
    sums = np.cumsum([histogram.below, *histogram.counts], dtype=np.float64)
    edges = bin_edges(histogram)
    return lambda x: np.interp(x, edges, sums) / max(sums[-1] + histogram.above, 1.0)


def bin_edges(histogram: Histogram) -> Floats64:
    """Return the edges of the bins, one more than there are bins."""
    shares = np.linspace(0, 1, len(histogram.counts) + 1)
    return histogram.low * (1 - shares) + histogram.high * shares


def filled_range(histogram: Histogram) -> tuple[float, float]:
    """Return the edges around all bins that hold anything, those of the whole histogram where none does."""
    filled = np.flatnonzero(histogram.counts)
    edges = bin_edges(histogram)
    first, last = (filled[0], filled[-1] + 1) if len(filled) else (0, -1)
    return float(edges[first]), float(edges[last])


def plan_range(low: float, high: float, width: int) -> Axis:
    """Return the axis below a plot of `width` columns: with as many ticks as fit, two at least, on both sides of 0."""
    low, high = max(low, -LARGEST / 2), min(high, LARGEST / 2)
    if high - low < SMALLEST:
        low, high = -1.0, 1.0
    least = max(2, width // COLUMNS_A_TICK)
    planned = [plan_exact_axis(low, high, most, is_log=False, is_whole=False)
               for most in range(least, least + MOST_TRIED)]  # fmt: skip
    enough = [axis for axis in planned if len(axis.ticks) > 1] or planned
    return next(filter(_spans, enough), enough[0])


def _spans(axis: Axis) -> bool:
    """Return whether there are ticks on each side of 0 that the axis has, unless it is hardly there."""
    reach = max(-axis.low, axis.high)
    sides = ((axis.low, min(axis.ticks, default=0.0)), (-axis.high, -max(axis.ticks, default=0.0)))
    return all(end > -LEAST_SIDE * reach or tick < 0 for end, tick in sides)


def draw_bars(
    now: ShareBelow, curve: ShareBelow | None, axis: Axis, width: int, height: int, glyphs: Glyphs
) -> list[list[StyledText]]:
    """Return `height` lines: bars of the density, the curve over them, and the axis."""
    below = axis_lines(axis, width, height, glyphs)
    rows = height - len(below)
    bars, line = _densities(now, axis, width), _densities(curve, axis, 2 * width) if curve else np.zeros(1)
    highest = HEADROOM * max(float(bars.max(initial=0)), float(line.max(initial=0))) or 1.0
    levels = np.ceil(np.nan_to_num(bars / highest) * rows * LEVELS - 1e-9).astype(int)  # never 0 for what is there
    raster = Raster(rows, width, glyphs)
    if curve:
        raster.draw_line(np.linspace(0, 1, len(line)), _without_ground(line) / highest, ASCII_CURVE)
    texts, _ = raster.cells()
    return [*(_bar_line(levels - LEVELS * (rows - 1 - row), texts[row], glyphs) for row in range(rows)), *below]


def _densities(share: ShareBelow, axis: Axis, columns: int) -> Floats64:
    """Return a distribution's density in each column, in shares a column of the coarser plot."""
    with np.errstate(all="ignore"):
        densities = np.diff(share(np.linspace(axis.low, axis.high, columns + 1))) * columns
    return np.where(np.isfinite(densities), np.maximum(densities, 0), 0)


def _without_ground(line: Floats64) -> Floats64:
    """Return a curve with gaps where it and its neighbours are 0: along the axis it would only hide the bars."""
    around = np.convolve(line, np.ones(3), "same")
    return np.where(around > 0, line, np.nan)


def _bar_line(levels: npt.NDArray[np.int64], curve: str, glyphs: Glyphs) -> list[StyledText]:
    """Return a row: full and partly full cells, and the curve in front of them."""
    blocks = " :###" if glyphs == "ascii" else f" {BLOCKS}"
    cells = []
    for level, sign in zip(np.clip(levels, 0, LEVELS).tolist(), curve, strict=True):
        if sign != " ":
            cells.append((sign, CURVE_ON_FILL if level > LEVELS // 2 else CURVE))
        else:
            cells.append((blocks[-(-level * (len(blocks) - 1) // LEVELS)], FILL if level else ""))
    return _joined(cells)


def draw_marks(
    many: Sequence[Histogram], axis: Axis, width: int, height: int, glyphs: Glyphs
) -> list[list[StyledText]]:
    """Return `height` lines with a mark for each entry, those of the first histogram on the axis, others above it."""
    below = axis_lines(axis, width, height, glyphs)
    rows = height - len(below)
    room = rows // max(len(many), 1)
    cells = [[(" ", "")] * width for _ in range(rows)]
    for place, histogram in enumerate(many):
        mark, name = MARKS[_marked(glyphs)][place], (FILL, CURVE)[place]
        for column, count in Counter(_columns_of(histogram, axis, width)).items():
            for level in range(min(count, room)):
                cells[rows - 1 - place * room - level][column] = mark, name
            if count > room > 0:
                _put(cells[rows - (place + 1) * room], column, str(count), name)
    return [*map(_joined, cells), *below]


def _put(cells: list[StyledText], column: int, text: str, name: str) -> None:
    """Write a text from a column on, or so far to the left of it that it fits."""
    start = max(0, min(column, len(cells) - len(text)))
    cells[start : start + len(text)] = [(character, name) for character in text][: len(cells)]


def _marked(glyphs: Glyphs) -> Glyphs:
    return "ascii" if glyphs == "ascii" else "braille"


def _columns_of(histogram: Histogram, axis: Axis, width: int) -> list[int]:
    """Return the column of each entry, in the middle of its bin."""
    edges = bin_edges(histogram)
    middles = np.repeat(edges[:-1] / 2 + edges[1:] / 2, histogram.counts)
    shares = np.nan_to_num(axis.shares(middles), nan=-1.0)
    return [round(share * (width - 1)) for share in shares.tolist() if 0 <= share <= 1]


def axis_lines(axis: Axis, width: int, height: int, glyphs: Glyphs) -> list[list[StyledText]]:
    """Return the numbers below a plot, and above them a line with ticks where there is room."""
    places = [round(share * (width - 1)) for share in axis.shares(np.array(axis.ticks)).tolist()]
    step = axis.ticks[1] - axis.ticks[0] if len(axis.ticks) > 1 else 0.0
    numbers = [" "] * width
    for tick, place in zip(axis.ticks, places, strict=True):
        text = format_tick(tick, step)
        start = max(0, min(place - len(text) // 2, width - len(text)))
        if all(character == " " for character in numbers[max(start - 1, 0) : start + len(text) + 1]):
            numbers[start : start + len(text)] = text
    plain, tick_sign = ("-", "+") if glyphs == "ascii" else ("─", "┬")
    line = "".join(tick_sign if place in places else plain for place in range(width))
    lines = [line, "".join(numbers)[:width]] if height >= LEAST_WITH_LINE else ["".join(numbers)[:width]]
    return [[(text, AXIS)] for text in lines[-height:]]


def _joined(cells: Sequence[StyledText]) -> list[StyledText]:
    """Join cells of one style."""
    return [("".join(text for text, _ in run), name) for name, run in groupby(cells, key=itemgetter(1))]


def uniform_law(scale: float) -> ShareBelow:
    """Return the distribution U(-scale, scale)."""
    return lambda x: np.clip(x / (2 * scale) + 0.5, 0, 1)


def normal_law(scale: float) -> ShareBelow:
    """Return the distribution N(0, scale^2)."""
    return lambda x: np.array([math.erfc(-one / scale / math.sqrt(2)) / 2 for one in x.tolist()])
