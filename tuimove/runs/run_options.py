"""What is asked of a run beside its preset; light, for the first frame waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tuimove.diagnosis.finding import Severity
from tuimove.recording.checkpoint import CHECKPOINT_SECONDS


@dataclass(frozen=True)
class RunOptions:
    """What the command line asks of a run, with a dashboard or without."""

    threads: int | None = None
    """Threads that share an epoch; all usable processors when None."""
    out: Path | None = None
    """The run folder to make; one in the default place when None."""
    fail_on: Severity | None = None
    """The least severe finding that the exit code tells of; none when None."""
    is_kept: bool = True
    """Whether there is a run folder at all."""
    checkpoint_seconds: float = CHECKPOINT_SECONDS
    notices: tuple[str, ...] = ()
    """What the command line has to say of the run, each on a line of its own."""
    moved: Path | None = None
    """The folder that the data of a resumed run are in now, if not where it began with them."""
