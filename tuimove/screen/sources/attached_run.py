"""The dashboard over a run that another process trains: records from its folder, steering through its socket."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from tuimove.errors import DataError
from tuimove.recording.folder.run_lock import living_holder
from tuimove.recording.reading.run_folders import RECORDS
from tuimove.runs.steering.remote_controls import RemoteControls
from tuimove.screen.sources.recorded_run import RecordedRun
from tuimove.settings.files import reason_of, shown_path

BEGINNING_SECONDS = 0.1
"""Between two looks at whether a run has begun."""


def await_beginning(folder: Path, say: Callable[[str], None]) -> None:
    """Wait for the first record of a run, as long as a process is busy with its data and kernels."""
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
    """Shows all that has been recorded and all that comes; steers unless another screen does."""

    def __init__(self, folder: Path, data: Path | None = None) -> None:
        """Connect to the process that trains the run in a folder; `data` is that of its images, as for `RecordedRun`.

        Raises
        ------
        DataError
            When no process trains it, or there are no records to be read.
        """
        if living_holder(folder) is None:
            raise DataError(
                f"{shown_path(folder)}: nobody trains this run now; tuimove replay shows it, tuimove resume goes on"
            )
        super().__init__(folder, data=data)
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
        """Whether the other process listens, and to no other screen."""
        return self.remote.is_connected and self.remote.may_steer

    @property
    def phase(self) -> str:
        """What the run is doing, by its process's own word while there is one."""
        if self.is_read and self.end is None and self.remote.is_connected:
            return "paused" if self.remote.is_paused else "training"
        return super().phase

    @property
    def remark(self) -> str:
        """Why the last request wasn't granted, or what was passed over of the records."""
        return self.remote.take_refusal() or super().remark

    def close(self) -> None:
        """Leave the run to itself."""
        self.remote.close()
        super().close()
