"""A line chart for live data: drawn on a raster of dots, it rewrites only the lines that changed.

It knows nothing of training: its owner passes it series, and it stores the user's view.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from rich.segment import Segment
from textual.actions import SkipAction
from textual.binding import Binding, BindingType

from tuimove.screen.drawing.canvas import Canvas
from tuimove.screen.drawing.chart_lines import chart_lines
from tuimove.screen.drawing.chart_view import ChartView
from tuimove.screen.drawing.line_ends import LineEnds
from tuimove.screen.drawing.raster import Glyphs
from tuimove.screen.drawing.series import Mark, Quantified, Series, nearest_place


class Chart(Canvas):
    """Draws series with axes over a range of x that the user chooses."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "chart--title", "chart--left", "chart--right", "chart--axis", "chart--cursor", "chart--words",
        "chart--raw", "chart--shared", "chart--grid",
        "chart--series-0", "chart--series-1", "chart--series-2", "chart--series-3",
        "chart--notice", "chart--warning", "chart--alarm",
    }  # fmt: skip
    DEFAULT_CSS = """
    Chart {
        height: 1fr;
        .chart--title { color: $foreground; text-style: bold; }
        .chart--axis { color: $muted; }
        .chart--cursor { color: $foreground; text-style: reverse; }
        .chart--left { color: $series-0; text-style: bold; }
        .chart--right { color: $series-1; text-style: bold; }
        .chart--words { color: $muted; text-style: italic; }
        .chart--raw { color: $underneath; }
        .chart--shared { color: $shared; }
        .chart--grid { color: $grid; }
        .chart--series-0 { color: $series-0; }
        .chart--series-1 { color: $series-1; }
        .chart--series-2 { color: $series-2; }
        .chart--series-3 { color: $series-3; }
        .chart--notice { color: $muted; }
        .chart--warning { color: $warning; }
        .chart--alarm { color: $error; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "toggle_log_x", "turn the x axis logarithmic"),
        Binding("y", "toggle_log_y", "turn the y axis logarithmic"),
        Binding("s", "toggle_smooth", "smooth the lines, or not"),
        Binding("plus,equals_sign", "zoom(0.5)", "zoom in", show=False, key_display="+"),
        Binding("minus", "zoom(2)", "zoom out", show=False, key_display="-"),
        Binding("H,shift+left", "pan(-0.25)", "pan left", show=False),
        Binding("L,shift+right", "pan(0.25)", "pan right", show=False),
        Binding("0,home", "whole", "whole run, or only so far", show=False),
        Binding("number_sign", "toggle_grid", "show a grid, or not", show=False, key_display="#"),
        Binding("left,h", "move_cursor(-1)", "move a cursor left", show=False),
        Binding("right,l", "move_cursor(1)", "move a cursor right", show=False),
        Binding("escape", "hide_cursor", "hide the cursor", show=False),
    ]

    def __init__(self, glyphs: Glyphs = "braille", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._view = ChartView(glyphs)
        self._ends = LineEnds()

    def show(
        self,
        title: str,
        unit: str,
        series: Sequence[Series],
        marks: Sequence[Mark] = (),
        others: Sequence[Series] = (),
        **more: Any,
    ) -> None:
        """Show new data in the user's view; `others` are drawn underneath, without colour.

        `more` are other fields of ChartView's data.
        """
        self.show_quantified(Quantified(title, unit, series), marks=marks, others=others, **more)

    def show_quantified(self, left: Quantified, right: Quantified | None = None, **more: Any) -> None:
        """Show one quantity, or two with an axis each; `more` are other fields of ChartView's data."""
        self._change(left=left, right=right, **more)

    def set_axis(self, name: str, *, is_log: bool) -> None:
        """Change the name and scale of the x axis, and reset the range and the cursor."""
        self._view = replace(self._view, x_name=name, log_x=is_log, range=None, cursor=None, is_so_far=False)

    @property
    def scales(self) -> dict[str, Any]:
        """The scales, smoothing and grid that the user has chosen."""
        return {name: getattr(self._view, name) for name in ("log_x", "flipped", "is_smooth", "has_grid")}

    def scale(self, scales: dict[str, Any]) -> None:
        """Draw in the scales of another chart."""
        self._change(**scales)

    def move_cursor_to(self, x: float) -> None:
        """Move the cursor to the point nearest to x, and scroll it into view."""
        if not self._view.has_points:
            return
        points, shown = self._view.points_x, self._view.range
        cursor = float(points[nearest_place(points, x)])
        if shown and not shown[0] <= cursor <= shown[1]:
            half = (shown[1] - shown[0]) / 2
            shown = cursor - half, cursor + half
        self._change(cursor=cursor, range=shown)

    def action_toggle_log_x(self) -> None:
        """Switch between a linear and a logarithmic x axis."""
        self._change(log_x=not self._view.log_x)

    def action_toggle_log_y(self) -> None:
        """Switch between a linear and a logarithmic y axis, for this quantity."""
        self._change(flipped=self._view.flipped ^ {self._view.left.name})

    def action_toggle_grid(self) -> None:
        """Show faint lines at the ticks of both axes, or don't."""
        self._change(has_grid=not self._view.has_grid)

    def action_toggle_smooth(self) -> None:
        """Switch smoothing on or off; the raw lines stay visible underneath."""
        self._change(is_smooth=not self._view.is_smooth)

    def action_zoom(self, factor: float) -> None:
        """Multiply the length of the shown x range, around the cursor or else up to the newest point."""
        if not self._view.has_points:
            return
        (low, high), (first, last) = self._view.shown_range, self._view.whole_range
        length = (high - low) * factor
        if length >= last - first:
            self._change(range=None)
        elif length >= 4 * self._view.finest_gap:
            start = max(first, min(self._start_of(low, high, length), last - length))
            self._change(range=(start, start + length))

    def _start_of(self, low: float, high: float, length: float) -> float:
        """Return where a range of another length begins: the cursor keeps its place, or the newest point is shown."""
        cursor, newest = self._view.cursor, self._view.last_x
        if cursor is None:
            return low if newest < high and low + length >= newest else min(high, newest) - length
        return cursor - (cursor - low) / (high - low) * length if high > low else low

    def action_pan(self, share: float) -> None:
        """Move the view by a share of its length, within the run."""
        if self._view.range is None:
            return
        (low, high), (first, last) = self._view.range, self._view.whole_range
        shift = min(max((high - low) * share, first - low), last - high)
        self._change(range=(low + shift, high + shift))

    def action_whole(self) -> None:
        """Show the whole run as planned; the second time, what there is of it."""
        is_whole = self._view.range is None
        self._change(range=None, is_so_far=is_whole and not self._view.is_so_far)

    def action_move_cursor(self, direction: int) -> None:
        """Move the cursor by a point, or by a column where a column holds several points."""
        view = self._view
        if not view.has_points:
            return
        points = view.points_x
        if view.cursor is None:
            self.move_cursor_to(float(view.range[1] if view.range else points[-1]))
            return
        low, high = view.shown_range
        visible = np.count_nonzero((points >= low) & (points <= high))
        places = max(1, round(visible / view.filled_columns(self.size.width)))
        place = nearest_place(points, view.cursor) + direction * places
        self.move_cursor_to(float(points[min(max(place, 0), len(points) - 1)]))

    def action_hide_cursor(self) -> None:
        """Hide the cursor; without one, pass the key on."""
        if self._view.cursor is None:
            raise SkipAction
        self._change(cursor=None)

    def _change(self, **changes: Any) -> None:
        """Change some fields of the view and draw."""
        self._view = replace(self._view, **changes)
        self.redraw()

    def draw(self, width: int, height: int) -> list[list[Segment]]:
        """Return the lines of the chart in the theme's colours."""
        view = replace(self._view, has_colors=not self.app.no_color)
        return [[self._segment(*part) for part in parts] for parts in chart_lines(view, width, height, self._ends)]

    def _segment(self, text: str, component: str) -> Segment:
        """Return text in the style of a component class; an empty name is the widget's own style."""
        return Segment(text, self.get_component_rich_style(component, partial=True) if component else None)
