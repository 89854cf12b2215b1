"""The histogram panel: the entries of a matrix beside their start and its law, or their movement."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType

from tuimove.diagnosis.matrix_measurement import Histogram, MatrixMeasurement
from tuimove.recording.record import MeasurementRecord
from tuimove.screen.drawing import bars
from tuimove.screen.drawing.canvas import Canvas
from tuimove.screen.drawing.chart_lines import StyledText
from tuimove.screen.drawing.raster import Glyphs
from tuimove.screen.drawing.short_names import short_name
from tuimove.screen.drawing.titles import numbered_title
from tuimove.screen.one_run.histogram_words import entries_clauses, fitting_lines, movement_clauses
from tuimove.settings.starting_law import StartingLaw

REDRAW_SECONDS = 1.0
"""Seconds between two plots: a histogram changes slowly."""
FEW = 32
"""Most entries of which each is a mark: a density of so few says nothing."""
MARGIN = 0.04
"""Share of the range that is left free on either side of the entries."""
NORMAL_REACH = 3.0
"""Standard deviations of a normal law that are in the plot even where no entry lies there."""
LEAST_WITH_HEADING, LEAST_WITH_WORDS, LEAST_WITH_TWO, LEAST_WITH_ALL = 6, 5, 8, 12
"""Least rows of a panel with a heading, with a sentence, with one of two lines, and with two for its last clauses."""


@dataclass(frozen=True)
class Content:
    """What is to be drawn of a matrix."""

    words: str
    """What the numbers are."""
    now: Histogram
    start: Histogram | None
    """The first measurement, where it is shown; a law has no histogram."""
    law: bars.ShareBelow | None
    law_reach: float
    """How far the law reaches from 0; 0 without one."""
    clauses: Sequence[str]

    @property
    def is_few(self) -> bool:
        """Whether each entry is a mark."""
        return self.now.below + sum(self.now.counts) + self.now.above <= FEW


class HistogramPanel(Canvas):
    """Draws at most once a second, and only while visible."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "bars--fill", "bars--curve", "bars--curve-on-fill", "bars--axis", "bars--name",
    }  # fmt: skip
    DEFAULT_CSS = """
    HistogramPanel {
        .bars--fill { color: $primary; }
        .bars--curve { color: $foreground; }
        .bars--curve-on-fill { color: $foreground; background: $primary; }
        .bars--axis { color: $foreground 60%; }
        .bars--name { color: $foreground; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "toggle_movement", "show entries, or movement"),
    ]

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._glyphs = glyphs
        self._shown: tuple[str, StartingLaw | None, MeasurementRecord, MeasurementRecord] | None = None
        self._shows_movement = False
        self._titled = ""
        self._drawn_at = -math.inf
        self._is_due = False

    def name_law(self, words: str) -> None:
        """Put into the title how the starting law was recognised; empty where that isn't told."""
        title = f"histogram: {words}" if words else "histogram"
        if title != self._titled:
            self._titled = title
            self.border_title = numbered_title(2, title, has_color=not self.app.no_color)

    def show(self, matrix: str, law: StartingLaw | None, first: MeasurementRecord, latest: MeasurementRecord) -> None:
        """Show a matrix beside its law and its first measurement; at most every REDRAW_SECONDS."""
        is_other = self._shown is None or self._shown[0] != matrix
        self._shown = matrix, law, first, latest
        wait = 0.0 if is_other else self._drawn_at + REDRAW_SECONDS - time.monotonic()
        if wait <= 0:
            self._draw_now()
        elif not self._is_due:
            self._is_due = True
            self.set_timer(wait, self._draw_now)

    def _draw_now(self) -> None:
        self._is_due = False
        self._drawn_at = time.monotonic()
        self.redraw()

    def action_toggle_movement(self) -> None:
        """Show how far the entries have moved, or the entries themselves."""
        self._shows_movement = not self._shows_movement
        self.redraw()

    def draw(self, width: int, height: int) -> Sequence[Sequence[Segment]]:
        """Return a heading, the plot, and a sentence on what it means."""
        content = self._content()
        if isinstance(content, str):
            return [[Segment(content)]]
        heading = [self._heading(content, width)] if height >= LEAST_WITH_HEADING else []
        clauses = [clause.replace("±", "+-") if self._glyphs == "ascii" else clause for clause in content.clauses]
        words = [[(line, "bars--axis")] for line in self._sentence(clauses, width, height)]
        plot = self._plot(content, width, max(1, height - len(heading) - len(words)))
        return [[self._segment(*part) for part in line] for line in (*heading, *plot, *words)]

    @staticmethod
    def _sentence(clauses: Sequence[str], width: int, height: int) -> list[str]:
        """Return the sentence; where there are few rows, its last clauses get no line of their own."""
        rows = 0 if height < LEAST_WITH_WORDS else 1 if height < LEAST_WITH_TWO else 2
        needed = len(fitting_lines(clauses[:2], width, rows))
        return fitting_lines(clauses, width, needed if height < LEAST_WITH_ALL else rows)

    def _content(self) -> Content | str:
        """Return what to draw, or why there is nothing."""
        if self._shown is None:
            return "waits for the first measurement"
        matrix, law, first, latest = self._shown
        if matrix not in latest.matrices or matrix not in first.matrices:
            return f"{matrix} was not measured"
        now, start = latest.matrices[matrix], first.matrices[matrix]
        if not now.histogram.counts or not start.histogram.counts:
            return "histograms were not recorded"
        return movement_content(now) if self._shows_movement else entries_content(law, start, now)

    def _heading(self, content: Content, width: int) -> list[StyledText]:
        """Return the matrix, what is drawn of it, and the legend, which also tells the marks apart."""
        now, start = bars.MARKS["ascii" if self._glyphs == "ascii" else "braille"]
        fill, curve = ("#", "x") if self._glyphs == "ascii" else ("■", "⠒⠒")
        reference = "at start" if content.start else "start law" if content.law else ""
        signs = (now, start) if content.is_few else (fill, curve)
        legend = [(f"  {signs[0]} now", bars.FILL), (f"  {signs[1]} {reference}", bars.CURVE)] if reference else []
        words = f" {content.words}"
        room = width - len(words) - sum(len(text) for text, _ in legend)
        assert self._shown
        return [(short_name(self._shown[0], room, self._glyphs), "bars--name"), (words, "bars--axis"), *legend]

    def _plot(self, content: Content, width: int, height: int) -> list[list[StyledText]]:
        axis = bars.plan_range(*content_range(content), width)
        if content.is_few:
            many = [content.now, *([content.start] if content.start else [])]
            return bars.draw_marks(many, axis, width, height, self._glyphs)
        curve = content.law or (bars.share_below(content.start) if content.start else None)
        return bars.draw_bars(bars.share_below(content.now), curve, axis, width, height, self._glyphs)

    def _segment(self, text: str, name: str) -> Segment:
        return Segment(text, self.get_component_rich_style(name, partial=True) if name else None)


