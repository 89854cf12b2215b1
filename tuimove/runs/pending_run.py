"""A run on its way to its first epoch, whoever begins it: its folder is there first, so that it is never lost again.

A process that is killed while data are loaded and kernels compiled leaves a folder with the run's preset, which
`tuimove resume` begins; one that can't train takes its folder back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tuimove.recording.folder.run_folder import RunFolder, open_folder
from tuimove.recording.folder.store import new_run_id
from tuimove.runs.loading import Progress, load_while_compiling
from tuimove.runs.resumed_data import keep_data_place, require_same_data
from tuimove.runs.resumption import Resumption, take_up
from tuimove.runs.run_options import RunOptions
from tuimove.settings.preset import Preset
from tuimove.training.image_set import Digits

Say = Callable[[str], None]


@dataclass(frozen=True)
class PendingRun:
    """A run before this process has trained it."""

    run: str
    """Its id."""
    preset: Preset
    kept: RunFolder | None
    """To be among the run's sinks, and its keeper."""
    resumption: Resumption | None
    """What it goes on from; None for a new run."""
    kept_as: str | None = None
    """What a new run is found by in the default place, if it is kept there."""

    def load(self, say: Say, progress: Progress | None = None) -> Digits:
        """Return the data, with the kernels compiled; where that can't be done, everything is as it was before.

        `say` and `progress` are called as by `load_while_compiling`.

        Raises
        ------
        TuimoveError
            When the data or the memory won't do.
        """
        try:
            digits = load_while_compiling(self.preset, say, progress)
            from tuimove.runs.session import require_memory  # numba, which is compiled by now

            require_memory(self.preset, digits)
            if self.resumption is not None:
                require_same_data(self.resumption.record, self.resumption.checkpoint, digits)
                if self.resumption.is_moved:
                    keep_data_place(self.preset, self.resumption.kept)
        except BaseException:
            self.give_up()
            raise
        return digits

    def give_up(self) -> None:
        """Let go of the folder; one that was made for this run is taken away again."""
        if self.kept is None:
            return
        if self.resumption is None:
            self.kept.take_back()
        else:
            self.kept.close()

    def let_go(self) -> None:
        """Leave the folder to another process: it is unlocked, and a thread that still trains here writes no more."""
        if self.kept is not None:
            self.kept.close()


def new_run(preset: Preset, options: RunOptions, say: Say) -> PendingRun:
    """Return a run that nobody has begun; raises a TuimoveError when its folder was asked for and can't be made."""
    run = new_run_id(preset.name)
    for words in options.notices:
        say(words)
    kept = open_folder(run, preset, options.out, options.checkpoint_seconds, say, is_kept=options.is_kept)
    return PendingRun(run, preset, kept, None, run if kept is not None and options.out is None else None)


def resumed_run(folder: Path, options: RunOptions, say: Say) -> PendingRun:
    """Return a run that was cut short; raises a TuimoveError as `take_up` does."""
    resumption = take_up(folder, options.checkpoint_seconds, say, options.moved)
    return PendingRun(resumption.run, resumption.preset, resumption.kept, resumption)
