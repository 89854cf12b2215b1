"""A line chart that moves: drawn on a raster of dots, it rewrites only the lines that changed.

It knows nothing of training: whoever owns it gives it series, and it keeps what the user did to the view.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import ClassVar

import numpy as np
from rich.segment import Segment
from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tuimove.diagnosis.finding import SEVERITIES
from tuimove.screen.drawing.axes import Axis, format_number, format_tick, plan_axis
from tuimove.screen.drawing.raster import EMPTY, Glyphs, Raster
from tuimove.screen.drawing.series import Floats, Mark, Series, nearest_place, smooth_series
from tuimove.screen.drawing.symbols import severity_symbol

LABEL_COLUMNS = 9
LEAST_END_COLUMNS, END_SHARE = 4, 4
"""Columns for the labels of several lines; at most one in so many of the chart."""
"""Left of the plot, for the numbers of the y axis."""
SMOOTHED_SHARE = 15
"""A smoothed line is the mean over one in so many of its points."""
ROWS_A_TICK = 4
COLUMNS_A_TICK = 10

Part = tuple[str, str]
"""Some text and the name of the component class that it is drawn in."""


class Chart(Widget, can_focus=True):
    """Shows series, with axes, over a part of their x that the user chooses."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "chart--title", "chart--axis", "chart--cursor", "chart--raw",
        "chart--series-0", "chart--series-1", "chart--series-2", "chart--series-3",
        "chart--notice", "chart--warning", "chart--alarm",
    }  # fmt: skip
    DEFAULT_CSS = """
    Chart {
        height: 1fr;
        .chart--title { color: $foreground; text-style: bold; }
        .chart--axis { color: $foreground 60%; }
        .chart--cursor { color: $foreground; text-style: reverse; }
        .chart--raw { color: $foreground 60%; text-style: dim; }
        .chart--series-0 { color: $primary; }
        .chart--series-1 { color: $warning; }
        .chart--series-2 { color: $success; }
        .chart--series-3 { color: $foreground; }
        .chart--notice { color: $foreground 60%; }
        .chart--warning { color: $warning; }
        .chart--alarm { color: $error; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "toggle_log_x", "log x"),
        Binding("y", "toggle_log_y", "log y"),
        Binding("s", "toggle_smooth", "smooth"),
        Binding("plus,equals_sign", "zoom(0.5)", "zoom in", show=False, key_display="+"),
        Binding("minus", "zoom(2)", "zoom out", show=False, key_display="-"),
        Binding("H,shift+left", "pan(-0.25)", "pan left", show=False),
        Binding("L,shift+right", "pan(0.25)", "pan right", show=False),
        Binding("0,home", "whole", "whole run", show=False),
        Binding("left,h", "move_cursor(-1)", "cursor left", show=False),
        Binding("right,l", "move_cursor(1)", "cursor right", show=False),
        Binding("escape", "hide_cursor", "hide cursor", show=False),
    ]

    def __init__(self, glyphs: Glyphs = "braille", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._glyphs = glyphs
        self._title = self._unit = ""
        self._series: Sequence[Series] = ()
        self._marks: Sequence[Mark] = ()
        self._others: Sequence[Series] = ()
        self._x_name = "epoch"
        self._log_x = self._log_y = self._is_smooth = False
        self._view: tuple[float, float] | None = None
        self._cursor: float | None = None
        self._strips: list[Strip] = []

    def show(
        self,
        title: str,
        unit: str,
        series: Sequence[Series],
        marks: Sequence[Mark] = (),
        others: Sequence[Series] = (),
    ) -> None:
        """Show new data in the view that the user has chosen; `others` are drawn underneath, without colour."""
        self._title, self._unit, self._series, self._marks, self._others = title, unit, series, marks, others
        self._redraw()

    def set_axis(self, name: str, *, is_log: bool) -> None:
        """Show x under another name, on a linear or a logarithmic axis; the view and the cursor were another axis'."""
        self._x_name, self._log_x = name, is_log
        self._view = self._cursor = None

    def move_cursor_to(self, x: float) -> None:
        """Put the cursor on the point nearest to x, and bring it into view."""
        if not self._has_points():
            return
        points = self._points_x()
        self._cursor = float(points[nearest_place(points, x)])
        if self._view and not self._view[0] <= self._cursor <= self._view[1]:
            half = (self._view[1] - self._view[0]) / 2
            self._view = self._cursor - half, self._cursor + half
        self._redraw()

    def action_toggle_log_x(self) -> None:
        """Switch between a linear and a logarithmic x axis."""
        self._log_x = not self._log_x
        self._redraw()

    def action_toggle_log_y(self) -> None:
        """Switch between a linear and a logarithmic y axis."""
        self._log_y = not self._log_y
        self._redraw()

    def action_toggle_smooth(self) -> None:
        """Smooth the lines, with the raw ones left visible underneath, or don't."""
        self._is_smooth = not self._is_smooth
        self._redraw()

    def action_zoom(self, factor: float) -> None:
        """Show a part of x so many times as long, around the cursor, else up to the newest point."""
        if not self._has_points():
            return
        low, high = self._view or self._whole_view()
        centre = self._cursor if self._cursor is not None else high
        share = (centre - low) / (high - low) if high > low else 1.0
        length = (high - low) * factor
        first, last = self._whole_view()
        if length >= last - first:
            self._view = None
        elif length >= 4 * self._finest_gap():
            self._view = centre - share * length, centre + (1 - share) * length
        self._redraw()

    def action_pan(self, share: float) -> None:
        """Move the view by a share of its length, within the run."""
        if self._view is None:
            return
        (low, high), (first, last) = self._view, self._whole_view()
        shift = min(max((high - low) * share, first - low), last - high)
        self._view = low + shift, high + shift
        self._redraw()

    def action_whole(self) -> None:
        """Show the whole run."""
        self._view = None
        self._redraw()

    def action_move_cursor(self, direction: int) -> None:
        """Move the cursor by a point, or by a column where a column holds many."""
        if not self._has_points():
            return
        points = self._points_x()
        if self._cursor is None:
            self.move_cursor_to(float(self._view[1] if self._view else points[-1]))
            return
        low, high = self._view or self._whole_view()
        visible = np.count_nonzero((points >= low) & (points <= high))
        places = max(1, round(visible / max(1, self._plot_columns())))
        place = nearest_place(points, self._cursor) + direction * places
        self.move_cursor_to(float(points[min(max(place, 0), len(points) - 1)]))

    def action_hide_cursor(self) -> None:
        """Take the cursor away; where there is none the key is left to others."""
        if self._cursor is None:
            raise SkipAction
        self._cursor = None
        self._redraw()

    def on_resize(self, _event: events.Resize) -> None:
        """Draw for the new size."""
        self._redraw()

    def on_show(self) -> None:
        """Catch up with what came while hidden."""
        self._redraw()

    def notify_style_update(self) -> None:
        """Draw anew in the colours of another theme."""
        super().notify_style_update()
        self._redraw()

    def render_line(self, y: int) -> Strip:
        """Return a line that has been drawn before."""
        if y < len(self._strips):
            return self._strips[y]
        return Strip.blank(self.size.width, self.rich_style)

    def _redraw(self) -> None:
        """Draw everything and have the terminal rewrite the lines that differ."""
        width, height = self.size
        if not width or not height or not self.is_attached:
            return
        strips = [self._strip(parts, width) for parts in self._draw(width, height)]
        before, self._strips = self._strips, strips
        for y, strip in enumerate(strips):
            if y >= len(before) or before[y] != strip:
                self.refresh(Region(0, y, width, 1))

    def _strip(self, parts: Sequence[Part], width: int) -> Strip:
        base = self.rich_style
        segments = [
            Segment(text, base + self.get_component_rich_style(name, partial=True) if name else base)
            for text, name in parts
        ]
        return Strip(segments).adjust_cell_length(width, base)

    def _draw(self, width: int, height: int) -> list[list[Part]]:
        """Return the parts of every line: a heading, the plot with its y axis, the x axis and its numbers."""
        rows, columns = height - 3, self._plot_columns()
        if rows < 1 or columns < 2:
            return [self._heading(width)][:height]
        x_axis, y_axis = self._plan_axes(rows, columns)
        lines = [self._heading(width)]
        lines += self._plot_lines(x_axis, y_axis, rows, columns)
        lines.append(self._x_line(x_axis, columns))
        lines.append(self._x_numbers(x_axis, columns))
        return lines

    def _heading(self, width: int) -> list[Part]:
        """Return the title with its unit, how the view was changed, and what the cursor reads."""
        title = f"{self._title} [{self._unit}]" if self._unit else self._title
        view = [word for word, is_on in (("log x", self._log_x), ("log y", self._log_y), ("smoothed", self._is_smooth),
                                         ("zoomed", self._view is not None)) if is_on]  # fmt: skip
        parts: list[Part] = [(title, "chart--title"), (f"  {', '.join(view)}" if view else "", "chart--axis")]
        if self._cursor is None:
            return parts
        place = f"{self._cursor:.0f}" if self._x_name == "epoch" else format_number(self._cursor)
        reading: list[Part] = [(f"  {self._x_name} {place}", "chart--title")]
        for one in self._series:
            if len(one.x):
                value = float(one.y[nearest_place(one.x, self._cursor)])
                reading.append((f"  {one.label} {format_number(value)}", f"chart--series-{one.color}"))
        length = sum(len(text) for text, _ in parts + reading)
        return [parts[0], *reading] if length > width else parts + reading

    def _plan_axes(self, rows: int, columns: int) -> tuple[Axis, Axis]:
        low, high = self._view or self._whole_view()
        x_axis = plan_axis(np.array([max(low, 1.0) if self._log_x else low, high]), max(2, columns // COLUMNS_A_TICK),
                           is_log=self._log_x, is_exact=self._view is not None)  # fmt: skip
        shown = [one.y[(one.x >= x_axis.low) & (one.x <= x_axis.high)] for one in (*self._series, *self._others)]
        values = np.concatenate(shown) if shown else np.empty(0)
        return x_axis, plan_axis(values, max(2, rows // ROWS_A_TICK + 1), is_log=self._log_y)

    def _plot_lines(self, x_axis: Axis, y_axis: Axis, rows: int, columns: int) -> list[list[Part]]:
        raster = Raster(rows, columns, self._glyphs)
        for one in self._others:
            raster.draw_line(x_axis.shares(one.x), y_axis.shares(one.y), 0)
        if self._is_smooth:
            for one in self._series:
                raster.draw_line(x_axis.shares(one.x), y_axis.shares(one.y), 0)
        ends: dict[int, Part] = {}
        for one in self._series:
            y = smooth_series(one.y, max(3, len(one.y) // SMOOTHED_SHARE)) if self._is_smooth else one.y
            across, up = x_axis.shares(one.x), y_axis.shares(y)
            raster.draw_line(across, up, 1 + one.color)
            self._place_end(ends, one, up[(across >= 0) & (across <= 1)], rows)
        texts, numbers = raster.cells()
        numbers_at = self._y_numbers(y_axis, rows)
        cursor = self._cursor_column(x_axis, columns)
        return [
            [numbers_at.get(row, (" " * LABEL_COLUMNS, "")),
             *_colored(texts[row], numbers[row].tolist(), cursor, "|" if self._glyphs == "ascii" else "│"),
             ends.get(row, ("", ""))]
            for row in range(rows)
        ]  # fmt: skip

    def _place_end(self, ends: dict[int, Part], one: Series, up: Floats, rows: int) -> None:
        """Put the label of a line beside its last point, or as near to it as there is room."""
        known = up[np.isfinite(up)]
        if not len(known) or len(self._series) < 2:
            return
        wanted = round((1 - min(max(float(known[-1]), 0.0), 1.0)) * (rows - 1))
        free = [row for row in range(rows) if row not in ends]
        if free:
            row = min(free, key=lambda row: abs(row - wanted))
            ends[row] = (f" {one.label}", f"chart--series-{one.color}")

    def _y_numbers(self, axis: Axis, rows: int) -> dict[int, Part]:
        step = 0.0 if axis.is_log or len(axis.ticks) < 2 else axis.ticks[1] - axis.ticks[0]
        numbers = {}
        for tick, share in zip(axis.ticks, axis.shares(np.array(axis.ticks)).tolist(), strict=True):
            text = format_tick(tick, step)[: LABEL_COLUMNS - 2]
            numbers[round((1 - share) * (rows - 1))] = (
                f"{text:>{LABEL_COLUMNS - 2}} {self._tick_sign()}",
                "chart--axis",
            )
        return numbers

    def _x_line(self, axis: Axis, columns: int) -> list[Part]:
        """Return the axis with its ticks, and the marks of findings upon it."""
        line, tick = ("-", "+") if self._glyphs == "ascii" else ("─", "┬")
        characters = [line] * columns
        names = ["chart--axis"] * columns
        for place in self._columns_of(axis, [*axis.ticks], columns):
            characters[place] = tick
        for severity in SEVERITIES:
            places = [mark.x for mark in self._marks if mark.severity == severity]
            for place in self._columns_of(axis, places, columns):
                characters[place], names[place] = severity_symbol(severity, self._glyphs), f"chart--{severity}"
        cursor = self._cursor_column(axis, columns)
        if cursor is not None:
            names[cursor] = "chart--cursor"
        parts: list[Part] = [(" " * (LABEL_COLUMNS - 1) + ("+" if self._glyphs == "ascii" else "└"), "chart--axis")]
        runs = groupby(zip(characters, names, strict=True), key=itemgetter(1))
        return parts + [("".join(character for character, _ in run), name) for name, run in runs]

    def _x_numbers(self, axis: Axis, columns: int) -> list[Part]:
        room = [" "] * (LABEL_COLUMNS + columns + self._end_columns())
        room[: LABEL_COLUMNS - 1] = f"{self._x_name:>{LABEL_COLUMNS - 3}}".ljust(LABEL_COLUMNS - 1)
        step = 0.0 if axis.is_log or len(axis.ticks) < 2 else axis.ticks[1] - axis.ticks[0]
        for tick, place in zip(axis.ticks, self._columns_of(axis, [*axis.ticks], columns), strict=True):
            text = format_tick(tick, step)
            start = min(LABEL_COLUMNS + place - len(text) // 2, len(room) - len(text))
            if all(character == " " for character in room[start - 1 : start + len(text)]):
                room[start : start + len(text)] = text
        return [("".join(room), "chart--axis")]

    def _columns_of(self, axis: Axis, values: list[float], columns: int) -> list[int]:
        shares = axis.shares(np.array(values, float))
        return [round(share * (columns - 1)) for share in shares.tolist() if 0 <= share <= 1]

    def _cursor_column(self, axis: Axis, columns: int) -> int | None:
        places = self._columns_of(axis, [] if self._cursor is None else [self._cursor], columns)
        return places[0] if places else None

    def _tick_sign(self) -> str:
        return "|" if self._glyphs == "ascii" else "┤"

    def _plot_columns(self) -> int:
        return self.size.width - LABEL_COLUMNS - self._end_columns()

    def _end_columns(self) -> int:
        if len(self._series) < 2:
            return 1
        longest = max(len(one.label) for one in self._series)
        return max(LEAST_END_COLUMNS, min(1 + longest, self.size.width // END_SHARE))

    def _has_points(self) -> bool:
        return any(len(one.x) for one in self._series)

    def _points_x(self) -> Floats:
        return max((one.x for one in self._series), key=len)

    def _whole_view(self) -> tuple[float, float]:
        ends = [(float(one.x[0]), float(one.x[-1])) for one in (*self._series, *self._others) if len(one.x)]
        return (min(low for low, _ in ends), max(high for _, high in ends)) if ends else (0.0, 1.0)

    def _finest_gap(self) -> float:
        points = self._points_x()
        return float(np.diff(points).min()) if len(points) > 1 else 1.0


def _colored(text: str, numbers: list[int], cursor: int | None, cursor_sign: str) -> list[Part]:
    """Return a row of the raster in runs of one colour."""
    parts: list[Part] = []
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
