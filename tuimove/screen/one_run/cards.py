"""A row of cards, one per quantity: its number, its change and over what time, a sparkline of its past, its range."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tuimove.diagnosis.finding import Clock, Severity
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


SHORT_LABELS = {"distance": "dist", "train acc": "train", "test acc": "test", "p-value": "p"}
"""Labels for a card too narrow for a matrix's name beside the whole one."""
UNITS: dict[Clock, tuple[str, str]] = {"epoch": ("ep", "ep"), "step": ("steps", "st")}
"""What the time of a change is counted in, and shorter."""
LEAST_WITH_RANGE, LEAST_SPARKLINE = 14, 5
"""Least columns of a card that tells the range, and of the sparkline beside it."""
MOST_DIGITS = 7
"""Most characters of a number of the range."""
MUTED = "$foreground 60%"


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
        self._shown = Content("")

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
        values, times = (state.history.column(name) for name in (quantity.history_column(matrix), "epoch"))
        if state.clock == "step" and not quantity.is_of_matrix:
            is_noted = np.isfinite(values)  # a loop notes them only now and then
            values, times = values[is_noted], times[is_noted]
        title, sign = self._title(matrix, severity)
        room = width - len(sign)
        number, change = _number_parts(values[-2:].tolist(), times[-2:].tolist(), UNITS[state.clock], room)
        number = f"{sign}{number}" if len(number) <= room else f"{sign.strip()}{number}"
        span = range_words(values, width - LEAST_SPARKLINE - 1) if width >= LEAST_WITH_RANGE else ""
        lines = [
            Content.styled(title[:width], "bold"),
            Content.assemble(number, (change.rjust(width - len(number)), MUTED)),
            Content.assemble((draw_sparkline(values, width - len(span), self._glyphs), "" if severity else "$primary"),
                             (span, MUTED)),
        ]  # fmt: skip
        if (content := Content("\n").join(lines)) != self._shown or content.spans != self._shown.spans:
            self._shown = content
            self.update(content)

    def _title(self, matrix: str, severity: Severity | None) -> tuple[str, str]:
        """Return the first title that fits, and the sign of a finding where that is left to the number's line."""
        symbol = f"{severity_symbol(severity, self._glyphs)} " if severity else ""
        full, short = self._quantity.label, SHORT_LABELS.get(self._quantity.label, self._quantity.label)
        for sign, label in ((symbol, full), ("", full), ("", short)):
            room = self.content_size.width - len(sign) - len(label)
            if room >= 0 and not self._quantity.is_of_matrix:
                return f"{sign}{label}", symbol.removeprefix(sign)
            if room > LEAST_NAME or len(matrix) < room:
                return f"{sign}{short_name(matrix, room - 1, self._glyphs)} {label}", symbol.removeprefix(sign)
        return short if len(full) > self.content_size.width else full, symbol


def _number_parts(last_two: list[float], times: list[float], unit: tuple[str, str], width: int) -> tuple[str, str]:
    """Return the newest number, and its change since the one before with the time in between, as far as they fit."""
    number = format_number(last_two[-1]) if last_two else "-"
    change = last_two[-1] - last_two[0] if len(last_two) > 1 else math.nan
    if not math.isfinite(change):
        return number, ""
    time = f"{times[-1] - times[0]:.0f}"
    shown, rough, power = _change_words(change)
    told = (f"{shown} in {time} {unit[0]}", *(f"{one}/{time}{unit[1]}" for one in (shown, rough, power)), shown)
    return number, next((words for words in told if len(words) < width - len(number)), "")


def _change_words(change: float) -> tuple[str, str, str]:
    """Return a change in three spellings, each shorter than the one before where that can be."""
    is_plain = 0.001 <= abs(change) < 1000 or change == 0
    rough, power = f"{change:+.1g}", f"{change:+.0e}" if change else "+0"
    spelled = f"{change:+.3f}" if is_plain else f"{change:+.1e}", rough, power
    shown, rough, power = (words.replace("e-0", "e-").replace("e+0", "e+") for words in spelled)
    return shown, rough, power


def range_words(values: npt.NDArray[np.float64], room: int) -> str:
    """Return the lowest and the highest of some numbers, with as many digits as tell them apart; empty without room."""
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    if not high > low or not math.isfinite(high - low):
        return ""
    exponent = math.floor(math.log10(high - low))
    finest = 2 - exponent if exponent > 0 else 1 - exponent
    told = (f" {_rounded(low, digits)}..{_rounded(high, digits)}" for digits in (finest, finest - 1))
    return next((words for words in told if len(words) <= room + 1), "")


def _rounded(value: float, decimals: int) -> str:
    """Return a number to so many decimals, in as few characters as it takes."""
    if round(value, decimals) == 0:
        return "0"
    plain = f"{value:.{max(0, decimals)}f}"
    short = f"{value:.2g}".replace("e-0", "e-").replace("e+0", "e+")
    return plain if len(plain) <= MOST_DIGITS else short


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
