"""Options of training besides the preset; imports nothing heavy, since the first frame waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tuimove.diagnosis.finding import Severity
from tuimove.recording.checkpoint import CHECKPOINT_SECONDS


@dataclass(frozen=True)
class TrainingOptions:
    """Options of a run or of an experiment, with a screen or without."""

    threads: int | None = None
    """Number of threads; all usable processors when None."""
    out: Path | None = None
    """Folder to create; one in the default place when None."""
    is_kept: bool = True
    """Whether to create a folder in the default place when `out` is None."""
    notices: tuple[str, ...] = ()
    """Messages of the command line to show before training, one a line."""
    unkept_remedy: str = ""
    """What would help where the folder in the default place can't be made, as the front end calls it."""
    moved: Path | None = None
    """New folder of the data of a resumed run; None where they have not moved."""


@dataclass(frozen=True)
class RunOptions(TrainingOptions):
    """Options of a single run."""

    fail_on: Severity | None = None
    """Least severity of a finding that sets the exit code; None for never."""
    checkpoint_seconds: float = CHECKPOINT_SECONDS
