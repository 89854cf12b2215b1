"""The dashboard of a recorded run: the same panels, at any measurement that the user goes to."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from tuimove.recording.history import History
from tuimove.recording.record import MeasurementRecord
from tuimove.screen.drawing.chart import Chart
from tuimove.screen.drawing.raster import Glyphs
from tuimove.screen.one_run.dashboard import Dashboard
from tuimove.screen.one_run.state import RunState
from tuimove.screen.one_run.steered_screen import STEERING
from tuimove.screen.one_run.timeline import Timeline
from tuimove.screen.sources.recorded_run import RecordedRun

TENTH = 0.1
TRAINS_ON = {"playing": "playing back, training goes on", "paused": "paused here, training goes on"}
"""What is said of the records of a run that still trains."""


class Replay(Dashboard):
    """A recorded run; one that still grows is followed."""

    MISSING = STEERING - {"toggle_pause"} | {"detach"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "toggle_pause", "play what is recorded, or pause", group=Binding.Group("play back")),
        Binding("comma", "walk_time(-1)", "go back by a measurement", key_display=","),
        Binding("full_stop", "walk_time(1)", "go forward by a measurement", key_display="."),
        Binding("less_than_sign", "leap_time(-1)", "go back by a tenth of the run", show=False, key_display="<"),
        Binding("greater_than_sign", "leap_time(1)", "go forward by a tenth of the run", show=False, key_display=">"),
        Binding("g", "go_to_start", "go to the first measurement", show=False),
        Binding("G", "go_to_end", "go to the newest one, and those to come", show=False),
    ]

    def __init__(self, source: RecordedRun, speed: float | None, glyphs: Glyphs, fps: float | None) -> None:
        super().__init__(source, glyphs, fps)
        self._recorded = source
        self._timeline = Timeline(speed)
        self._is_played = speed is not None
        self._seen: tuple[float | None, MeasurementRecord | None, bool] = None, None, False

    @property
    def missing(self) -> frozenset[str]:
        """What a recorded run can't be asked for, whether it has ended or not: it is played, not steered."""
        return self.MISSING

    @property
    def shown(self) -> RunState:
        """The state at the shown measurement."""
        row = self._timeline.row(self.state.history)
        if row < 0 or (row == len(self.state.history) - 1 and not self._timeline.is_playing):
            return self.state
        asked = self._recorded.asked
        past = self.state.as_of(row, asked if asked and asked.epoch == self._timeline.epoch else None)
        past.phase = "playing" if self._timeline.is_playing else "paused"
        past.phase = TRAINS_ON[past.phase] if self.state.phase == "training" else past.phase
        return past

    @property
    def charted(self) -> History:
        """The whole history, or the part that has been played."""
        return self.shown.history if self._is_played else self.state.history

    def poll(self) -> None:
        """Read new records, and show the current measurement."""
        super().poll()
        self._timeline.advance(self.state.history, is_read=self._recorded.is_read)
        self._show_moment()

    def _show_moment(self) -> None:
        """Show another measurement, after it has been read back from the file."""
        epoch, asked = self._timeline.epoch, self._recorded.asked
        self._recorded.show_epoch(None if epoch is None else int(epoch))
        before, self._seen = self._seen, (epoch, asked, self._timeline.is_playing)
        if self._seen == before or not self.is_seen:
            return
        with self.app.batch_update():
            self.show_everything()
            if epoch is not None:
                self.query_one(Chart).move_cursor_to(epoch)
            elif before[0] is not None:
                self.query_one(Chart).action_hide_cursor()

    def action_toggle_pause(self) -> None:
        """Play the run from the shown measurement, or pause."""
        if self.shown is self.state and self.state.phase == "training":
            self.notify("plays its records from the start; G goes back to what is new", timeout=4)
        self._timeline.toggle_play(self.state.history)
        self._show_moment()

    def action_walk_time(self, rows: int) -> None:
        """Go some measurements forward or back."""
        self._timeline.walk(self.state.history, rows)
        self._show_moment()

    def action_leap_time(self, direction: int) -> None:
        """Go a tenth of the run forward or back."""
        self._timeline.walk_share(self.state.history, direction * TENTH)
        self._show_moment()

    def action_go_to_start(self) -> None:
        """Go to the first measurement."""
        self.action_walk_time(-len(self.state.history))

    def action_go_to_end(self) -> None:
        """Go to the newest measurement, and follow new ones."""
        self.action_walk_time(len(self.state.history))
