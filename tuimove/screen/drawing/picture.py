"""Draws a small matrix as a picture: two pixels per character in colour, shaded characters without."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from rich.segment import Segment
from rich.style import Style

from tuimove.screen.drawing.raster import Glyphs

Floats64 = npt.NDArray[np.float64]
Ramp = Literal["grey", "heat", "diverging"]

SHADES = " .:-=+*#%@"
"""Characters from low to high values, for pictures without colours."""

RAMPS: dict[Ramp, tuple[tuple[int, int, int], ...]] = {
    "grey": ((18, 18, 18), (240, 240, 240)),
    "heat": ((18, 18, 18), (102, 37, 6), (217, 95, 14), (254, 196, 79), (255, 247, 214)),
    "diverging": ((64, 150, 255), (20, 40, 80), (18, 18, 18), (90, 25, 20), (255, 110, 80)),
}
"""RGB colours from low to high values, evenly spaced."""

HALF_BLOCK = "▀"


@dataclass(frozen=True)
class PixelGrid:
    """Pixels with their range and colours."""

    values: Floats64
    """Values, (rows, columns); NaN is drawn as the lowest value."""
    low: float
    high: float
    ramp: Ramp


def fit_picture(values: Floats64, columns: int, rows: int) -> Floats64:
    """Return values averaged over squares, so that they fit into `columns` by `rows` pixels."""
    factor = max(1, -(-values.shape[0] // max(rows, 1)), -(-values.shape[1] // max(columns, 1)))
    if factor == 1:
        return values
    height, width = (-(-length // factor) * factor for length in values.shape)
    padded = np.full((height, width), np.nan)
    padded[: values.shape[0], : values.shape[1]] = values
    squares = padded.reshape(height // factor, factor, width // factor, factor)
    known = np.isfinite(squares)
    with np.errstate(all="ignore"):
        means: Floats64 = np.where(known, squares, 0).sum(axis=(1, 3)) / known.sum(axis=(1, 3))
    return means


def draw_picture(
    picture: PixelGrid, columns: int, rows: int, glyphs: Glyphs, *, has_color: bool
) -> list[list[Segment]]:
    """Return the lines of a picture that fits into `columns` by `rows` characters."""
    by_shade = glyphs == "ascii" or not has_color
    values = fit_picture(picture.values, columns, rows if by_shade else 2 * rows)
    with np.errstate(all="ignore"):
        shares = (values - picture.low) / (picture.high - picture.low)
    shares = np.clip(np.nan_to_num(shares, nan=0.5 if picture.ramp == "diverging" else 0.0), 0, 1)
    return _shade_lines(shares) if by_shade else _block_lines(shares, picture.ramp)


def color_bar(ramp: Ramp, columns: int, glyphs: Glyphs, *, has_color: bool) -> list[Segment]:
    """Return the colours of a ramp from low to high values, or the characters that stand for them."""
    shares = np.linspace(0, 1, max(columns, 1))[np.newaxis]
    if glyphs == "ascii" or not has_color:
        return _shade_lines(shares)[0]
    return _block_lines(np.vstack([shares, shares]), ramp)[0]


def _shade_lines(shares: Floats64) -> list[list[Segment]]:
    levels = np.round(shares * (len(SHADES) - 1)).astype(int)
    return [[Segment("".join(SHADES[level] for level in row))] for row in levels.tolist()]


def _block_lines(shares: Floats64, ramp: Ramp) -> list[list[Segment]]:
    if len(shares) % 2:
        shares = np.vstack([shares, np.full((1, shares.shape[1]), 0.5 if ramp == "diverging" else 0.0)])
    levels = np.round(shares * (COLORS_A_RAMP - 1)).astype(int)
    pairs = zip(levels[::2].tolist(), levels[1::2].tolist(), strict=True)
    return [_half_blocks(upper, lower, ramp) for upper, lower in pairs]


def _half_blocks(upper: list[int], lower: list[int], ramp: Ramp) -> list[Segment]:
    """Return a line of half blocks as segments of one pair of colours."""
    segments: list[Segment] = []
    start = 0
    for place in range(1, len(upper) + 1):
        if place == len(upper) or (upper[place], lower[place]) != (upper[start], lower[start]):
            segments.append(Segment(HALF_BLOCK * (place - start), _style(ramp, upper[start], lower[start])))
            start = place
    return segments


COLORS_A_RAMP = 24
"""Colours of a ramp: few, so that neighbours share a colour, which saves bytes, yet all that 256 colours can show."""

_STYLES: dict[tuple[Ramp, int, int], Style] = {}


def _style(ramp: Ramp, upper: int, lower: int) -> Style:
    key = ramp, upper, lower
    if key not in _STYLES:
        _STYLES[key] = Style.parse(f"{_hex(ramp, upper)} on {_hex(ramp, lower)}")
    return _STYLES[key]


def _hex(ramp: Ramp, level: int) -> str:
    stops = np.array(RAMPS[ramp], float)
    place = level / (COLORS_A_RAMP - 1) * (len(stops) - 1)
    mixed = [np.interp(place, np.arange(len(stops)), stops[:, channel]) for channel in range(3)]
    return "#" + "".join(f"{round(value):02x}" for value in mixed)
