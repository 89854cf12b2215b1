"""The source of a run of somebody's training loop: its records, followed while the loop's process lives.

The loop has no thread and no socket for us: a file in its folder asks it to stop, which it heeds or not.
"""

from __future__ import annotations

import time
from pathlib import Path

from tuimove.recording.folder.run_lock import living_holder
from tuimove.recording.folder.stop_request import ask_to_stop
from tuimove.screen.sources.recorded_run import RecordedRun

LOOK_SECONDS = 0.5
"""Seconds between two looks at who holds the folder's lock."""

NOBODY = "nobody trains this run now"


class WatchedLoop(RecordedRun):
    """Shows past and new records of a training loop."""

    def __init__(self, folder: Path) -> None:
        """Read the first record; raises a DataError when there are no readable records."""
        super().__init__(folder)
        self.folder = folder
        self._is_alive, self._looked_for_at = True, time.monotonic()

    @property
    def role(self) -> str:
        """The loop's own process trains it."""
        return "elsewhere, watched"

    @property
    def why_watched(self) -> str:
        """What a loop can be asked for, while there is one."""
        return "a training loop can only be asked to stop: f" if self.phase == "training" else NOBODY

    @property
    def is_alive_there(self) -> bool:
        """Whether the loop's process still holds the folder."""
        if time.monotonic() >= self._looked_for_at + LOOK_SECONDS:
            self._is_alive, self._looked_for_at = living_holder(self.folder) is not None, time.monotonic()
        return self._is_alive

    @property
    def phase(self) -> str:
        """What the loop is doing: it trains while its process holds the folder, whether it writes or not."""
        if not self.is_read:
            return "reading"
        if self.end is not None or self.error is not None:
            return super().phase
        return "training" if self.is_alive_there else "unfinished"

    def ask_to_stop(self) -> str:
        """Ask the loop to stop, and return in words what came of it; raises an OutputError where it can't be asked."""
        if self.end is not None or living_holder(self.folder) is None:
            return NOBODY
        ask_to_stop(self.folder)
        return "asked the loop to stop; it decides"
