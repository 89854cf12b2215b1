"""Plots as text, drawn by plotext; the only module that imports it.

plotext 6 ends the whole process on a number that isn't finite, so it only gets short lists of finite numbers within
bounds, and axis limits that contain them. Its colour codes are parsed: the results are parts of text with the number of
their line, for the caller to colour, or whole plots as text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tuimove.recording.reading.course import Course
from tuimove.reports.paper import Paper
from tuimove.reports.pictures import Picture, PlotSeries, closing_kind, pictures_of

MOST_POINTS = 400
"""Points of a line that are drawn at most; of more, the least and greatest of neighbours, or every n-th of a cloud."""
MOST = 1e9
"""Greatest absolute value that is drawn; larger ones are clipped."""
LEAST = 1e-12
"""Least absolute value that is drawn; smaller ones become 0."""
LEAST_RANGE = 1e-9
"""Range, as a share of the largest number, below which values are drawn as a constant."""
LEAST_COLUMNS, LEAST_ROWS = 16, 5
"""Least width and height of a plot with axes, in characters."""
MOST_COLUMNS, MOST_ROWS = 400, 120
"""Greatest width and height of a plot, in characters: plotext allocates memory for every dot."""
COLUMNS_A_TICK, ROWS_A_TICK = 12, 3
PICTURE_ROWS = 12
"""Rows of a picture between its title and the name of its x axis."""
WIDEST = 100
"""Greatest width of a picture, in columns."""

ESCAPES = ("\x1b[36m", "\x1b[33m", "\x1b[2m", "\x1b[35m")
"""Escape codes that colour lines 0 to 3: basic colours, which every terminal has."""
END_ESCAPE = "\x1b[0m"

COLORS = ("red", "green", "blue", "magenta")
"""plotext's names of the colours of lines 0 to 3; its escape codes for them are parsed."""
CODES = {1: 0, 2: 1, 4: 2, 5: 3, 9: 0, 10: 1, 12: 2, 13: 3}

ASCII_SIGNS = str.maketrans("┌┐└┘─│┤├┬┴┼", "++++-|+++++")

ASCII_MARKS = "*+ox"
"""Marks of lines 0 to 3 where there is no braille."""

PlotPart = tuple[str, int | None]
"""Text and the number of its line; None for axes and empty space."""


@dataclass(frozen=True)
class PlotLine:
    """A line or a set of points, as numbers."""

    x: Sequence[float]
    y: Sequence[float]
    color: int
    """Number of the line, 0 to 3."""
    is_joined: bool = True
    """Whether the points are joined by a line."""


def outline_bins(low: float, high: float, heights: Sequence[float], color: int) -> PlotLine:
    """Return the outline of bars over equal bins from `low` to `high`."""
    width = (high - low) / max(len(heights), 1)
    x = [low + width * (place + side) for place in range(len(heights)) for side in (0, 1)]
    return PlotLine(x, [height for height in heights for _ in (0, 1)], color)


