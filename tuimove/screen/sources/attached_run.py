"""The source of a run that another process trains: records from its folder, steering through its socket."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path

from tuimove.errors import DataError
from tuimove.recording.folder.run_lock import living_holder
from tuimove.recording.reading.run_folders import RECORDS
from tuimove.runs.steering.remote_controls import RemoteControls
from tuimove.screen.sources.recorded_run import RecordedRun
from tuimove.screen.sources.source_thread import gone_words
from tuimove.settings.files import reason_of, shown_path

SILENT_WORDS = "its process doesn't answer; it may be suspended: fg in its terminal"
"""What is said of a process that holds the folder and doesn't answer."""
LOOK_SECONDS = 0.5
"""Seconds between two looks at who holds the folder's lock, once nothing listens any more."""
BEGINNING_SECONDS = 0.1
"""Seconds between two checks for a run's first record."""


def await_beginning(folder: Path, say: Callable[[str], None]) -> None:
    """Wait for the first record of a run while its process loads data and compiles kernels."""
    if living_holder(folder) and not _has_records(folder):
        say("waiting for the run to begin ...")
    while living_holder(folder) and not _has_records(folder):
        time.sleep(BEGINNING_SECONDS)


def _has_records(folder: Path) -> bool:
    try:
        return (folder / RECORDS).stat().st_size > 0
    except OSError:
        return False


class AttachedRun(RecordedRun):
    """Shows past and new records; steers unless another screen does."""

    def __init__(self, folder: Path, data: Path | None = None) -> None:
        """Connect to the process that trains a folder's run; `data` is the folder of its images, as for `RecordedRun`.

        Raises
        ------
        DataError
            When no process trains it, or there are no readable records.
        """
        if living_holder(folder) is None:
            raise DataError(
                f"{shown_path(folder)}: nobody trains this run now; tuimove replay shows it, tuimove resume goes on"
            )
        super().__init__(folder, data=data)
        self.folder = folder
        self._is_held, self._looked_for_at = True, -math.inf
        try:
            self.controls = self.remote = self._connect(folder)
        except DataError:
            super().close()
            raise

    def _connect(self, folder: Path) -> RemoteControls:
        if self.shape is None:
            raise DataError(f"{shown_path(folder)}: the records don't begin with what the run is")
        try:
            return RemoteControls(folder, self.mailbox, self.shape.expected())
        except OSError as error:
            raise DataError(
                f"{shown_path(folder)}: its process doesn't listen ({reason_of(error)}); tuimove replay follows it"
            ) from None

    @property
    def can_be_steered(self) -> bool:  # type: ignore[override]
        """Whether the training process answers, and accepts requests from this screen."""
        return self.remote.is_connected and self.remote.may_steer and not self.remote.is_silent

    @property
    def role(self) -> str:
        """The other process trains it; this screen steers, another does, or nobody yet."""
        if not self.remote.is_connected:
            return "elsewhere"
        if self.remote.is_steering:
            return "elsewhere, steered by you"
        return "elsewhere, you can steer" if self.can_be_steered else "elsewhere, another screen steers"

    @property
    def has_gone(self) -> bool:
        """Whether the process that trained it has gone without an end of the run."""
        if self.remote.is_connected or self.end is not None:
            return False
        if time.monotonic() >= self._looked_for_at + LOOK_SECONDS:
            self._is_held, self._looked_for_at = living_holder(self.folder) is not None, time.monotonic()
        return not self._is_held

    @property
    def shows_kept_weights(self) -> bool:
        """Whether its process sends none any more: until then those in the folder, of the start, are of long ago."""
        return not self.remote.is_connected

    @property
    def why_watched(self) -> str:
        """What has become of the process, or that it can't be asked."""
        if self.end is not None:
            return "this run has ended"
        if self.has_gone:
            return gone_words(self.folder)
        if self.remote.is_silent:
            return SILENT_WORDS
        return "another screen steers this run" if self.remote.is_connected else super().why_watched

    @property
    def phase(self) -> str:
        """What the run is doing, as its process reports while connected; `reading` until that is known."""
        if not self.is_read:
            return "reading"
        if self.end is None and self.remote.is_connected:
            return self._answered_phase()
        return "gone" if self.has_gone else super().phase

    def _answered_phase(self) -> str:
        """Return what its process has last answered; `silent` while it doesn't, `reading` before it has."""
        if self.remote.is_silent:
            return "silent"
        if not self.remote.has_answered:
            return "reading"
        return "paused" if self.remote.is_paused else "training"

    @property
    def remark(self) -> str:
        """Why the last request was refused, what was skipped in the records, or why nothing comes any more."""
        return self.remote.take_refusal() or super().remark or self._why_nothing_comes()

    def _why_nothing_comes(self) -> str:
        return {"gone": gone_words(self.folder), "silent": SILENT_WORDS}.get(self.phase, "")

    def close(self) -> None:
        """Disconnect; the run goes on."""
        self.remote.close()
        super().close()
