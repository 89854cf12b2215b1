"""A row of cards, one per quantity: its number, its change, and a sparkline of its past."""

from __future__ import annotations

import math

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tuimove.diagnosis.finding import Severity
from tuimove.screen.drawing.axes import format_number
from tuimove.screen.drawing.raster import Glyphs
from tuimove.screen.drawing.sparkline import draw_sparkline
from tuimove.screen.drawing.symbols import severity_symbol
from tuimove.screen.one_run.state import CARDS, QUANTITIES, Quantity, RunState

LEAST_NAME = 4
"""Least characters shown of a matrix's name, however narrow the card."""


class Card(Static):
    """One quantity; rewritten only when it changes."""

    DEFAULT_CSS = """
    Card {
        width: 1fr; height: 3; padding: 0 1 0 0; border-left: blank;
        &.-selected { border-left: outer $primary; }
        &.-warning { color: $warning; }
        &.-alarm { color: $error; }
    }
    """

    class Chosen(Message):
        """Posted when a card is clicked."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def __init__(self, place: int, glyphs: Glyphs) -> None:
        super().__init__()
        self._place = place
        self._quantity = QUANTITIES[place]
        self._glyphs = glyphs
        self._latest: tuple[RunState, str] | None = None
        self._shown = ""

    def on_click(self, _event: events.Click) -> None:
        """Post that the quantity is to be charted."""
        self.post_message(self.Chosen(self._place))

    def on_resize(self, _event: events.Resize) -> None:
        """Fit the text to the new width."""
        if self._latest:
            self.show(*self._latest)

    def show(self, state: RunState, matrix: str) -> None:
        """Show the quantity of a matrix."""
        self._latest = state, matrix
        width = self.content_size.width
        if width < 1:
            return
        severity = state.severity_of(self._quantity, matrix)
        self.set_class(severity == "warning", "-warning")
        self.set_class(severity == "alarm", "-alarm")
        values = state.history.column(self._quantity.history_column(matrix))
        lines = [
            self._title(matrix, severity)[:width],
            _number_line(values[-2:].tolist(), width),
            draw_sparkline(values, width, self._glyphs),
        ]
        if (text := "\n".join(lines)) != self._shown:
            self._shown = text
            self.update(Content("\n").join([Content.styled(lines[0], "bold"), Content(lines[1]),
                                            Content.styled(lines[2], "" if severity else "$primary")]))  # fmt: skip

    def _title(self, matrix: str, severity: Severity | None) -> str:
        symbol = f"{severity_symbol(severity, self._glyphs)} " if severity else ""
        room = max(LEAST_NAME, self.content_size.width - len(symbol) - len(self._quantity.label) - 1)
        return f"{symbol}{_prefix(self._quantity, matrix[:room])}{self._quantity.label}"


def _prefix(quantity: Quantity, matrix: str) -> str:
    return f"{matrix} " if quantity.is_of_matrix else ""


def _number_line(last_two: list[float], width: int) -> str:
    """Return the newest number and its change since the one before."""
    if not last_two:
        return "-"
    number = format_number(last_two[-1])
    change = last_two[-1] - last_two[0]
    if not math.isfinite(change) or len(last_two) < 2:
        return number
    shown = f"{change:+.1e}" if 0 < abs(change) < 0.001 or abs(change) >= 1000 else f"{change:+.3f}"
    shown = shown.replace("e-0", "e-").replace("e+0", "e+")
    return f"{number} {shown:>{width - len(number) - 1}}" if len(number) + len(shown) < width else number


class Cards(Horizontal):
    """All cards; where they don't fit, only the selected one."""

    DEFAULT_CSS = "Cards { height: 3; }"

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__()
        self._cards = [Card(place, glyphs) for place in range(CARDS)]

    def compose(self) -> ComposeResult:
        """Yield the cards."""
        yield from self._cards

    def show(self, state: RunState, matrix: str, selected: int, *, is_alone: bool) -> None:
        """Show all cards, or the selected one alone; the first where the quantity has no card."""
        alone = selected if selected < len(self._cards) else 0
        for place, card in enumerate(self._cards):
            card.set_class(place == selected, "-selected")
            card.display = not is_alone or place == alone
            if card.display:
                card.show(state, matrix)
