"""The position in a recorded run: the newest measurement or an earlier one, paused or playing."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from tuimove.recording.history import History
from tuimove.screen.drawing.series import Floats64

LONGEST_GAP = 1e9
"""Longest gap between two measurements, in seconds; a longer one is an error in the records."""


class Timeline:
    """A position among the measurements, stored as an epoch, since a long history is thinned as it grows."""

    def __init__(self, speed: float | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        """Start at the newest measurement or, with a speed, play from the first at `speed` times real time."""
        self._clock, self._speed = clock, speed or 1.0
        self.epoch: float | None = None
        """Epoch of the shown measurement; None to follow the newest."""
        self.is_playing = speed is not None
        self._played, self._played_at = 0.0, clock()

    def row(self, history: History) -> int:
        """Return the index of the shown measurement, -1 where there is none yet."""
        if self.is_playing and self.epoch is None:
            return min(0, len(history) - 1)
        if self.epoch is None:
            return len(history) - 1
        return max(0, int(np.searchsorted(history.column("epoch"), self.epoch, "right")) - 1)

    def walk(self, history: History, rows: int) -> None:
        """Move by some measurements; at the newest, follow new ones."""
        if not len(history):
            return
        last = len(history) - 1
        row = min(max(self.row(history) + rows, 0), last)
        self.epoch = None if row == last else float(history.column("epoch")[row])
        self.is_playing = self.is_playing and row < last
        self._play_from(history, row)

    def walk_share(self, history: History, share: float) -> None:
        """Move by a share of the whole run, back where it is negative."""
        rows = max(1, round(abs(share) * len(history)))
        self.walk(history, rows if share > 0 else -rows)

    def toggle_play(self, history: History) -> None:
        """Play from the shown measurement, or from the start where that is the newest; or pause."""
        if self.is_playing:
            self.is_playing = False
        elif len(history):
            self.is_playing = True
            if self.epoch is None:
                self.epoch = float(history.column("epoch")[0])
            self._play_from(history, self.row(history))

    def _play_from(self, history: History, row: int) -> None:
        self._played, self._played_at = float(elapsed_seconds(history)[row]), self._clock()

    def advance(self, history: History, *, is_read: bool) -> None:
        """Advance by the time that has passed; at the end of a record that is read completely, stop."""
        now = self._clock()
        passed, self._played_at = now - self._played_at, now
        if not self.is_playing or not len(history):
            return
        elapsed = elapsed_seconds(history)
        self._played = min(self._played + passed * self._speed, float(elapsed[-1]))
        row = max(0, int(np.searchsorted(elapsed, self._played, "right")) - 1)
        self.epoch = float(history.column("epoch")[row])
        if is_read and row == len(history) - 1:
            self.epoch, self.is_playing = None, False


def elapsed_seconds(history: History) -> Floats64:
    """Return the seconds from the first measurement to each; backward steps, as of a resumed run, count as 0."""
    seconds = np.nan_to_num(history.column("seconds"))
    with np.errstate(all="ignore"):
        elapsed: Floats64 = np.cumsum(np.clip(np.diff(seconds, prepend=seconds[:1]), 0.0, LONGEST_GAP))
    return elapsed