def entries_content(law: StartingLaw | None, start: MatrixMeasurement, now: MatrixMeasurement) -> Content:
    """Return the entries beside the law they were drawn from, or where it isn't known or they are few, their start."""
    clauses, few = entries_clauses(law, now), now.entries <= FEW
    if law and law.scale > 0 and law.kind != "zero" and not few:
        is_uniform = law.kind == "uniform"
        curve = bars.uniform_law(law.scale) if is_uniform else bars.normal_law(law.scale)
        return Content("entries", now.histogram, None, curve, law.scale * (1 if is_uniform else NORMAL_REACH), clauses)
    is_spike = bool(law and law.kind == "zero" and not few)
    return Content("entries", now.histogram, None if is_spike else start.histogram, None, 0.0, clauses)


def movement_content(now: MatrixMeasurement) -> Content:
    """Return how far the entries have moved."""
    return Content("movement of the entries", now.movement_histogram, None, None, 0.0, movement_clauses(now))


def content_range(content: Content) -> tuple[float, float]:
    """Return the range to show: all that holds anything, 0, and the law."""
    ranges = [bars.filled_range(one) for one in (content.now, content.start) if one]
    low = min(0.0, -content.law_reach, *(low for low, _ in ranges))
    high = max(0.0, content.law_reach, *(high for _, high in ranges))
    margin = MARGIN * (high - low)
    return low - margin, high + margin
