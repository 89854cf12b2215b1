"""Draws a column of numbers as one line of block characters."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tuimove.screen.drawing.raster import Glyphs

BLOCKS = "▁▂▃▄▅▆▇█"
ASCII_LEVELS = "_.,-~:=+*#"
LEAST_SPAN = 0.05
"""Least range that is drawn from the lowest to the highest character, as a share of the largest number."""


def draw_sparkline(values: npt.NDArray[np.float64], width: int, glyphs: Glyphs) -> str:
    """Return a sparkline, the newest value at the right; NaN is a gap.

    The lowest and highest values span the scale, unless they hardly differ: then the line is nearly flat.

    With more values than characters, each character shows the last value of its share, unless the share holds the
    lowest or highest of all.
    """
    levels = ASCII_LEVELS if glyphs == "ascii" else BLOCKS
    if width < 1 or not len(values):
        return " " * max(width, 0)
    shown = _shared_out(np.where(np.isfinite(values), values, np.nan), width)
    return "".join(_characters(shown, levels)).rjust(width)


def _shared_out(values: npt.NDArray[np.float64], width: int) -> npt.NDArray[np.float64]:
    if len(values) <= width:
        return values
    ends = np.linspace(0, len(values), width + 1).astype(np.int64)[1:]
    shown = values[ends - 1].copy()
    if np.isfinite(values).any():
        for extreme in (np.nanargmin(values), np.nanargmax(values)):
            shown[np.searchsorted(ends, extreme, side="right")] = values[extreme]
    return shown


def _characters(values: npt.NDArray[np.float64], levels: str) -> list[str]:
    known = values[np.isfinite(values)]
    if not len(known):
        return [" "] * len(values)
    low, high = known.min() / 2, known.max() / 2  # halved, so that the difference can't overflow
    least = max(abs(low), abs(high)) * LEAST_SPAN
    if high - low >= least > 0:
        heights = (values / 2 - low) / (high - low) * (len(levels) - 1)
    else:  # hardly any change looks like one
        change = (values / 2 - low / 2 - high / 2) / (least or 1.0)
        heights = np.clip(len(levels) // 2 - 1 + change * (len(levels) - 1), 0, len(levels) - 1)
    return [levels[round(height)] if np.isfinite(height) else " " for height in heights.tolist()]
