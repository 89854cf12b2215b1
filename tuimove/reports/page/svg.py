"""Draws a chart as an SVG element of the page; the same chart always gives the same text.

Colours are classes of the style sheet, so that light and dark pages and paper each have their own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from tuimove.reports.page.axes import Axis, shown, x_axis, y_axis
from tuimove.reports.page.chart import Band, Chart, Drawn, Mark
from tuimove.reports.page.path_text import path_text, thinned

WIDTH, HEIGHT = 420, 250
"""Size in the picture's units, which are pixels at its usual size."""
LEFT, RIGHT, TOP, BOTTOM = 50, 18, 12, 36
FLAG = 16
"""Height of the row of flags."""
LINE = 12
"""Height of a line of words below the x axis."""
LETTER = 6.2
"""Width of a letter, at most."""
MOST_LETTERS = 24
X_TICKS, Y_TICKS = 5, 5
RADIUS = {"points": 2.6, "hollow": 3.2}
DOT = 2.4
"""Radius of the dot of a finding."""
MOST_POINTS = 3000
"""Most points of a set that are drawn; of more, every n-th."""


@dataclass(frozen=True)
class Frame:
    """The axes of a chart."""

    x: Axis
    y: Axis

    def places(self, x: Sequence[float], y: Sequence[float]) -> list[tuple[float, float]]:
        """Return where the points are that its axes can show."""
        known = ((a, b) for a, b in zip(x, y, strict=False) if self.x.has(a) and self.y.has(b))
        return [(self.x.place(a), self.y.place(b)) for a, b in known]


def svg_of(chart: Chart) -> str:
    """Return a chart as an SVG element."""
    frame, height = _frame(chart), HEIGHT + LINE * (_tick_lines(chart) - 1)
    label = escape(f"{chart.title}. {_told(chart)}")
    parts = [*_axes(chart, frame), *(_band(band, frame) for band in chart.bands),
             *(_drawn(one, frame) for one in chart.drawn), *_marks(chart.marks, frame)]  # fmt: skip
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{label}">{"".join(parts)}</svg>'


def _told(chart: Chart) -> str:
    """Return in words how much is drawn, over which range, and which findings are marked."""
    y = [value for one in chart.drawn for value in one.y if math.isfinite(value)]
    count = len(chart.drawn)
    one, many = (
        ("set of points", "sets of points") if any(one.style in RADIUS for one in chart.drawn) else ("line", "lines")
    )
    what = f"{count} {many}" if count != 1 else f"One {one}"
    spread = f" from {shown(min(y))} to {shown(max(y))}" if y else ""
    marks = "".join(f" Finding {mark.number} at {chart.x_title} {shown(mark.epoch)}." for mark in chart.marks)
    return f"{what}{spread} against {chart.x_title or 'names'}.{marks}"


def _frame(chart: Chart) -> Frame:
    xs = [x for one in chart.drawn for x in one.x]
    ys = [*(y for one in chart.drawn for y in one.y), *(y for band in chart.bands for y in (*band.low, *band.high))]
    x = x_axis(xs, LEFT, WIDTH - RIGHT, is_log=chart.is_log)
    if chart.ticks:
        x = Axis(-0.5, len(chart.ticks) - 0.5, LEFT, WIDTH - RIGHT)
    elif all(one.style in RADIUS for one in chart.drawn) and not chart.is_log:
        margin = (x.high - x.low) * 0.03
        x = Axis(x.low - margin, x.high + margin, LEFT, WIDTH - RIGHT)
    top = TOP + LINE + (FLAG if chart.marks else 0)
    return Frame(x, y_axis(ys, HEIGHT - BOTTOM, top, is_log=chart.is_y_log))


def _axes(chart: Chart, frame: Frame) -> Iterator[str]:
    """Yield grid, ticks and the axes' titles."""
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    for tick in frame.y.ticks(Y_TICKS):
        y = _place(frame.y.place(tick))
        yield f'<path class="grid" d="M{LEFT} {y}H{right}"/>'
        yield f'<text x="{LEFT - 5}" y="{y}" dy=".35em" text-anchor="end">{shown(tick)}</text>'
    yield f'<path class="axis" d="M{LEFT} {bottom}H{right}"/>'
    yield from _x_ticks(chart, frame)
    yield f'<text x="{LEFT - 44}" y="{TOP}">{escape(chart.y_title)}</text>'
    foot = HEIGHT - 5 + LINE * (_tick_lines(chart) - 1)
    yield f'<text x="{(LEFT + right) / 2:g}" y="{foot}" text-anchor="middle">{escape(chart.x_title)}</text>'


