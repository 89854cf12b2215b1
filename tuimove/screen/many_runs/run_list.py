"""The list of runs, a line each: name, state, epoch, sparkline, numbers and worst finding.

Only visible lines are drawn, so that ten thousand runs cost no more than forty. The screen chooses and sorts the runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from tuimove.diagnosis.finding import SEVERITIES
from tuimove.recording.reading.outline import RunOutline
from tuimove.screen.drawing.axes import format_number
from tuimove.screen.drawing.canvas import Canvas
from tuimove.screen.drawing.chart_lines import StyledText
from tuimove.screen.drawing.raster import Glyphs
from tuimove.screen.drawing.sparkline import draw_sparkline
from tuimove.screen.drawing.symbols import severity_symbol, state_symbol

LETTERS = "ABCD"
"""Letters of charted runs, shown beside their colour."""
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


class RunList(Canvas):
    """A heading, and as many runs as fit."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "runs--heading", "runs--muted", "runs--good", "runs--highlighted",
        "runs--series-0", "runs--series-1", "runs--series-2", "runs--series-3",
        "runs--notice", "runs--warning", "runs--alarm",
    }  # fmt: skip
    DEFAULT_CSS = """
    RunList {
        .runs--heading { color: $foreground 60%; }
        .runs--muted { color: $foreground 60%; }
        .runs--good { color: $success; }
        .runs--highlighted { text-style: bold reverse; }
        .runs--series-0 { color: $primary; text-style: bold; }
        .runs--series-1 { color: $warning; text-style: bold; }
        .runs--series-2 { color: $success; text-style: bold; }
        .runs--series-3 { color: $foreground; text-style: bold; }
        .runs--notice { color: $foreground 60%; }
        .runs--warning { color: $warning; text-style: bold; }
        .runs--alarm { color: $error; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "next run", show=False),
        Binding("up,k", "move(-1)", "previous run", show=False),
        Binding("pagedown,ctrl+d", "page(1)", "next page", show=False),
        Binding("pageup,ctrl+u", "page(-1)", "previous page", show=False),
        Binding("home,g", "move(-1000000)", "first run", show=False),
        Binding("end,G", "move(1000000)", "last run", show=False),
    ]

    class Highlighted(Message):
        """Another run has been walked to."""

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._glyphs = glyphs
        self._listing = Listing()
        self._top = 0
        self.highlighted: int | None = None
        """Index of the run that keys act on, None without any."""

    def show(self, listing: Listing) -> None:
        """List runs; the highlighted one stays highlighted while it is listed."""
        self._listing = listing
        if self.highlighted not in listing.order:
            self.highlighted = listing.order[0] if listing.order else None
        self.redraw()

    def action_move(self, lines: int) -> None:
        """Highlight the run `lines` further down."""
        order = self._listing.order
        if not order:
            return
        line = order.index(self.highlighted) if self.highlighted in order else 0
        self._highlight(min(max(line + lines, 0), len(order) - 1))

    def action_page(self, direction: int) -> None:
        """Highlight the run a page further down."""
        self.action_move(direction * max(1, self.size.height - 2))

    def on_click(self, event: events.Click) -> None:
        """Highlight the run that was clicked."""
        line = self._top + event.y - 1
        if event.y > 0 and line < len(self._listing.order):
            self._highlight(line)

    def on_mouse_scroll_down(self, _event: events.MouseScrollDown) -> None:
        """Highlight a run further down."""
        self.action_move(1)

    def on_mouse_scroll_up(self, _event: events.MouseScrollUp) -> None:
        """Highlight a run further up."""
        self.action_move(-1)

    def _highlight(self, line: int) -> None:
        self.highlighted = self._listing.order[line]
        self.redraw()
        self.post_message(self.Highlighted())

    def draw(self, width: int, height: int) -> list[list[Segment]]:
        """Return the heading and as many lines as fit, the highlighted one among them."""
        order, room = self._listing.order, max(1, height - 1)
        if self.highlighted in order:
            line = order.index(self.highlighted)
            self._top = min(max(self._top, line - room + 1), line)
        self._top = max(0, min(self._top, len(order) - room))
        shown = order[self._top : self._top + room]
        widths = self._widths(width, shown)
        lines = [self._segments([(self._heading(widths), "runs--heading")])]
        return lines + [self._line(place, widths) for place in shown]

    def _widths(self, width: int, shown: Sequence[int]) -> Widths:
        """Return the widths of columns; names are as wide as the longest visible one."""
        longest = max((len(self._listing.runs[place].label) for place in shown), default=4)
        return Widths.fitting(width, max(longest, 4))

    def _heading(self, widths: Widths) -> str:
        title = " " * (5 + STATE_COLUMNS if widths.has_words else 4) + f"{'run':<{widths.name}} "
        title += f"{'epoch':>7} " if widths.has_numbers else ""
        title += f"{self._listing.label:>{widths.sparkline + 1 + NUMBER_COLUMNS}}"[-widths.sparkline - 10 :] + " "
        return title + (f"{'test acc':>8} " if widths.has_numbers else "") + ("finding" if widths.has_words else "")

    def _line(self, place: int, widths: Widths) -> list[Segment]:
        run, color = self._listing.runs[place], self._listing.letters.get(place)
        letter = " " if color is None else LETTERS[color]
        mark = "+" if place in self._listing.marked else " "
        is_highlighted = place == self.highlighted and self.has_focus
        symbol = state_symbol(run.state, self._glyphs)
        state = f"{symbol} {run.state:<{STATE_COLUMNS}} " if widths.has_words else f"{symbol} "
        series = f"runs--series-{color}" if color is not None else ""
        parts: list[StyledText] = [(f"{letter}{mark}", series), (state, _state_class(run.state))]
        parts.append((f"{_clipped(run.label, widths.name, self._glyphs):<{widths.name}} ", series))
        parts += self._numbers(run, widths, series)
        return self._segments(parts, is_highlighted=is_highlighted)

    def _numbers(self, run: RunOutline, widths: Widths, series: str) -> list[StyledText]:
        """Return epoch, sparkline, number, accuracy and worst finding of a run."""
        epoch = str(run.epoch) if len(run.outline) else "-"
        parts: list[StyledText] = [(f"{epoch:>7} " if widths.has_numbers else "", "")]
        if run.reason:
            parts.append(
                (f"{_clipped(run.reason, widths.sparkline, self._glyphs):<{widths.sparkline}} ", "runs--alarm")
            )
        else:
            past = draw_sparkline(run.outline.column(self._listing.column), widths.sparkline, self._glyphs)
            parts.append((f"{past} ", series or "runs--muted"))
        parts.append((f"{format_number(run.outline.latest(self._listing.column)):>{NUMBER_COLUMNS}} ", ""))
        if widths.has_numbers:
            accuracy = run.outline.latest("test_accuracy")
            parts.append((f"{f'{accuracy:.4f}' if np.isfinite(accuracy) else '-':>8} ", ""))
        return [*parts, self._finding(run, widths)]

    def _finding(self, run: RunOutline, widths: Widths) -> StyledText:
        if run.worst < 0:
            return "-", "runs--muted"
        severity = SEVERITIES[run.worst]
        word = f" {severity}" if widths.has_words else ""
        return f"{severity_symbol(severity, self._glyphs)}{word}", f"runs--{severity}"

    def _segments(self, parts: Sequence[StyledText], *, is_highlighted: bool = False) -> list[Segment]:
        over = self.get_component_rich_style("runs--highlighted", partial=True) if is_highlighted else Style.null()
        return [Segment(text, (self.get_component_rich_style(name, partial=True) if name else Style.null()) + over)
                for text, name in parts if text]  # fmt: skip


@dataclass(frozen=True)
class Widths:
    """Widths of a line's parts, in columns."""

    name: int
    sparkline: int
    has_numbers: bool
    """Whether epoch and accuracy fit."""
    has_words: bool
    """Whether states and severities fit as words."""

    @classmethod
    def fitting(cls, width: int, longest: int) -> Widths:
        """Return the parts that fit into a width; the sparkline gets the rest."""
        has_numbers, has_words = width >= LEAST_FOR_NUMBERS, width >= LEAST_FOR_WORDS
        fixed = 4 + 1 + 1 + NUMBER_COLUMNS + 1 + 1 + 17 * has_numbers + (1 + STATE_COLUMNS + 8) * has_words
        name = min(longest, max(4, width - fixed - LEAST_SPARKLINE))
        return cls(name, max(1, width - fixed - name), has_numbers, has_words)


def _state_class(state: str) -> str:
    return {"training": "runs--good", "failed": "runs--alarm"}.get(state, "runs--muted")


def _clipped(text: str, width: int, glyphs: Glyphs) -> str:
    """Return a text shortened to `width` columns."""
    if len(text) <= width:
        return text
    return text[: max(0, width - 1)] + ("~" if glyphs == "ascii" else "…")
