"""What the screen of one run and that of many have in common: they poll, redraw within a budget, and fit the window."""

from __future__ import annotations

from abc import abstractmethod
from typing import Literal

from textual import events
from textual.screen import Screen
from textual.widgets import Footer

from tuimove.screen.drawing.key_line import KeyLine
from tuimove.screen.drawing.pacing import RedrawBudget

Layout = Literal["tiny", "small", "large"]

LARGE = (110, 32)
"""Columns and rows from which on every panel is shown at once."""
TINY = (60, 18)
"""Columns or rows below which one panel is shown at a time."""
LEAST_WITH_KEYS = 11
"""Rows of a tiny window from which on there is room for a line of keys."""
TROUBLE_SECONDS, REMARK_SECONDS = 3600, 10
"""For which a failure, and anything else that is to be known, stays on the screen."""


class PolledScreen(Screen[None]):
    """A screen that takes what has come since the last time, some times a second."""

    def __init__(self, fps: float | None) -> None:
        """Redraw `fps` times a second, or as often as stays cheap when None."""
        super().__init__()
        self._budget = RedrawBudget(fps)
        self._remarks: set[str] = set()

    @property
    def is_seen(self) -> bool:
        """Whether this screen is the one to be seen, or only covered by a dialogue."""
        return self in self.app.screen_stack and (self.app.screen is self or self.app.screen.is_modal)

    @property
    def layout_kind(self) -> Layout:
        """How much there is room for."""
        width, height = self.app.size
        if width < TINY[0] or height < TINY[1]:
            return "tiny"
        return "large" if width >= LARGE[0] and height >= LARGE[1] else "small"

    def refresh_soon(self) -> None:
        """Poll now, and again whenever the budget allows it."""
        self.poll()
        self.set_timer(self._budget.next_delay(), self.refresh_soon)

    @abstractmethod
    def poll(self) -> None:
        """Take what has come since the last time, and show it."""

    @abstractmethod
    def fit_panels(self) -> None:
        """Show the panels that there is room for."""

    @abstractmethod
    def show_everything(self) -> None:
        """Draw every panel that is displayed."""

    def on_resize(self, _event: events.Resize) -> None:
        """Arrange the panels for the new size."""
        self.fit_panels()
        self.call_after_refresh(self.show_everything)

    def show_keys(self) -> None:
        """Show the footer, or in a tiny window a line of keys where there is a row for it."""
        is_tiny = self.layout_kind == "tiny"
        self.query_one(Footer).display = not is_tiny
        self.query_one(KeyLine).display = is_tiny and self.app.size.height >= LEAST_WITH_KEYS

    def show_trouble(self, trouble: str, title: str, remark: str) -> None:
        """Notify the user of a failure and of a remark, of each once; empty where there is none."""
        if trouble and self.sub_title != trouble:
            self.sub_title = trouble
            self.notify(trouble, title=title, severity="error", timeout=TROUBLE_SECONDS, markup=False)
        if remark and remark not in self._remarks:
            self._remarks.add(remark)
            self.notify(remark, severity="warning", timeout=REMARK_SECONDS, markup=False)
