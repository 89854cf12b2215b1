"""The two lines at the top: what is trained, how far it is, and what it is doing."""

from __future__ import annotations

import math

from textual.content import Content
from textual.widgets import Static

from tuimove.screen.drawing.raster import Glyphs
from tuimove.screen.drawing.symbols import state_symbol
from tuimove.screen.one_run.state import RunState

STATE_STYLES = {
    "training": "bold $success",
    "playing": "bold $success",
    "paused": "bold $warning",
    "failed": "bold $error",
}
NARROW = 60
LONGEST_SECONDS = 3.6e7
MOST_SPEED = 99_999.9
"""What there is room for; recorded runs may claim more."""


class RunHeader(Static):
    """Rewritten only when a word of it changes."""

    DEFAULT_CSS = "RunHeader { height: 2; padding: 0 1; background: $surface; }"

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__()
        self._glyphs = glyphs
        self._shown: Content | None = None

    def show(self, state: RunState) -> None:
        """Show the run as it stands."""
        width = self.size.width - 2
        if width < 1:
            return
        content = Content("\n").join([self._first_line(state, width), self._second_line(state, width)])
        if content != self._shown or content.spans != self._shown.spans:
            self._shown = content
            self.update(content)

    def _first_line(self, state: RunState, width: int) -> Content:
        word = state.phase.split()[0]
        doing = Content.styled(f"{state_symbol(word, self._glyphs)} {state.phase}", STATE_STYLES.get(word, "bold"))
        about = Content.styled(state.preset.title, "bold")
        if width > NARROW:
            about += Content.styled(f"   {_network_words(state)}{_rate_words(state)}", "$foreground 60%")
        room = max(0, width - doing.cell_length - 1)
        return about.truncate(room, ellipsis=True, pad=True) + " " + doing

    def _second_line(self, state: RunState, width: int) -> Content:
        epochs = state.epochs
        share = min(1.0, state.epoch / epochs) if epochs else 0.0
        count = f"epoch {state.epoch:>{len(str(epochs))}}/{epochs} " if epochs else f"epoch {state.epoch} "
        pace = f" {share:4.0%}" if epochs else ""
        if width > NARROW:
            pace += f"  {min(state.speed, MOST_SPEED):7.1f} epochs/s" if state.speed else " " * 18
        if state.seconds_left is not None:
            pace += f"  {format_seconds(state.seconds_left):>7} left"
        elif state.seconds is not None:
            pace += f"  {format_seconds(state.seconds):>7}"
        bar = progress_bar(share, max(0, width - len(count) - len(pace)), self._glyphs)
        return Content(count) + bar + Content(pace)


def progress_bar(share: float, width: int, glyphs: Glyphs) -> Content:
    """Return a bar of so many cells, a share of which is done."""
    done, left = ("=", "-") if glyphs == "ascii" else ("━", "─")
    full = round(min(max(share, 0.0), 1.0) * width)
    return Content.styled(done * full, "$primary") + Content.styled(left * (width - full), "$foreground 60%")


def _network_words(state: RunState) -> str:
    if not state.is_own:
        count = len(state.history.matrices)
        return f"{count} matri{'x' if count == 1 else 'ces'}"
    network = state.preset.network
    inputs, classes = (state.run.data["inputs"], state.run.data["classes"]) if state.run else ("...", "...")
    return f"{inputs}-{network.hidden}-{classes} {network.activation}, {network.init} start"


def _rate_words(state: RunState) -> str:
    return "" if math.isnan(state.rate) else f"   learning rate {state.rate:.4g}"


def format_seconds(seconds: float) -> str:
    """Return a duration in at most seven characters; a dash for one that was never measured."""
    if not 0 <= seconds < LONGEST_SECONDS:
        return "-"
    if seconds < 100:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02} m" if minutes < 100 else f"{minutes // 60}:{minutes % 60:02} h"
