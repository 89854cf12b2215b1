"""The two lines at the top of a screen, and their parts: words, bars and colours."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content
from textual.widgets import Static

from tuimove.screen.drawing.machine_load import MachineLoad
from tuimove.screen.drawing.raster import Glyphs
from tuimove.screen.line.paced_app import PacedApp
from tuimove.screen.while_open import WhileOpen

STATE_STYLES = {
    "training": "bold $primary",
    "playing": "bold $primary",
    "paused": "bold",
    "failed": "bold $error",
    "gone": "bold $error",
    "silent": "bold",
    "reading": "$foreground 60%",
}
STATE_WORDS = {"gone": "its process has gone", "silent": "doesn't answer"}
"""What is said of a state whose name doesn't tell it."""
NARROW = 60
"""Width in columns up to which a header leaves out details."""
LEAST_FOR_LOAD, LOAD_COLUMNS = 96, 11
"""Width from which on a header tells the machine's load, and the columns that it takes."""
LONGEST_SECONDS = 3.6e7
"""Longest duration that is shown; a longer one counts as unknown."""


class HeaderLines(WhileOpen, Static):
    """Two lines of text, rewritten only when a character or a colour changes."""

    DEFAULT_CSS = "HeaderLines { height: 2; padding: 0 1; background: $surface; }"

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__()
        self.glyphs = glyphs
        self._load = MachineLoad()
        self._shown: Content | None = None

    def put(self, lines: Callable[[int], tuple[Content, Content]]) -> None:
        """Show two lines, made by `lines` for the present width."""
        width = self.size.width - 2
        if width < 1:
            return
        line = self._line_words()
        first, second = lines(width)
        if line:
            first = lines(width - line.cell_length)[0] + line
        content = Content("\n").join([first, second])
        if content != self._shown or content.spans != self._shown.spans:
            self._shown = content
            self.update(content)

    def load_words(self, width: int, *, is_busy: bool) -> str:
        """Return the machine's load, where there is room for it and something is or was trained."""
        words = self._load.words(is_busy=is_busy) if width > LEAST_FOR_LOAD else ""
        return f"  {words:<{LOAD_COLUMNS}}" if words else ""

    def _line_words(self) -> Content:
        """Return what to say of the line to the terminal: nothing while it is fast."""
        line = self.app.line if isinstance(self.app, PacedApp) else None
        return Content.styled(" slow line", "bold") if line is not None and line.is_slow else Content()


def progress_bar(share: float, width: int, glyphs: Glyphs) -> Content:
    """Return a bar of `width` cells, of which a share is filled."""
    done, left = ("=", "-") if glyphs == "ascii" else ("━", "─")
    full = round(min(max(share, 0.0), 1.0) * width)
    return Content.styled(done * full, "$primary") + Content.styled(left * (width - full), "$foreground 60%")


def format_left(seconds: float) -> str:
    """Return how long something still takes, in the unit that one would say it in."""
    if not 0 <= seconds < LONGEST_SECONDS:
        return "-"
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit} left"
    return f"{seconds:.0f} s left"


def format_seconds(seconds: float) -> str:
    """Return a duration in at most seven characters; a dash for one that was never measured."""
    if not 0 <= seconds < LONGEST_SECONDS:
        return "-"
    if seconds < 100:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02} m" if minutes < 100 else f"{minutes // 60}:{minutes % 60:02} h"
