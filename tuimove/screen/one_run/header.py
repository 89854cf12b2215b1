"""The two lines at the top of a run's dashboard: preset, phase, progress and speed."""

from __future__ import annotations

import math

from textual.content import Content

from tuimove.screen.drawing.header_lines import NARROW, STATE_STYLES, HeaderLines, format_seconds, progress_bar
from tuimove.screen.drawing.symbols import state_symbol
from tuimove.screen.one_run.state import RunState

MOST_SPEED = 99_999.9
"""Greatest speed that fits; recorded runs may claim more."""


class RunHeader(HeaderLines):
    """The header of one run."""

    def show(self, state: RunState) -> None:
        """Show a run's state."""
        self.put(lambda width: (self._first_line(state, width), self._second_line(state, width)))

    def _first_line(self, state: RunState, width: int) -> Content:
        word = state.phase.split()[0]
        doing = Content.styled(f"{state_symbol(word, self.glyphs)} {state.phase}", STATE_STYLES.get(word, "bold"))
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
        bar = progress_bar(share, max(0, width - len(count) - len(pace)), self.glyphs)
        return Content(count) + bar + Content(pace)


def _network_words(state: RunState) -> str:
    if not state.is_own:
        count = len(state.history.matrices)
        return f"{count} matri{'x' if count == 1 else 'ces'}"
    network = state.preset.network
    inputs, classes = (state.run.data["inputs"], state.run.data["classes"]) if state.run else ("...", "...")
    return f"{inputs}-{network.hidden}-{classes} {network.activation}, {network.init} start"


def _rate_words(state: RunState) -> str:
    return "" if math.isnan(state.rate) else f"   learning rate {state.rate:.4g}"
