"""Opens the screen of what another process trains: an experiment, a run of ours, or somebody's training loop."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from tuimove.errors import DataError
from tuimove.recording.folder.run_lock import living_holder
from tuimove.recording.folder.run_summary import run_record_in
from tuimove.recording.folder.store import PLAN
from tuimove.screen.drawing.raster import Glyphs
from tuimove.screen.many_runs.grid import RunGrid
from tuimove.screen.one_run.attached import Attached, AttachedLoop
from tuimove.screen.one_run.dashboard import Dashboard
from tuimove.settings.files import shown_path


def held_here(folders: Iterable[Path | None]) -> set[Path]:
    """Return those folders whose lock this process still holds: nobody attaches to what is just being left."""
    held = ((folder, living_holder(folder)) for folder in folders if folder is not None)
    return {folder for folder, holder in held if holder and holder.is_here and holder.pid == os.getpid()}


def attached_screen(folder: Path, glyphs: Glyphs, fps: float | None, data: Path | None = None) -> Dashboard | RunGrid:
    """Return the screen of the run or experiment in a folder; `data` is the folder of its images.

    Raises
    ------
    TuimoveError
        When no process trains it, or its records or its plan can't be read.
    """
    from tuimove.screen.sources.attached_experiment import FollowingThread  # numpy, which the first frame doesn't need
    from tuimove.screen.sources.attached_run import AttachedRun
    from tuimove.screen.sources.watched_loop import WatchedLoop

    if os.path.exists(folder / PLAN):
        return RunGrid(FollowingThread(folder, data), glyphs, fps)
    record = run_record_in(folder)
    if record is None or record.loop is None:
        return Attached(AttachedRun(folder, data), glyphs, fps)
    if living_holder(folder) is None:
        raise DataError(f"{shown_path(folder)}: nobody trains this run now; tuimove replay shows it")
    return AttachedLoop(WatchedLoop(folder), glyphs, fps)
