"""The line above a chart: what its axes measure, how the view was changed, and the values at the cursor."""

from __future__ import annotations

from collections.abc import Iterator

from tuimove.screen.drawing.axes import format_number
from tuimove.screen.drawing.chart_view import ChartView
from tuimove.screen.drawing.raster import ASCII_MARKS
from tuimove.screen.drawing.series import nearest_place

StyledText = tuple[str, str]
"""Text and the name of its component class, which sets the colour."""

DASHED = ("⠤⠤", "⠤⠄⠤")
"""Samples of the lines of the left and the right axis, for terminals without colours."""


def heading(view: ChartView, width: int) -> list[StyledText]:
    """Return the parts of the heading; where there is no room for all, those that can be left out go first."""
    changed = ", ".join(_changes(view))
    changes: list[StyledText] = [(f"  {changed}" if changed else "", "chart--axis")]
    titles, reading = _titles(view, is_short=False), _reading(view)
    if _length(titles + reading) > width and view.right:
        titles = _titles(view, is_short=True)
    if view.right and _length(titles + reading) > width:
        return reading or titles
    if reading and _length(titles + changes + reading) > width:
        return titles + reading
    return titles + changes + reading


def _length(parts: list[StyledText]) -> int:
    return sum(len(text) for text, _ in parts)


def _titles(view: ChartView, *, is_short: bool) -> list[StyledText]:
    if not view.right:
        return [(view.left.heading, "chart--title")]
    left, right = (one.short_heading if is_short else one.heading for one in (view.left, view.right))
    signs = [f"{sign} " if sign else "" for sign in _signs(view)]
    return [(f"left {signs[0]}{left}", "chart--left"), (f"  right {signs[1]}{right}", "chart--right")]


def _signs(view: ChartView) -> tuple[str, str]:
    """Return what the lines of both axes look like, where colours don't tell it."""
    if view.is_ascii:
        return ASCII_MARKS[1], ASCII_MARKS[2]
    return ("", "") if view.has_colors else DASHED


def _changes(view: ChartView) -> Iterator[str]:
    """Yield what isn't plain about the view."""
    is_on = {
        "log x": view.log_x,
        "log y": view.is_log(view.left),
        "log right": view.right is not None and view.is_log(view.right),
        "smoothed": view.is_smooth,
        "zoomed": view.range is not None,
        "so far": view.is_so_far and view.range is None,
    }
    yield from (words for words, holds in is_on.items() if holds)


def _reading(view: ChartView) -> list[StyledText]:
    """Return the values at the cursor."""
    if view.cursor is None:
        return []
    place = f"{view.cursor:.0f}" if view.is_counted else format_number(view.cursor)
    reading: list[StyledText] = [(f"  {view.x_name} {place}", "chart--title")]
    for one in view.series:
        if len(one.x):
            value = float(one.y[nearest_place(one.x, view.cursor)])
            reading.append((f"  {one.label} {format_number(value)}", f"chart--series-{one.color}"))
    return reading