def _x_ticks(chart: Chart, frame: Frame) -> Iterator[str]:
    top = HEIGHT - BOTTOM + 14
    if chart.ticks:
        for place, name in enumerate(chart.ticks):
            yield _name_of_tick(name, frame.x.place(place), top, (WIDTH - LEFT - RIGHT) / len(chart.ticks))
        return
    whole = all(float(x).is_integer() for one in chart.drawn for x in one.x if math.isfinite(x))
    for tick in frame.x.ticks(X_TICKS, whole=whole):
        x = _place(frame.x.place(tick))
        yield f'<path class="axis" d="M{x} {HEIGHT - BOTTOM}v4"/>'
        yield f'<text x="{x}" y="{top}" text-anchor="middle">{shown(tick)}</text>'


def _name_of_tick(name: str, x: float, top: float, room: float) -> str:
    """Return a tick's name, broken at its commas and cut to its room."""
    most = max(3, int(room / LETTER))
    lines = [part if len(part) <= most else f"{part[: most - 1]}…" for part in name.split(", ")]
    spans = "".join(
        f'<tspan x="{_place(x)}" y="{top + LINE * place:g}">{escape(line)}</tspan>' for place, line in enumerate(lines)
    )
    return f'<text text-anchor="middle"><title>{escape(name)}</title>{spans}</text>'


def _tick_lines(chart: Chart) -> int:
    return max((name.count(", ") + 1 for name in chart.ticks), default=1)


def _band(band: Band, frame: Frame) -> str:
    low = thinned(frame.places(band.x, band.low))
    high = thinned(frame.places(band.x, band.high))
    return f'<path class="band {band.tone}" d="{path_text([*low, *reversed(high)])}z"/>' if low and high else ""


def _drawn(one: Drawn, frame: Frame) -> str:
    places = frame.places(one.x, one.y)
    if not places:
        return ""
    title = f"<title>{escape(one.name)}</title>" if one.name else ""
    if one.style in RADIUS:
        return _points(one, places[:: -(-len(places) // MOST_POINTS)])
    if one.style == "filled":
        bottom = frame.y.start
        places = [(places[0][0], bottom), *places, (places[-1][0], bottom)]
        return f'<path class="band {one.tone}" d="{path_text(places)}z"/>'
    kind = f"line mean {one.tone}" if one.style == "mean" else f"line {one.tone}"
    dash = f" d{one.dash}" if one.dash else ""
    text = path_text(places if one.style == "step" else thinned(places))
    return f'<path class="{kind}{dash}" d="{text}">{title}</path>' if title else (
        f'<path class="{kind}{dash}" d="{text}"/>')  # fmt: skip


def _points(one: Drawn, places: Sequence[tuple[float, float]]) -> str:
    """Return points as one path of circles."""
    return f'<path class="{one.style} {one.tone}" d="{_circles(places, RADIUS[one.style])}"/>'


def _circles(places: Sequence[tuple[float, float]], radius: float) -> str:
    arc = f"a{radius} {radius} 0 1 0"
    circle = f"{arc} {2 * radius:g} 0{arc} {-2 * radius:g} 0"
    return "".join(f"M{_place(x - radius)} {_place(y)}{circle}" for x, y in places)


def _marks(marks: Sequence[Mark], frame: Frame) -> Iterator[str]:
    """Yield for each place of findings a flag with their numbers and a line down, and points where runs had them."""
    for mark in marks:
        shown_points = [(x, y) for x, y in mark.points if frame.x.reaches(x) and frame.y.reaches(y)]
        places = frame.places([x for x, _ in shown_points], [y for _, y in shown_points])
        if places:
            yield f'<path class="dot {mark.severity}" d="{_circles(places, DOT)}"/>'
    for x, together in _flags(marks, frame):
        worst = min(together, key=lambda mark: mark.number)
        numbers = ",".join(str(mark.number) for mark in together[:3]) + ("+" if len(together) > 3 else "")
        words = escape("; ".join(f"{mark.number}: {mark.words}" for mark in together))
        width = 7 + LETTER * len(numbers)
        left = min(max(x - width / 2, LEFT), WIDTH - RIGHT - width)
        yield f'<a href="#{worst.anchor}" class="flag {worst.severity}"><title>{words}</title>'
        yield f'<path d="M{_place(x)} {TOP + LINE + 6}V{HEIGHT - BOTTOM}"/>'
        yield f'<rect x="{_place(left)}" y="{TOP + 4}" width="{_place(width)}" height="14" rx="3"/>'
        yield f'<text x="{_place(left + width / 2)}" y="{TOP + 15}" text-anchor="middle">{numbers}</text></a>'


def _flags(marks: Sequence[Mark], frame: Frame) -> list[tuple[float, list[Mark]]]:
    """Return the places of flags from left to right, with the findings of those that would lie on one another."""
    flags: list[tuple[float, list[Mark]]] = []
    reached = [mark for mark in marks if frame.x.reaches(mark.epoch)]
    for mark in sorted(reached, key=lambda mark: (mark.epoch, mark.number)):
        x = frame.x.place(mark.epoch)
        if flags and x - flags[-1][0] < 9 + LETTER * (1 + 2 * min(3, len(flags[-1][1]))):
            flags[-1][1].append(mark)
        else:
            flags.append((x, [mark]))
    return flags


def _place(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
