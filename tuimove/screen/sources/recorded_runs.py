"""The thread behind a screen of recorded runs that are compared: reads them one after another onto the board."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from tuimove.errors import ExitCode, TuimoveError
from tuimove.recording.reading.outline import RunOutline, points_for, read_outlines
from tuimove.recording.reading.parsing import parts_of
from tuimove.runs.steering.controls import StopReason
from tuimove.screen.sources.board import COLUMNS, Board, short_label


class ReadingThread(threading.Thread):
    """Reads runs; what can't be read ends it, with what was read before still shown."""

    can_be_stopped = False
    data: Path | None = None
    out: Path | None = None

    def __init__(self, places: Sequence[str]) -> None:
        super().__init__(name="reading", daemon=True)
        self.board = Board("Recorded runs compared")
        self._places = places
        self._labels: set[str] = set()
        self._words: deque[str] = deque()
        self._was_stopped = False
        self.error: BaseException | None = None
        """Why a place can't be read."""

    def run(self) -> None:
        """Read all places."""
        try:
            self._read()
        except BaseException as error:
            self.error = error

    def _read(self) -> None:
        points = points_for(sum(len(parts_of(place)) for place in self._places), len(COLUMNS))
        say = self._words.append
        for run in (run for place in self._places for run in read_outlines(place, COLUMNS, points, say)):
            if self._was_stopped:
                return
            self._label(run)
            self.board.add(run)

    def _label(self, run: RunOutline) -> None:
        """Call a run by its preset, with the folder or file that it is in where another is called so already."""
        run.label = short_label(run.label)
        if run.label in self._labels:
            run.label = f"{run.label} {Path(run.place).name}"
        self._labels.add(run.label)

    def stop(self, reason: StopReason = "stopped") -> None:  # noqa: ARG002
        """Read no further."""
        self._was_stopped = True

    def hand_over(self, say: Callable[[str], None]) -> None:
        """Do nothing: nothing is trained."""

    def conclude(self) -> int:
        """Return the exit code; raises what couldn't be read."""
        if isinstance(self.error, TuimoveError):
            raise self.error
        if self.error is not None:
            raise RuntimeError("reading failed") from self.error
        return ExitCode.FINISHED

    @property
    def phase(self) -> str:
        """What is going on, in a word."""
        return "failed" if self.error else "reading" if self.is_alive() or not self.ident else "recorded"

    @property
    def trouble(self) -> str:
        """What couldn't be read; empty when everything could."""
        return str(self.error) if self.error else ""

    @property
    def remark(self) -> str:
        """The next thing to say of what was passed over."""
        return self._words.popleft() if self._words else ""

    def folder_of(self, place: int) -> Path | None:
        """Return where the records of a run are."""
        return Path(self.board.runs[place].place)
