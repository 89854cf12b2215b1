"""Lays out a chart as rows of text in named colours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import numpy as np

from tuimove.diagnosis.finding import SEVERITIES
from tuimove.screen.drawing.axes import Axis, format_tick, plan_axis, plan_exact_axis
from tuimove.screen.drawing.chart_heading import StyledText, heading
from tuimove.screen.drawing.chart_view import LABEL_COLUMNS, ChartView
from tuimove.screen.drawing.line_ends import LineEnd, LineEnds
from tuimove.screen.drawing.raster import EMPTY, SHARED, Glyphs, Raster, cell_row
from tuimove.screen.drawing.series import Floats64, Quantified, Series, smooth_series
from tuimove.screen.drawing.symbols import severity_symbol

__all__ = ["StyledText", "chart_lines"]

SMOOTHED_SHARE = 15
"""Divisor of the number of points that gives the window of the running mean of a smoothed line."""
ROWS_A_TICK = 4
COLUMNS_A_TICK = 10
GRID, CURSOR, WORDS = 6, 7, 8
"""Numbers of cells that hold no line: see `raster.EMPTY`."""
CLASSES = {EMPTY: "", 0: "chart--raw", SHARED: "chart--shared", GRID: "chart--grid", CURSOR: "chart--axis",
           WORDS: "chart--words", **{1 + color: f"chart--series-{color}" for color in range(4)}}  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """The axes of a chart and the size of its plot."""

    x: Axis
    left: Axis | None
    """None where no line has a number."""
    right: Axis | None
    rows: int
    columns: int
    margin: int
    """Columns right of the plot."""


def chart_lines(view: ChartView, width: int, height: int, ends: LineEnds | None = None) -> list[list[StyledText]]:
    """Return the parts of every line of a chart: a heading, the plot with its y axis, the x axis and its numbers.

    `ends` remembers where labels stand.
    """
    rows, columns = height - 3, view.plot_columns(width)
    if rows < 1 or columns < 2:
        return [heading(view, width)][:height]
    layout = _lay_out(view, rows, columns, view.end_columns(width))
    lines = [heading(view, width)]
    lines += _plot_lines(view, layout, ends or LineEnds())
    return [*lines, _x_line(view, layout.x, columns), _x_numbers(view, layout)]


def _lay_out(view: ChartView, rows: int, columns: int, margin: int) -> Layout:
    low, high = view.shown_range
    x = plan_exact_axis(max(low, 1.0) if view.log_x else low, high, max(2, columns // COLUMNS_A_TICK),
                        is_log=view.log_x, is_whole=view.is_counted)  # fmt: skip
    left = _y_axis(view, view.left, x, rows, view.others)
    return Layout(x, left, _y_axis(view, view.right, x, rows) if view.right else None, rows, columns, margin)


def _y_axis(view: ChartView, quantified: Quantified, x: Axis, rows: int, others: Sequence[Series] = ()) -> Axis | None:
    shown = [one.y[(one.x >= x.low) & (one.x <= x.high)] for one in (*quantified.series, *others)]
    values = np.concatenate(shown) if shown else np.empty(0)
    if not np.isfinite(values).any():
        return None
    return plan_axis(values, max(2, rows // ROWS_A_TICK + 1), is_log=view.is_log(quantified))


def _plot_lines(view: ChartView, layout: Layout, ends: LineEnds) -> Iterator[list[StyledText]]:
    raster = Raster(layout.rows, layout.columns, view.glyphs, is_dashed=not view.has_colors)
    _draw_lines(raster, view, layout)
    texts, numbers = raster.cells(None if view.front is None else 1 + view.front)
    after = 0 if layout.right else layout.margin
    rows = [[*text, *" " * after] for text in texts]
    kinds = [[*row, *[EMPTY] * after] for row in numbers.tolist()]
    _put_grid(view, layout, rows, kinds)
    _put_cursor(view, layout, rows, kinds)
    if len(view.series) > 1 and not layout.right:
        _put_labels(view, layout, ends, rows, kinds)
    _put_words(view.words, rows, kinds)
    left = _y_numbers(view, layout.left, layout.rows, "chart--series-0" if view.right else "chart--axis")
    right = _right_numbers(view, layout.right, layout.rows) if layout.right else {}
    for row, (text, kind) in enumerate(zip(rows, kinds, strict=True)):
        yield [left.get(row, (" " * LABEL_COLUMNS, "")), *_colored(text, kind), right.get(row, ("", ""))]


def _draw_lines(raster: Raster, view: ChartView, layout: Layout) -> None:
    for axis, lines, is_colored in _lines_by_axis(view, layout):
        for one in lines:
            across, number = layout.x.shares(one.x), 1 + one.color if is_colored else 0
            if view.is_smooth and is_colored:
                raster.draw_line(across, axis.shares(one.y), 0)
            raster.draw_line(across, axis.shares(_shown_y(view, one) if is_colored else one.y), number)


def _lines_by_axis(view: ChartView, layout: Layout) -> Iterator[tuple[Axis, Sequence[Series], bool]]:
    """Yield the axes that have numbers, with their lines, and whether these have colours."""
    if layout.left:
        yield layout.left, view.others, False
        yield layout.left, view.left.series, True
    if layout.right and view.right:
        yield layout.right, view.right.series, True


def _shown_y(view: ChartView, one: Series) -> Floats64:
    return smooth_series(one.y, max(3, len(one.y) // SMOOTHED_SHARE)) if view.is_smooth else one.y


def _put_grid(view: ChartView, layout: Layout, rows: list[list[str]], kinds: list[list[int]]) -> None:
    """Put faint dots where neither lines nor words are: across at the ticks of y, down at those of x.

    Where nothing is faint, without colours, there is a sign only where the two cross.
    """
    if not view.has_grid:
        return
    across = _rows_of(layout.left, layout.rows, view.glyphs)
    down = _columns_of(layout.x, [*layout.x.ticks], layout.columns)
    if view.has_colors:
        sign = "." if view.is_ascii else "·"
        places = {(row, column) for row in across for column in range(1, layout.columns, 2)}
        places |= {(row, column) for column in down for row in range(layout.rows)}
    else:
        sign, places = "+", {(row, column) for row in across for column in down}
    for row, column in places:
        if kinds[row][column] == EMPTY:
            rows[row][column], kinds[row][column] = sign, GRID


def _put_cursor(view: ChartView, layout: Layout, rows: list[list[str]], kinds: list[list[int]]) -> None:
    column = _cursor_column(view, layout.x, layout.columns)
    if column is None:
        return
    for row, kind in enumerate(kinds):
        if kind[column] in (EMPTY, GRID):
            rows[row][column], kind[column] = "|" if view.is_ascii else "│", CURSOR


def _put_labels(view: ChartView, layout: Layout, ends: LineEnds, rows: list[list[str]], kinds: list[list[int]]) -> None:
    """Put the label of each line beside its last point."""
    found = (_line_end(view, layout, one) for one in view.left.series)
    placed = ends.place([end for end in found if end], layout.rows, layout.columns + layout.margin)
    for row, labels in placed.items():
        for label in labels:
            stop = label.column + len(label.text)
            rows[row][label.column : stop] = label.text
            kinds[row][label.column : stop] = [EMPTY, *[1 + label.color] * (len(label.text) - 1)]


def _line_end(view: ChartView, layout: Layout, one: Series) -> LineEnd | None:
    across = layout.x.shares(one.x)
    known = np.flatnonzero((across >= 0) & (across <= 1) & np.isfinite(one.y))
    if not len(known) or not layout.left:
        return None
    up = float(layout.left.shares(_shown_y(view, one))[known[-1]])
    column = round(float(across[known[-1]]) * (layout.columns - 1))
    return LineEnd(one.label, one.color, column, cell_row(min(max(up, 0.0), 1.0), layout.rows, view.glyphs))


def _put_words(words: str, rows: list[list[str]], kinds: list[list[int]]) -> None:
    """Say something in the middle of the plot or, where lines are in the way, in the emptiest row near it."""
    words = words[: max(0, len(rows[0]) - 2)]
    start = (len(rows[0]) - len(words)) // 2
    stop = start + len(words)
    middle = len(rows) // 2
    row = min(range(len(rows)), key=lambda row: (sum(k not in (EMPTY, GRID) for k in kinds[row][start:stop]),
                                                 abs(row - middle)))  # fmt: skip
    rows[row][start:stop], kinds[row][start:stop] = words, [WORDS] * len(words)


def _y_numbers(view: ChartView, axis: Axis | None, rows: int, name: str) -> dict[int, StyledText]:
    sign = "|" if view.is_ascii else "┤"
    texts = _tick_texts(axis, view, LABEL_COLUMNS - 2)
    return {
        row: (f"{text:>{LABEL_COLUMNS - 2}} {sign}", name)
        for row, text in zip(_rows_of(axis, rows, view.glyphs), texts, strict=True)
    }


def _right_numbers(view: ChartView, axis: Axis, rows: int) -> dict[int, StyledText]:
    sign = "|" if view.is_ascii else "├"
    texts = _tick_texts(axis, view, LABEL_COLUMNS - 2)
    return {
        row: (f"{sign} {text}", "chart--series-1")
        for row, text in zip(_rows_of(axis, rows, view.glyphs), texts, strict=True)
    }


def _tick_texts(axis: Axis | None, view: ChartView, room: int) -> list[str]:
    """Return the numbers of a y axis; the lowest says so where smaller ones lie on it."""
    if axis is None:
        return []
    texts = [format_tick(tick, _step(axis))[:room] for tick in axis.ticks]
    if axis.is_cut and texts:
        texts[0] = f"{'<=' if view.is_ascii else '≤'}{texts[0]}"[:room]
    return texts


def _step(axis: Axis) -> float:
    return 0.0 if axis.is_log or len(axis.ticks) < 2 else axis.ticks[1] - axis.ticks[0]


def _rows_of(axis: Axis | None, rows: int, glyphs: Glyphs) -> list[int]:
    shares = axis.shares(np.array(axis.ticks)).tolist() if axis else []
    return [min(max(round(cell_row(share, rows, glyphs)), 0), rows - 1) for share in shares]


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


def _x_numbers(view: ChartView, layout: Layout) -> list[StyledText]:
    axis = layout.x
    room = [" "] * (LABEL_COLUMNS + layout.columns + layout.margin)
    room[: LABEL_COLUMNS - 1] = f"{view.x_name:>{LABEL_COLUMNS - 3}}".ljust(LABEL_COLUMNS - 1)
    for tick, place in zip(axis.ticks, _columns_of(axis, [*axis.ticks], layout.columns), strict=True):
        text = format_tick(tick, _step(axis))
        start = min(LABEL_COLUMNS + place - len(text) // 2, len(room) - len(text))
        if all(character == " " for character in room[start - 1 : start + len(text)]):
            room[start : start + len(text)] = text
    return [("".join(room), "chart--axis")]


def _columns_of(axis: Axis, values: list[float], columns: int) -> list[int]:
    shares = axis.shares(np.array(values, float))
    return [round(share * (columns - 1)) for share in shares.tolist() if -1e-9 <= share <= 1 + 1e-9]


def _cursor_column(view: ChartView, axis: Axis, columns: int) -> int | None:
    places = _columns_of(axis, [] if view.cursor is None else [view.cursor], columns)
    return places[0] if places else None


def _colored(text: list[str], kinds: list[int]) -> Iterator[StyledText]:
    """Split a row into parts of one colour."""
    start = 0
    for kind, run in groupby(kinds):
        stop = start + len([*run])
        yield "".join(text[start:stop]), CLASSES[kind]
        start = stop
