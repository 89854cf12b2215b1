"""Prepares a run: creates and locks its folder first, then loads data and compiles kernels.

Killed in between, it leaves a folder with the preset that `tuimove resume` starts. A run that can't train removes its
new folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tuimove.recording.folder.run_folder import RunFolder, open_folder
from tuimove.recording.folder.store import new_run_id
from tuimove.runs.loading import Progress, load_while_compiling
from tuimove.runs.memory import require_memory
from tuimove.runs.resumed_data import keep_data_place, require_same_data
from tuimove.runs.resumption import Resumption, open_resumption
from tuimove.runs.run_options import RunOptions
from tuimove.settings.preset import Preset
from tuimove.settings.wording import Say
from tuimove.training.image_set import Digits


@dataclass(frozen=True)
class PendingRun:
    """A run whose training has not started in this process."""

    run: str
    """The run's id."""
    preset: Preset
    run_folder: RunFolder | None
    """The run's folder, as one of its sinks and its checkpoint keeper; None where nothing is stored."""
    resumption: Resumption | None
    """What a resumed run continues from; None for a new run."""
    stored_as: str | None = None
    """Name by which a new run in the default place is found; None elsewhere."""

    def load(self, say: Say, progress: Progress | None = None) -> Digits:
        """Load the data, compile the kernels and return the data; on an error, undo what was created.

        `say` and `progress` are called as by `load_while_compiling`.

        Raises
        ------
        TuimoveError
            When the data are invalid, or the memory isn't enough.
        """
        try:
            digits = load_while_compiling(self.preset, say, progress)
            require_memory(self.preset, digits.inputs, digits.classes)
            if self.resumption is not None:
                require_same_data(self.resumption.record, self.resumption.checkpoint, digits)
                if self.resumption.is_moved:
                    keep_data_place(self.preset, self.resumption.run_folder)
        except BaseException:
            self.abandon()
            raise
        return digits

    def abandon(self) -> None:
        """Unlock the folder, and remove it if it was made for this run."""
        if self.run_folder is None:
            return
        if self.resumption is None:
            self.run_folder.discard()
        else:
            self.run_folder.close()

    def release(self) -> None:
        """Unlock the folder for another process; a thread that still trains here writes nothing more."""
        if self.run_folder is not None:
            self.run_folder.close()


def new_run(preset: Preset, options: RunOptions, say: Say) -> PendingRun:
    """Prepare a new run; raises a TuimoveError when the folder that was asked for can't be made."""
    run = new_run_id(preset.name)
    for words in options.notices:
        say(words)
    kept = open_folder(
        run,
        preset,
        options.out,
        options.checkpoint_seconds,
        say,
        is_kept=options.is_kept,
        remedy=options.unkept_remedy,
    )
    return PendingRun(run, preset, kept, None, run if kept is not None and options.out is None else None)


def resumed_run(folder: Path, options: RunOptions, say: Say) -> PendingRun:
    """Prepare a run that was cut short; raises a TuimoveError as `open_resumption` does."""
    resumption = open_resumption(folder, options.checkpoint_seconds, say, options.moved)
    return PendingRun(resumption.run, resumption.preset, resumption.run_folder, resumption)
