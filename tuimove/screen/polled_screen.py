"""The base of the screens of one run and of many: polls, redraws within a budget, and fits the window."""

from __future__ import annotations

from abc import abstractmethod
from typing import Literal

from textual import events
from textual.screen import Screen

from tuimove.screen.drawing.key_line import KeyLine
from tuimove.screen.drawing.pacing import RedrawBudget
from tuimove.screen.line.paced_app import PacedApp
from tuimove.screen.message_words import reading_seconds
from tuimove.screen.messages import Told
from tuimove.screen.while_open import WhileOpen

Layout = Literal["tiny", "small", "large"]

LARGE = (110, 32)
"""Least columns and rows at which all panels are shown at once."""
TINY = (60, 18)
"""Columns or rows below which one panel is shown at a time."""
LEAST_WITH_KEYS = 11
"""Least rows of a tiny window that has a line of keys."""
TROUBLE_SECONDS = 3600
"""Seconds for which a failure stays on the screen."""


class PolledScreen(WhileOpen, Screen[None]):
    """A screen that polls its source several times a second."""

    def __init__(self, fps: float | None) -> None:
        """Redraw `fps` times a second; None for as often as the budget allows."""
        super().__init__()
        self._budget = RedrawBudget(fps)
        self._remarks: set[str] = set()
        self._phase = ""

    @property
    def is_seen(self) -> bool:
        """Whether this screen is visible, or covered only by a dialogue."""
        return self in self.app.screen_stack and (self.app.screen is self or self.app.screen.is_modal)

    @property
    def missing(self) -> frozenset[str]:
        """Actions that can't be asked for here: footer, help and palette leave them out."""
        return frozenset()

    @property
    def layout_kind(self) -> Layout:
        """Layout for the window's size."""
        width, height = self.app.size
        if width < TINY[0] or height < TINY[1]:
            return "tiny"
        return "large" if width >= LARGE[0] and height >= LARGE[1] else "small"

    def refresh_soon(self) -> None:
        """Poll now, and again whenever the budget and the line to the terminal allow it."""
        self.poll()
        line = self.app.line if isinstance(self.app, PacedApp) else None
        delay = max(self._budget.next_delay(), line.least_delay if line else 0.0)
        self.set_timer(delay, self.refresh_soon)

    @abstractmethod
    def poll(self) -> None:
        """Show what has arrived since the last call."""

    @abstractmethod
    def fit_panels(self) -> None:
        """Show the panels that fit."""

    @abstractmethod
    def show_everything(self) -> None:
        """Draw every panel that is displayed."""

    def on_resize(self, _event: events.Resize) -> None:
        """Arrange the panels for the new size."""
        self.fit_panels()
        self.call_after_refresh(self.show_everything)

    def show_keys(self) -> None:
        """Show the line of keys where it fits."""
        self.query_one(KeyLine).display = self.layout_kind != "tiny" or self.app.size.height >= LEAST_WITH_KEYS

    def note_phase(self, phase: str) -> bool:
        """Keep the phase among the messages whenever it is another, and return whether it is."""
        is_other = phase != self._phase
        if is_other:
            self._phase = phase
            self.post_message(Told(phase))
            self.refresh_bindings()
        return is_other

    def show_trouble(self, trouble: str, title: str, remark: str) -> None:
        """Notify the user of a failure and of a remark, each once; empty where there is none."""
        if trouble and self.sub_title != trouble:
            self.sub_title = trouble
            self.notify(trouble, title=title, severity="error", timeout=TROUBLE_SECONDS, markup=False)
        if remark and remark not in self._remarks:
            self._remarks.add(remark)
            self.notify(remark, severity="warning", timeout=reading_seconds(remark), markup=False)
