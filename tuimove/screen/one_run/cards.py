"""A row of cards, one per quantity: its number, its change, and a sparkline of its past."""

from __future__ import annotations

import math

import numpy as np
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tuimove.diagnosis.finding import Severity
from tuimove.screen.drawing.axes import format_number
from tuimove.screen.drawing.raster import Glyphs
from tuimove.screen.drawing.short_names import short_name
from tuimove.screen.drawing.sparkline import draw_sparkline
from tuimove.screen.drawing.symbols import severity_symbol
from tuimove.screen.one_run.quantities import CARDS, QUANTITIES, Quantity
from tuimove.screen.one_run.state import RunState
from tuimove.screen.while_open import WhileOpen

LEAST_NAME = 8
"""Least characters of a matrix's long name that tell anything; a narrower card leaves it to the other panels."""


class Card(WhileOpen, Static):
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

        def __init__(self, quantity: Quantity) -> None:
            super().__init__()
            self.quantity = quantity

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__()
        self._quantity = QUANTITIES[0]
        self._glyphs = glyphs
        self._latest: tuple[RunState, str, Quantity] | None = None
        self._shown = ""

    def on_click(self, _event: events.Click) -> None:
        """Post that the quantity is to be charted."""
        self.post_message(self.Chosen(self._quantity))

    def on_resize(self, _event: events.Resize) -> None:
        """Fit the text to the new width."""
        if self._latest:
            self.show(*self._latest)

    def show(self, state: RunState, matrix: str, quantity: Quantity) -> None:
        """Show a quantity of a matrix."""
        self._latest, self._quantity = (state, matrix, quantity), quantity
        width = self.content_size.width
        if width < 1:
            return
        severity = state.severity_of(self._quantity, matrix)
        self.set_class(severity == "warning", "-warning")
        self.set_class(severity == "alarm", "-alarm")
        values = state.history.column(self._quantity.history_column(matrix))
        if state.clock == "step" and not self._quantity.is_of_matrix:
            values = values[np.isfinite(values)]  # a loop notes them only now and then
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
        room = self.content_size.width - len(symbol) - len(self._quantity.label) - 1
        is_told = self._quantity.is_of_matrix and (room >= LEAST_NAME or len(matrix) <= room)
        name = f"{short_name(matrix, room, self._glyphs)} " if is_told else ""
        return f"{symbol}{name}{self._quantity.label}"


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


class Cards(WhileOpen, Horizontal):
    """All cards; where they don't fit, only the selected one."""

    DEFAULT_CSS = "Cards { height: 3; }"

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__()
        self._cards = [Card(glyphs) for _ in range(CARDS)]

    def compose(self) -> ComposeResult:
        """Yield the cards."""
        yield from self._cards

    def show(self, state: RunState, matrix: str, selected: Quantity, *, is_alone: bool) -> None:
        """Show the first quantities, or the selected one alone; the first where that has no card."""
        shown = state.quantities[: len(self._cards)]
        alone = selected if selected in shown else shown[0]
        for place, card in enumerate(self._cards):
            quantity = shown[place] if place < len(shown) else None
            card.set_class(quantity == selected, "-selected")
            card.display = quantity is not None and (not is_alone or quantity == alone)
            if quantity is not None and card.display:
                card.show(state, matrix, quantity)
