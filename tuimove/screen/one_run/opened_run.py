"""The dashboard of one run that was opened from the screen of many."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from tuimove.screen.drawing.raster import Glyphs
from tuimove.screen.one_run.replay import Replay
from tuimove.screen.sources.recorded_run import RecordedRun


class OpenedRun(Replay):
    """A run above the screen of many runs, which goes on underneath."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "go_back", "go back to all runs", key_display="esc")]

    def __init__(self, source: RecordedRun, glyphs: Glyphs, fps: float | None) -> None:
        super().__init__(source, None, glyphs, fps)

    def action_go_back(self) -> None:
        """Close the run, unless a panel uses the key."""
        self.app.pop_screen()
