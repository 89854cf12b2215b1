"""The dashboards over a run that another process trains: one of ours, or somebody's training loop."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from tuimove.errors import TuimoveError
from tuimove.screen.drawing.raster import Glyphs
from tuimove.screen.one_run.dashboard import Dashboard
from tuimove.screen.one_run.steered_screen import STEERING
from tuimove.screen.sources.watched_loop import WatchedLoop


class Attached(Dashboard):
    """Shows a run that goes on when this screen closes."""

    MISSING = frozenset(("restart",))

    def action_restart(self) -> None:
        """Say why not."""
        self.notify("only the screen that trains a run can restart it", severity="warning", timeout=3)


class AttachedLoop(Attached):
    """Shows a training loop, which can be asked to stop and nothing else."""

    MISSING = STEERING | {"detach"}
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f", "ask_to_stop", "ask the loop to stop")]

    def __init__(self, source: WatchedLoop, glyphs: Glyphs, fps: float | None) -> None:
        super().__init__(source, glyphs, fps)
        self._watched = source

    @property
    def missing(self) -> frozenset[str]:
        """A loop that has ended, or whose process has gone, can't be asked for anything."""
        is_gone = self.is_over or self.source.phase == "unfinished"
        return super().missing | {"ask_to_stop"} if is_gone else super().missing

    def action_ask_to_stop(self) -> None:
        """Ask the loop to stop, and say so."""
        try:
            words = self._watched.ask_to_stop()
        except TuimoveError as error:
            words = str(error)
        self.notify(words, timeout=4, markup=False)
