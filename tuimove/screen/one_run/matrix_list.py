"""The list of a run's matrices, a line each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tuimove.recording.history import History
from tuimove.screen.drawing.axes import format_number
from tuimove.screen.drawing.chart_lines import StyledText
from tuimove.screen.drawing.line_list import LETTERS, LineList, series_class
from tuimove.screen.drawing.raster import Glyphs
from tuimove.screen.drawing.short_names import short_name
from tuimove.screen.drawing.sparkline import draw_sparkline
from tuimove.screen.one_run.matrix_rows import MatrixRow

SHAPE_COLUMNS, PLACE_COLUMNS, NUMBER_COLUMNS, LEFT_COLUMNS, FINDING_COLUMNS = 11, 5, 8, 6, 9
LEAST_FOR_WORDS = 72
"""Least width for places and for severities in words, in columns."""
LEAST_FOR_SHAPES = 56
"""Least width for shapes, in columns."""
LEAST_FOR_STEPS = 40
"""Least width for the last steps, in columns."""
LEAST_NAME, LEAST_SPARKLINE, MOST_SPARKLINE = 6, 8, 40


@dataclass(frozen=True)
class MatrixListing:
    """The matrices to list and how to show them."""

    rows: Sequence[MatrixRow] = ()
    """All matrices, listed or not."""
    order: Sequence[int] = ()
    """Indices of the listed ones, from the top."""
    letters: Mapping[int, int] = field(default_factory=dict)
    """Number of the colour, 0 to 3, of each charted matrix, by index."""
    marked: frozenset[int] = frozenset()
    """Indices of the matrices that the user has marked."""
    history: History | None = None
    """The course of their distances."""


class MatrixList(LineList):
    """The matrices, as many as fit."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(glyphs)
        self._listing = MatrixListing()

    def show(self, listing: MatrixListing) -> None:
        """List matrices; the highlighted one stays highlighted while it is listed."""
        self._listing = listing
        self.show_order(listing.order)

    @property
    def is_following(self) -> bool:
        """Whether the user walks the list: before, its top is seen, whichever matrix is shown."""
        return self.has_focus

    def parts(self, width: int, shown: Sequence[int]) -> list[Sequence[StyledText]]:
        """Return the heading, and the line of each shown matrix."""
        rows = self._listing.rows
        widths = Widths.fitting(width, max((len(row.role.name) for row in rows), default=LEAST_NAME))
        return [[(widths.heading(), "")], *(self._line_of(place, widths) for place in shown)]

    def _line_of(self, place: int, widths: Widths) -> list[StyledText]:
        row, color = self._listing.rows[place], self._listing.letters.get(place)
        letter = " " if color is None else LETTERS[color]
        mark = "+" if place in self._listing.marked else " "
        series = series_class(color)
        name = short_name(row.role.name, widths.name, self.glyphs)
        parts: list[StyledText] = [(f"{letter}{mark}{name:<{widths.name}} ", series)]
        if widths.has_shapes:
            parts.append((f"{row.shape[:SHAPE_COLUMNS]:>{SHAPE_COLUMNS}} ", "list--muted"))
        if widths.has_words:
            parts.append((f"{row.role.place:<{PLACE_COLUMNS}} ", "list--muted"))
        parts.append((f"{_blank_or_number(row.distance):>{NUMBER_COLUMNS}} {_percent(row.left):>{LEFT_COLUMNS}} ", ""))
        if widths.has_steps:
            parts.append((f"{_percent(row.step):>{LEFT_COLUMNS}} ", ""))
        if widths.sparkline:
            parts.append((f"{self._past(row, widths.sparkline)} ", series or "list--muted"))
        return [*parts, self.finding_part(row.worst, has_words=widths.has_words)]

    def _past(self, row: MatrixRow, columns: int) -> str:
        history = self._listing.history
        return draw_sparkline(history.column(f"{row.role.name}.distance"), columns, self.glyphs) if history else ""


@dataclass(frozen=True)
class Widths:
    """Widths of a line's parts, in columns."""

    name: int
    sparkline: int
    """0 where there is no room for it."""
    has_steps: bool
    has_shapes: bool
    has_words: bool
    """Whether places, and severities in words, fit."""

    @classmethod
    def fitting(cls, width: int, longest: int) -> Widths:
        """Return the parts that fit into a width; a sparkline gets the rest."""
        steps, shapes, words = width >= LEAST_FOR_STEPS, width >= LEAST_FOR_SHAPES, width >= LEAST_FOR_WORDS
        fixed = 2 + 1 + NUMBER_COLUMNS + 1 + LEFT_COLUMNS + 1 + (FINDING_COLUMNS if words else 1)
        fixed += (LEFT_COLUMNS + 1) * steps + (SHAPE_COLUMNS + 1) * shapes + (PLACE_COLUMNS + 1) * words
        name = max(LEAST_NAME, min(longest, width - fixed))
        rest = width - fixed - name - 1
        return cls(name, min(rest, MOST_SPARKLINE) if rest >= LEAST_SPARKLINE else 0, steps, shapes, words)

    def heading(self) -> str:
        """Return the headings of the columns."""
        words = f"  {'matrix':<{self.name}} "
        words += f"{'shape':>{SHAPE_COLUMNS}} " if self.has_shapes else ""
        words += f"{'place':<{PLACE_COLUMNS}} " if self.has_words else ""
        words += f"{'moved':>{NUMBER_COLUMNS}} {'left':>{LEFT_COLUMNS}} "
        words += f"{'step':>{LEFT_COLUMNS}} " if self.has_steps else ""
        words += f"{'distance':<{self.sparkline}} " if self.sparkline else ""
        return words + ("finding" if self.has_words else "")


def _blank_or_number(value: float) -> str:
    return "" if math.isnan(value) else format_number(value)


def _percent(share: float) -> str:
    """Return a share in at most six characters, blank where it isn't known."""
    percent = 100 * share
    if math.isnan(percent):
        return ""
    if abs(percent) >= 9999.5:
        return ">9999%" if percent > 0 else "<-999%"
    if 0 < abs(percent) < 0.05:
        return f"{percent:.2f}%" if abs(percent) >= 0.005 else "<0.01%"
    return f"{percent:.{int(abs(percent) < 99.95)}f}%"
