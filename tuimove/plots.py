"""Plots of what changes slowly, drawn by plotext: the only module that touches it.

plotext 6 ends the whole process on a number that isn't finite, so it only ever gets short lists of finite numbers of
a sensible size. It colours its text itself; what leaves here are parts of text with the number of the line that
they belong to, for the caller to colour.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

MOST_POINTS = 400
"""Of a line: more are thinned to the lowest and highest of neighbours."""
MOST = 1e9
"""Numbers beyond it are drawn at it."""
LEAST_COLUMNS, LEAST_ROWS = 16, 5
"""Below this there is no room for axes."""

COLORS = ("red", "green", "blue", "magenta")
"""What plotext is told for lines 0 to 3; its escape codes for them are read back."""
CODES = {1: 0, 2: 1, 4: 2, 5: 3, 9: 0, 10: 1, 12: 2, 13: 3}

ASCII_SIGNS = str.maketrans("┌┐└┘─│┤├┬┴┼", "++++-|+++++")

ASCII_MARKS = "*+ox"
"""What lines 0 to 3 are drawn with where there is no braille."""

Part = tuple[str, int | None]
"""Some text, and the number of the line it belongs to, None for axes and empty space."""


@dataclass(frozen=True)
class Line:
    """A line to be drawn."""

    x: Sequence[float]
    y: Sequence[float]
    color: int
    """0 to 3."""


def outline_bins(low: float, high: float, heights: Sequence[float], color: int) -> Line:
    """Return the outline of bars over equal bins from `low` to `high`."""
    width = (high - low) / max(len(heights), 1)
    x = [low + width * (place + side) for place in range(len(heights)) for side in (0, 1)]
    return Line(x, [height for height in heights for _ in (0, 1)], color)


def plot_lines(lines: Sequence[Line], width: int, height: int, *, ascii_only: bool = False) -> list[list[Part]]:
    """Return the rows of a plot with axes, `height` rows of `width` columns; nothing where it can't be drawn."""
    drawable = [line for line in map(_tamed, lines) if len(line.x) > 1]
    if width < LEAST_COLUMNS or height < LEAST_ROWS or not drawable:
        return []
    import plotext  # 0.13 s that nobody should wait for before there is something to plot

    figure = plotext.figure
    figure.clear.all()
    figure.theme("colorless")
    figure.plot_size(width, height)
    for line in drawable:
        marker = plotext.marker(ASCII_MARKS[line.color] if ascii_only else "braille", COLORS[line.color])
        figure.draw(figure.signal(list(line.x), list(line.y), marker=marker).lines(True))
    rows = [_parsed(row) for row in figure.build().string().splitlines()]
    figure.clear.all()
    if ascii_only:
        rows = [[(text.translate(ASCII_SIGNS), color) for text, color in row] for row in rows]
    return [row for row in rows if row][:height]


def _tamed(line: Line) -> Line:
    """Return a line of few, finite numbers of a sensible size."""
    points = [
        (min(max(x, -MOST), MOST), min(max(y, -MOST), MOST))
        for x, y in zip(line.x, line.y, strict=False)
        if math.isfinite(x) and math.isfinite(y)
    ]
    size = -(-2 * len(points) // MOST_POINTS)
    if size > 2:
        groups = [points[start : start + size] for start in range(0, len(points), size)]
        points = [
            point
            for group in groups
            for point in sorted({min(group, key=lambda p: p[1]), max(group, key=lambda p: p[1])})
        ]
    return Line([x for x, _ in points], [y for _, y in points], line.color)


def _parsed(row: str) -> list[Part]:
    """Return a row of plotext's text in parts, without its escape codes."""
    parts: list[Part] = []
    color: int | None = None
    for piece in re.split(r"(\x1b\[[0-9;]*m)", row):
        if piece.startswith("\x1b["):
            color = _color_of(piece)
        elif piece:
            parts.append((piece, color))
    return parts


def _color_of(escape: str) -> int | None:
    """Return the line's number that an escape code stands for."""
    numbers = [int(number) for number in escape[2:-1].split(";") if number]
    if numbers[:2] == [38, 5]:
        return CODES.get(numbers[2])
    return CODES.get(numbers[-1] % 10) if numbers and numbers[-1] // 10 in (3, 9) else None


def closing_chart(epochs: Sequence[float], distances: Sequence[float], width: int) -> str:
    """Return a plain picture of a distance against epochs, for the end of a run on a terminal."""
    rows = plot_lines([Line(epochs, distances, 0)], min(width, 80), 12)
    return "\n".join("".join(text for text, _ in row).rstrip() for row in rows)
