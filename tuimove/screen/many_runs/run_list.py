"""The list of runs, a line each: name, state, epoch, sparkline, numbers and worst finding.

Only visible lines are drawn, so that ten thousand runs cost no more than forty. The screen chooses and sorts the runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from textual.binding import Binding, BindingType

from tuimove.recording.reading.outline import RunOutline
from tuimove.screen.drawing.axes import format_number
from tuimove.screen.drawing.chart_lines import StyledText
from tuimove.screen.drawing.line_list import LETTERS, LineList, series_class
from tuimove.screen.drawing.raster import Glyphs
from tuimove.screen.drawing.short_names import clipped
from tuimove.screen.drawing.sparkline import draw_sparkline
from tuimove.screen.drawing.symbols import state_symbol

STATE_COLUMNS = 11
NUMBER_COLUMNS = 9
LEAST_FOR_NUMBERS = 60
"""Least width for epoch and accuracy, in columns."""
LEAST_FOR_WORDS = 76
"""Least width for states and severities in words, in columns."""
LEAST_SPARKLINE = 6


@dataclass(frozen=True)
class Listing:
    """The runs to list and how to show them."""

    runs: Sequence[RunOutline] = ()
    """All runs, listed or not."""
    order: Sequence[int] = ()
    """Indices of the listed runs, from the top."""
    letters: Mapping[int, int] = field(default_factory=dict)
    """Number of the colour, 0 to 3, of each charted run, by index."""
    marked: frozenset[int] = frozenset()
    """Indices of the runs that the user has marked."""
    column: str = ""
    """Column of the sparkline and the number beside it."""
    label: str = ""
    """Heading of the sparkline."""
    clock: str = "epoch"
    """What the runs' records count, in a word."""
    has_accuracy: bool = True
    """Whether any run may have a test accuracy."""


class RunList(LineList):
    """The runs that the screen lists."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g", "move(-1000000)", "go to the first line", show=False),
        Binding("G", "move(1000000)", "go to the last line", show=False),
    ]

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(glyphs, id=id)
        self._listing = Listing()

    def show(self, listing: Listing) -> None:
        """List runs; the highlighted one stays highlighted while it is listed."""
        self._listing = listing
        self.show_order(listing.order)

    def parts(self, width: int, shown: Sequence[int]) -> list[Sequence[StyledText]]:
        """Return the heading, and the line of each shown run."""
        widths = self._widths(width, shown)
        return [[(self._heading(widths), "")], *(self._line_of(place, widths) for place in shown)]

    def _widths(self, width: int, shown: Sequence[int]) -> Widths:
        """Return the widths of columns; names are as wide as the longest visible one."""
        longest = max((len(self._listing.runs[place].label) for place in shown), default=4)
        return Widths.fitting(width, max(longest, 4), has_accuracy=self._listing.has_accuracy)

    def _heading(self, widths: Widths) -> str:
        title = " " * (5 + STATE_COLUMNS if widths.has_words else 4) + f"{'run':<{widths.name}} "
        title += f"{self._listing.clock:>7} " if widths.has_numbers else ""
        title += f"{self._listing.label:>{widths.sparkline + 1 + NUMBER_COLUMNS}}"[-widths.sparkline - 10 :] + " "
        return title + (f"{'test acc':>8} " if widths.has_accuracy else "") + ("finding" if widths.has_words else "")

    def _line_of(self, place: int, widths: Widths) -> list[StyledText]:
        run, color = self._listing.runs[place], self._listing.letters.get(place)
        letter = " " if color is None else LETTERS[color]
        mark = "+" if place in self._listing.marked else " "
        symbol = state_symbol(run.state, self.glyphs)
        state = f"{symbol} {run.state:<{STATE_COLUMNS}} " if widths.has_words else f"{symbol} "
        series = series_class(color)
        parts: list[StyledText] = [(f"{letter}{mark}", series), (state, _state_class(run.state))]
        parts.append((f"{clipped(run.label, widths.name, self.glyphs):<{widths.name}} ", series))
        return parts + self._numbers(run, widths, series)

    def _numbers(self, run: RunOutline, widths: Widths, series: str) -> list[StyledText]:
        """Return epoch, sparkline, number, accuracy and worst finding of a run."""
        epoch = str(run.epoch) if len(run.outline) else "-"
        parts: list[StyledText] = [(f"{epoch:>7} " if widths.has_numbers else "", "")]
        if run.reason:
            reason = clipped(run.reason, widths.sparkline, self.glyphs)
            parts.append((f"{reason:<{widths.sparkline}} ", "list--alarm"))
        else:
            past = draw_sparkline(run.outline.column(self._listing.column), widths.sparkline, self.glyphs)
            parts.append((f"{past} ", series or "list--muted"))
        parts.append((f"{format_number(run.outline.latest(self._listing.column)):>{NUMBER_COLUMNS}} ", ""))
        if widths.has_accuracy:
            accuracy = run.outline.latest("test_accuracy")
            parts.append((f"{f'{accuracy:.4f}' if np.isfinite(accuracy) else '-':>8} ", ""))
        return [*parts, self.finding_part(run.worst, has_words=widths.has_words)]


@dataclass(frozen=True)
class Widths:
    """Widths of a line's parts, in columns."""

    name: int
    sparkline: int
    has_numbers: bool
    """Whether the epoch fits."""
    has_accuracy: bool
    """Whether the accuracy fits, and there is any."""
    has_words: bool
    """Whether states and severities fit as words."""

    @classmethod
    def fitting(cls, width: int, longest: int, *, has_accuracy: bool = True) -> Widths:
        """Return the parts that fit into a width; the sparkline gets the rest."""
        has_numbers, has_words = width >= LEAST_FOR_NUMBERS, width >= LEAST_FOR_WORDS
        accuracy = has_numbers and has_accuracy
        fixed = (
            4 + 1 + 1 + NUMBER_COLUMNS + 1 + 1 + 8 * has_numbers + 9 * accuracy + (1 + STATE_COLUMNS + 8) * has_words
        )
        name = min(longest, max(4, width - fixed - LEAST_SPARKLINE))
        return cls(name, max(1, width - fixed - name), has_numbers, accuracy, has_words)


def _state_class(state: str) -> str:
    return {"training": "list--good", "failed": "list--alarm"}.get(state, "list--muted")
