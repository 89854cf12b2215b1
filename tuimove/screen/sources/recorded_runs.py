"""The thread behind a screen of recorded runs: reads them one after another onto the board."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tuimove.recording.reading.outline import RunOutline, read_outlines
from tuimove.recording.reading.run_folders import parts_of
from tuimove.runs.steering.controls import StopReason
from tuimove.screen.sources.board import Board, outlines_for, require_charted, short_label
from tuimove.screen.sources.source_thread import SourceThread


class ReadingThread(SourceThread):
    """Reads runs; an error ends it, and the runs read before stay on the screen."""

    can_be_stopped = False
    data: Path | None = None
    out: Path | None = None

    def __init__(self, places: Sequence[str], column: str | None = None) -> None:
        """Read these places; `column` is the column to chart, if the user has asked for one."""
        super().__init__("reading")
        self._column = column
        self.board = Board("Recorded runs compared")
        self._places = places
        self._labels: set[str] = set()
        self._was_stopped = False

    def work(self) -> None:
        """Read all places; raises a TuimoveError when no run has the matrix to be charted."""
        new_outline = outlines_for(sum(len(parts_of(place)) for place in self._places))
        say = self.words.append
        for run in (run for place in self._places for run in read_outlines(place, new_outline, say)):
            if self._was_stopped:
                return
            self._label(run)
            self.board.add(run)
        if self._column is not None:
            require_charted(self._column, self.board)

    def _label(self, run: RunOutline) -> None:
        """Set a run's name: its preset, with its folder or file where another run has that name."""
        run.label = short_label(run.label)
        if run.label in self._labels:
            run.label = f"{run.label} {Path(run.place).name}"
        self._labels.add(run.label)

    def stop(self, reason: StopReason = "stopped") -> None:  # noqa: ARG002
        """Stop reading."""
        self._was_stopped = True

    @property
    def phase(self) -> str:
        """What the thread is doing, in one word."""
        return "failed" if self.error else "reading" if self.is_alive() or not self.ident else "recorded"

    def folder_of(self, place: int) -> Path | None:
        """Return the place of a run's records."""
        return Path(self.board.runs[place].place)
