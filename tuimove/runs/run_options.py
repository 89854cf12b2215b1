"""What is asked of training beside the preset; light, for the first frame waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tuimove.diagnosis.finding import Severity
from tuimove.recording.checkpoint import CHECKPOINT_SECONDS


@dataclass(frozen=True)
class TrainingOptions:
    """What the command line asks of a run or of an experiment, with a screen or without."""

    threads: int | None = None
    """Threads in all; all usable processors when None."""
    out: Path | None = None
    """The folder to make; one in the default place when None."""
    is_kept: bool = True
    """Whether there is a folder where none was asked for."""
    notices: tuple[str, ...] = ()
    """What the command line has to say beforehand, each on a line of its own."""
    moved: Path | None = None
    """The folder that the data of what is resumed are in now, if not where it began with them."""


@dataclass(frozen=True)
class RunOptions(TrainingOptions):
    """What the command line asks of a run."""

    fail_on: Severity | None = None
    """The least severe finding that the exit code tells of; none when None."""
    checkpoint_seconds: float = CHECKPOINT_SECONDS
