"""Lays out a chart as rows of text in named colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import numpy as np

from tuimove.diagnosis.finding import SEVERITIES
from tuimove.screen.drawing.axes import Axis, format_number, format_tick, plan_axis
from tuimove.screen.drawing.raster import EMPTY, Glyphs, Raster
from tuimove.screen.drawing.series import Floats64, Mark, Series, nearest_place, smooth_series
from tuimove.screen.drawing.symbols import severity_symbol

LABEL_COLUMNS = 9
"""Columns left of the plot, for the numbers of the y axis."""
LEAST_END_COLUMNS, END_SHARE = 4, 0.25
"""Least columns right of the plot for line labels, and their largest share of the width."""
SMOOTHED_SHARE = 15
"""Divisor of the number of points that gives the window of the running mean of a smoothed line."""
ROWS_A_TICK = 4
COLUMNS_A_TICK = 10

StyledText = tuple[str, str]
"""Text and the name of its component class, which sets the colour."""


@dataclass(frozen=True)
class ChartView:
    """The data of a chart and the user's view of them."""

    glyphs: Glyphs
    title: str = ""
    unit: str = ""
    series: Sequence[Series] = ()
    marks: Sequence[Mark] = ()
    """Findings, marked on the x axis."""
    others: Sequence[Series] = ()
    """Series drawn underneath, without colour."""
    x_name: str = "epoch"
    log_x: bool = False
    log_y: bool = False
    is_smooth: bool = False
    range: tuple[float, float] | None = None
    """The shown range of x; None for all of it."""
    cursor: float | None = None
    """The x of the point under the cursor."""

    @property
    def has_points(self) -> bool:
        """Whether any series has a point."""
        return any(len(one.x) for one in self.series)

    @property
    def points_x(self) -> Floats64:
        """The x of the series with the most points."""
        return max((one.x for one in self.series), key=len)

    @property
    def whole_range(self) -> tuple[float, float]:
        """The least and the largest x of all series."""
        ends = [(float(one.x[0]), float(one.x[-1])) for one in (*self.series, *self.others) if len(one.x)]
        return (min(low for low, _ in ends), max(high for _, high in ends)) if ends else (0.0, 1.0)

    @property
    def shown_range(self) -> tuple[float, float]:
        """The shown range of x."""
        return self.range or self.whole_range

    @property
    def finest_gap(self) -> float:
        """Least distance in x between two neighbouring points."""
        points = self.points_x
        return float(np.diff(points).min()) if len(points) > 1 else 1.0

    def plot_columns(self, width: int) -> int:
        """Return the columns of the plot itself in a chart of `width` columns."""
        return width - LABEL_COLUMNS - self.end_columns(width)

    def end_columns(self, width: int) -> int:
        """Return the columns right of the plot, for the labels of the lines where there are several."""
        if len(self.series) < 2:
            return 1
        longest = max(len(one.label) for one in self.series)
        return max(LEAST_END_COLUMNS, min(1 + longest, int(width * END_SHARE)))

    @property
    def is_ascii(self) -> bool:
        """Whether the terminal shows only ASCII."""
        return self.glyphs == "ascii"


def chart_lines(view: ChartView, width: int, height: int) -> list[list[StyledText]]:
    """Return the parts of every line of a chart: a heading, the plot with its y axis, the x axis and its numbers."""
    rows, columns = height - 3, view.plot_columns(width)
    if rows < 1 or columns < 2:
        return [_heading(view, width)][:height]
    x_axis, y_axis = _plan_axes(view, rows, columns)
    lines = [_heading(view, width)]
    lines += _plot_lines(view, x_axis, y_axis, rows, columns)
    lines.append(_x_line(view, x_axis, columns))
    lines.append(_x_numbers(view, x_axis, columns, view.end_columns(width)))
    return lines


def _heading(view: ChartView, width: int) -> list[StyledText]:
    """Return the title with its unit, the changes of the view, and the values at the cursor."""
    title = f"{view.title} [{view.unit}]" if view.unit else view.title
    changes = {"log x": view.log_x, "log y": view.log_y, "smoothed": view.is_smooth, "zoomed": view.range is not None}
    changed = ", ".join(word for word, is_on in changes.items() if is_on)
    parts: list[StyledText] = [(title, "chart--title"), (f"  {changed}" if changed else "", "chart--axis")]
    if view.cursor is None:
        return parts
    place = format_number(view.cursor) if view.x_name == "seconds" else f"{view.cursor:.0f}"
    reading: list[StyledText] = [(f"  {view.x_name} {place}", "chart--title")]
    for one in view.series:
        if len(one.x):
            value = float(one.y[nearest_place(one.x, view.cursor)])
            reading.append((f"  {one.label} {format_number(value)}", f"chart--series-{one.color}"))
    length = sum(len(text) for text, _ in parts + reading)
    return [parts[0], *reading] if length > width else parts + reading