def plot_lines(
    lines: Sequence[PlotLine],
    width: int,
    height: int,
    *,
    ascii_only: bool = False,
    by_mark: bool = False,
    ticks: Sequence[str] = (),
    logs: tuple[bool, bool] = (False, False),
) -> list[list[PlotPart]]:
    """Return the rows of a plot with axes, `height` rows of `width` columns; empty where it can't be drawn.

    `by_mark` draws each line with its own mark, for plots without colours; `ticks` name the positions 0, 1, 2, ... of
    an x axis of categories; `logs` says whether the numbers of x and y are logarithms.
    """
    drawable = [line for line in map(_sanitized, lines) if len(line.x) >= (2 if line.is_joined else 1)]
    if width < LEAST_COLUMNS or height < LEAST_ROWS or not drawable:
        return []
    import plotext  # takes 0.13 s: not before there is something to plot

    figure = plotext.figure
    figure.clear.all()
    figure.theme("colorless")
    plotext.terminal.limit(False, False)
    width, height = min(width, MOST_COLUMNS), min(height, MOST_ROWS)
    figure.plot_size(width, height)
    if ticks:
        figure.ruler("x").lim(-0.5, len(ticks) - 0.5)
        figure.ruler("x").ticks(list(range(len(ticks))), list(ticks))
    else:
        _rule(figure.ruler("x"), [x for line in drawable for x in line.x], width // COLUMNS_A_TICK, logs[0])
    _rule(figure.ruler("y"), [y for line in drawable for y in line.y], height // ROWS_A_TICK, logs[1])
    for line in drawable:
        has_mark = ascii_only or by_mark or not line.is_joined
        marker = plotext.marker(ASCII_MARKS[line.color] if has_mark else "braille", COLORS[line.color])
        figure.draw(figure.signal(list(line.x), list(line.y), marker=marker).lines(line.is_joined))
    rows = [_parsed(row) for row in figure.build().string().splitlines()]
    figure.clear.all()
    if ascii_only:
        rows = [[(text.translate(ASCII_SIGNS), color) for text, color in row] for row in rows]
    return [row for row in rows if row][:height]


def _rule(ruler: Any, values: Sequence[float], most_ticks: int, is_log: bool) -> None:
    """Set an axis' limits so that they contain all values, and ticks at round numbers or powers of ten."""
    low, high = min(values), max(values)
    if high - low <= max(abs(low), abs(high)) * LEAST_RANGE:  # constant: show it in the middle
        room = max(abs(low), abs(high)) * 0.05
        low, high = (low - room, high + room) if room > LEAST_RANGE else (-1.0, 1.0)
    ticks, labels = _power_ticks(low, high) if is_log else _round_ticks(low, high, max(most_ticks, 2))
    ruler.lim(min(low, ticks[0]), max(high, ticks[-1]))
    ruler.ticks(ticks, labels)


def _power_ticks(low: float, high: float) -> tuple[list[float], list[str]]:
    """Return the powers of ten around two logarithms, and their labels."""
    powers = range(math.floor(low), math.ceil(high) + 1)
    return [float(power) for power in powers], [f"{10.0**power:g}" for power in powers]


def _round_ticks(low: float, high: float, most: int) -> tuple[list[float], list[str]]:
    """Return about `most` round numbers from `low` to `high`, and their labels."""
    rough = (high - low) / most
    exponent = math.floor(math.log10(rough))
    step = next(factor * 10.0**exponent for factor in (1, 2, 5, 10) if factor * 10.0**exponent >= rough * (1 - 1e-9))
    numbers = range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    is_plain = decimals < 6 and max(abs(low), abs(high)) < 1e6
    labels = [f"{number * step:.{decimals}f}" if is_plain else f"{number * step:.4g}" for number in numbers]
    return [number * step for number in numbers], labels


def _sanitized(line: PlotLine) -> PlotLine:
    """Return a line without points that aren't finite, clipped to +-1e9 and thinned to MOST_POINTS."""
    points = [
        (_clipped(x), _clipped(y))
        for x, y in zip(line.x, line.y, strict=False)
        if math.isfinite(x) and math.isfinite(y)
    ]
    size = -(-2 * len(points) // MOST_POINTS)
    if size > 2 and not line.is_joined:
        points = points[:: size // 2]
    elif size > 2:
        groups = [points[start : start + size] for start in range(0, len(points), size)]
        points = [
            point
            for group in groups
            for point in sorted({min(group, key=lambda p: p[1]), max(group, key=lambda p: p[1])})
        ]
    return PlotLine([x for x, _ in points], [y for _, y in points], line.color, line.is_joined)


def _clipped(value: float) -> float:
    return 0.0 if abs(value) < LEAST else min(max(float(value), -MOST), MOST)


def _parsed(row: str) -> list[PlotPart]:
    """Parse a row of plotext's text into parts without escape codes."""
    parts: list[PlotPart] = []
    color: int | None = None
    for piece in re.split(r"(\x1b\[[0-9;]*m)", row):
        if piece.startswith("\x1b["):
            color = _color_of(piece)
        elif piece:
            parts.append((piece, color))
    return parts


def _color_of(escape: str) -> int | None:
    """Return the line's number for an escape code."""
    numbers = [int(number) for number in escape[2:-1].split(";") if number]
    if numbers[:2] == [38, 5]:
        return CODES.get(numbers[2])
    return CODES.get(numbers[-1] % 10) if numbers and numbers[-1] // 10 in (3, 9) else None


def closing_text(courses: Sequence[Course], paper: Paper) -> str:
    """Return the closing pictures of these runs as text; empty where none can be drawn."""
    texts = (picture_text(picture, paper) for picture in pictures_of(courses, closing_kind(courses)))
    return "\n".join(text for text in texts if text)


def picture_text(picture: Picture, paper: Paper, rows: int = PICTURE_ROWS) -> str:
    """Return a picture as text: title, legend and `rows` rows of plot; empty where it can't be drawn."""
    by_mark = not paper.has_color and len(picture.series) > 1
    columns = min(paper.columns, WIDEST)
    logs = picture.is_log, picture.is_y_log
    lines = [_line_of(series, *logs) for series in picture.series]
    plotted = plot_lines(
        lines, columns, rows, ascii_only=not paper.is_unicode, by_mark=by_mark, ticks=picture.ticks, logs=logs
    )
    if not plotted:
        return ""
    legend = _legend(picture, columns)
    return _text(
        [[(picture.title, None)], *legend, *plotted, [(f"{picture.x_title:>{columns}}", None)]], paper.has_color
    )


def _line_of(series: PlotSeries, is_log: bool, is_y_log: bool) -> PlotLine:
    x = _logarithms(series.x) if is_log else series.x
    y = _logarithms(series.y) if is_y_log else series.y
    return PlotLine(x, y, series.color, series.style == "line")


def _logarithms(numbers: Sequence[float]) -> list[float]:
    return [math.log10(number) if number > 0 else math.nan for number in numbers]


def _legend(picture: Picture, columns: int) -> list[list[PlotPart]]:
    """Return the rows of the legend."""
    rows: list[list[PlotPart]] = [[]]
    for series in picture.series:
        if not series.label:
            continue
        if rows[-1] and sum(len(text) for text, _ in rows[-1]) + len(series.label) + 4 > columns:
            rows.append([])
        rows[-1] += [(ASCII_MARKS[series.color], series.color), (f" {series.label}  ", None)]
    return [row for row in rows if row]


def _text(rows: Sequence[Sequence[PlotPart]], has_color: bool) -> str:
    lines = ("".join(_escaped(part) if has_color else part[0] for part in row) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def _escaped(part: PlotPart) -> str:
    text, number = part
    return text if number is None else f"{ESCAPES[number]}{text}{END_ESCAPE}"
