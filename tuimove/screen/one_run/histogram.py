"""The histogram panel: the entries of a matrix beside their start and its law, or their movement."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType

from tuimove.diagnosis.matrix_measurement import Histogram, MatrixMeasurement
from tuimove.recording.record import MeasurementRecord
from tuimove.reports.text_plots import ASCII_MARKS, PlotLine, PlotPart, outline_bins, plot_lines
from tuimove.screen.drawing.axes import format_tick
from tuimove.screen.drawing.canvas import Canvas
from tuimove.screen.drawing.raster import Glyphs
from tuimove.screen.drawing.short_names import short_name
from tuimove.settings.starting_law import StartingLaw

REDRAW_SECONDS = 1.0
"""Seconds between two plots: they are slow to draw, and a histogram changes slowly."""
HEADING_COLUMNS = 27
"""Columns of the heading beside the matrix's name."""
NOW, START, LAW = 0, 1, 2
"""Numbers of the lines in the plot."""


class HistogramPanel(Canvas):
    """Draws at most once a second, and only while visible."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"histogram--now", "histogram--start", "histogram--law", "histogram--words"}
    DEFAULT_CSS = """
    HistogramPanel {
        .histogram--now { color: $primary; }
        .histogram--start { color: $warning; }
        .histogram--law { color: $foreground 60%; }
        .histogram--words { color: $foreground 60%; }
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
        self._drawn_at = -math.inf
        self._is_due = False

    def name_law(self, words: str) -> None:
        """Put into the title how the starting law was recognised; empty where that isn't told."""
        title = f"2 histogram: {words}" if words else "2 histogram"
        if self.border_title != title:
            self.border_title = title

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
        """Return a heading, the plot, and a line on what the plot leaves out."""
        if self._shown is None:
            return [[Segment("waits for the first measurement")]]
        matrix, law, first, latest = self._shown
        if matrix not in latest.matrices or matrix not in first.matrices:
            return [[Segment(f"{matrix} was not measured")]]
        now, start = latest.matrices[matrix], first.matrices[matrix]
        name = short_name(matrix, width - HEADING_COLUMNS, self._glyphs)
        if not now.histogram.counts or not start.histogram.counts:
            return [[Segment("histograms were not recorded")]]
        heading, lines, words = (
            _movement_plot(name, now) if self._shows_movement else _entries_plot(name, law, now, start)
        )
        rows = plot_lines(lines, width, height - 2, ascii_only=self._glyphs == "ascii")
        spaced: list[PlotPart] = [(f"{self._mark(color)}{text} ", color) for text, color in heading]
        everything: list[list[PlotPart]] = [spaced, *rows, [(words, None)]]
        return [self._segments(row) for row in everything]

    def _mark(self, color: int | None) -> str:
        """Return the mark of a line on terminals without colours, else nothing."""
        return f"{ASCII_MARKS[color]} " if color is not None and self._glyphs == "ascii" else ""

    def _segments(self, parts: Sequence[PlotPart]) -> list[Segment]:
        names = ("histogram--now", "histogram--start", "histogram--law")
        return [Segment(text, self._style(names[color] if color is not None else "histogram--words"))
                for text, color in parts]  # fmt: skip

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(name, partial=True)


Plot = tuple[list[PlotPart], list[PlotLine], str]


def _entries_plot(matrix: str, law: StartingLaw | None, now: MatrixMeasurement, start: MatrixMeasurement) -> Plot:
    heading: list[PlotPart] = [(f"{matrix} density:", None), ("now", NOW), ("at start", START)]
    histogram = now.histogram
    lines = [_density(start.histogram, START), _density(histogram, NOW)]
    if law and (line := _law_line(law, histogram)):
        lines.insert(0, line)
        heading.append(("law", LAW))
    return heading, lines, _edges(histogram)


def _movement_plot(matrix: str, now: MatrixMeasurement) -> Plot:
    heading: list[PlotPart] = [(f"{matrix} density of", None), ("movement", NOW)]
    histogram = now.movement_histogram
    words = f"{now.frozen:.1%} never moved; {_edges(histogram)}"
    return heading, [_density(histogram, NOW)], words


def _density(histogram: Histogram, color: int) -> PlotLine:
    """Return counts as a density per unit of a weight, comparable with a law's."""
    total = histogram.below + sum(histogram.counts) + histogram.above
    width = (histogram.high - histogram.low) / len(histogram.counts)
    unit = total * width or math.inf
    return outline_bins(histogram.low, histogram.high, [count / unit for count in histogram.counts], color)


def _law_line(law: StartingLaw, histogram: Histogram) -> PlotLine | None:
    """Return the density of the starting law; None where the bins have no width or all entries are 0.

    The histogram spans twice a uniform law's width, or four standard deviations of a normal one.
    """
    if histogram.high <= 0 or law.kind == "zero":
        return None
    bins = len(histogram.counts)
    width = (histogram.high - histogram.low) / bins
    middles = [histogram.low + width * (place + 0.5) for place in range(bins)]
    if law.kind == "uniform":
        scale = histogram.high / 2
        return outline_bins(histogram.low, histogram.high, [abs(x) < scale and 0.5 / scale for x in middles], LAW)
    sigma = histogram.high / 4
    peak = 1 / (sigma * math.sqrt(2 * math.pi))
    return PlotLine(middles, [peak * math.exp(-((x / sigma) ** 2) / 2) for x in middles], LAW)


def _edges(histogram: Histogram) -> str:
    low, high = format_tick(histogram.low), format_tick(histogram.high)
    return f"{len(histogram.counts)} bins of {low}..{high}, {histogram.below} below, {histogram.above} above"