def _plan_axes(view: ChartView, rows: int, columns: int) -> tuple[Axis, Axis]:
    low, high = view.shown_range
    x_axis = plan_axis(np.array([max(low, 1.0) if view.log_x else low, high]), max(2, columns // COLUMNS_A_TICK),
                       is_log=view.log_x, is_exact=view.log_x or view.range is not None)  # fmt: skip
    shown = [one.y[(one.x >= x_axis.low) & (one.x <= x_axis.high)] for one in (*view.series, *view.others)]
    values = np.concatenate(shown) if shown else np.empty(0)
    return x_axis, plan_axis(values, max(2, rows // ROWS_A_TICK + 1), is_log=view.log_y)


def _plot_lines(view: ChartView, x_axis: Axis, y_axis: Axis, rows: int, columns: int) -> list[list[StyledText]]:
    raster = Raster(rows, columns, view.glyphs)
    for one in view.others:
        raster.draw_line(x_axis.shares(one.x), y_axis.shares(one.y), 0)
    if view.is_smooth:
        for one in view.series:
            raster.draw_line(x_axis.shares(one.x), y_axis.shares(one.y), 0)
    ends: dict[int, StyledText] = {}
    for one in view.series:
        y = smooth_series(one.y, max(3, len(one.y) // SMOOTHED_SHARE)) if view.is_smooth else one.y
        across, up = x_axis.shares(one.x), y_axis.shares(y)
        raster.draw_line(across, up, 1 + one.color)
        _place_end(view, ends, one, up[(across >= 0) & (across <= 1)], rows)
    texts, numbers = raster.cells()
    numbers_at = _y_numbers(view, y_axis, rows)
    cursor = _cursor_column(view, x_axis, columns)
    return [
        [numbers_at.get(row, (" " * LABEL_COLUMNS, "")),
         *_colored(texts[row], numbers[row].tolist(), cursor, "|" if view.is_ascii else "│"),
         ends.get(row, ("", ""))]
        for row in range(rows)
    ]  # fmt: skip


def _place_end(view: ChartView, ends: dict[int, StyledText], one: Series, up: Floats64, rows: int) -> None:
    """Put the label of a line beside its last point, or as near to it as there is room."""
    known = up[np.isfinite(up)]
    if not len(known) or len(view.series) < 2:
        return
    wanted = round((1 - min(max(float(known[-1]), 0.0), 1.0)) * (rows - 1))
    free = [row for row in range(rows) if row not in ends]
    if free:
        row = min(free, key=lambda row: abs(row - wanted))
        ends[row] = (f" {one.label}", f"chart--series-{one.color}")


def _y_numbers(view: ChartView, axis: Axis, rows: int) -> dict[int, StyledText]:
    step = 0.0 if axis.is_log or len(axis.ticks) < 2 else axis.ticks[1] - axis.ticks[0]
    sign, numbers = "|" if view.is_ascii else "┤", {}
    for tick, share in zip(axis.ticks, axis.shares(np.array(axis.ticks)).tolist(), strict=True):
        text = format_tick(tick, step)[: LABEL_COLUMNS - 2]
        numbers[round((1 - share) * (rows - 1))] = (f"{text:>{LABEL_COLUMNS - 2}} {sign}", "chart--axis")
    return numbers


def _x_line(view: ChartView, axis: Axis, columns: int) -> list[StyledText]:
    """Return the axis with its ticks, and the marks of findings upon it."""
    line, tick = ("-", "+") if view.is_ascii else ("─", "┬")
    characters = [line] * columns
    names = ["chart--axis"] * columns
    for place in _columns_of(axis, [*axis.ticks], columns):
        characters[place] = tick
    for severity in SEVERITIES:
        places = [mark.x for mark in view.marks if mark.severity == severity]
        for place in _columns_of(axis, places, columns):
            characters[place], names[place] = severity_symbol(severity, view.glyphs), f"chart--{severity}"
    cursor = _cursor_column(view, axis, columns)
    if cursor is not None:
        names[cursor] = "chart--cursor"
    parts: list[StyledText] = [(" " * (LABEL_COLUMNS - 1) + ("+" if view.is_ascii else "└"), "chart--axis")]
    runs = groupby(zip(characters, names, strict=True), key=itemgetter(1))
    return parts + [("".join(character for character, _ in run), name) for name, run in runs]


def _x_numbers(view: ChartView, axis: Axis, columns: int, after: int) -> list[StyledText]:
    room = [" "] * (LABEL_COLUMNS + columns + after)
    room[: LABEL_COLUMNS - 1] = f"{view.x_name:>{LABEL_COLUMNS - 3}}".ljust(LABEL_COLUMNS - 1)
    step = 0.0 if axis.is_log or len(axis.ticks) < 2 else axis.ticks[1] - axis.ticks[0]
    for tick, place in zip(axis.ticks, _columns_of(axis, [*axis.ticks], columns), strict=True):
        text = format_tick(tick, step)
        start = min(LABEL_COLUMNS + place - len(text) // 2, len(room) - len(text))
        if all(character == " " for character in room[start - 1 : start + len(text)]):
            room[start : start + len(text)] = text
    return [("".join(room), "chart--axis")]


def _columns_of(axis: Axis, values: list[float], columns: int) -> list[int]:
    shares = axis.shares(np.array(values, float))
    return [round(share * (columns - 1)) for share in shares.tolist() if 0 <= share <= 1]


def _cursor_column(view: ChartView, axis: Axis, columns: int) -> int | None:
    places = _columns_of(axis, [] if view.cursor is None else [view.cursor], columns)
    return places[0] if places else None


def _colored(text: str, numbers: list[int], cursor: int | None, cursor_sign: str) -> list[StyledText]:
    """Split a row of the raster into parts of one colour."""
    parts: list[StyledText] = []
    start = 0
    for place in range(1, len(text) + 1):
        ends_run = place == len(text) or numbers[place] != numbers[start] or cursor in (place, place - 1)
        if ends_run:
            number = numbers[start]
            if number == EMPTY and cursor == start:
                parts.append((cursor_sign, "chart--axis"))
            else:
                name = "" if number == EMPTY else f"chart--series-{number - 1}" if number else "chart--raw"
                parts.append((text[start:place], name))
            start = place
    return parts
