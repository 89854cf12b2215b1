"""The thread that trains: loads, compiles, runs the session, and tells the screen only through the mailbox."""

from __future__ import annotations

import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tuimove.controls import Controls, StopReason
from tuimove.errors import ExitCode, TuimoveError
from tuimove.preset import Preset
from tuimove.record import Severity
from tuimove.sinks import Sink
from tuimove.sinks.finding_watch import FindingWatch
from tuimove.sinks.mailbox import Mailbox

if TYPE_CHECKING:
    from tuimove.digits import Digits
    from tuimove.record import EndRecord


@dataclass(frozen=True)
class WorkerOptions:
    """What the command line asks of a run beside its preset."""

    threads: int | None = None
    """Threads that share an epoch; all usable processors when None."""
    out: Path | None = None
    """The run folder to make, if any."""
    fail_on: Severity | None = None
    """The least severe finding that the exit code tells of; none when None."""


class TrainingThread(threading.Thread):
    """Trains one preset from loading to its end; a daemon, since a run that won't end must not hold the process."""

    def __init__(self, preset: Preset, options: WorkerOptions) -> None:
        super().__init__(name="training", daemon=True)
        self.controls, self.mailbox = Controls(), Mailbox()
        self.watch = FindingWatch(options.fail_on)
        self.preset, self._options = preset, options
        self.doing = "loading"
        """What it is busy with before the first epoch, and then `training`."""
        self.digits: Digits | None = None
        """The data, once loaded; never written to."""
        self.end: EndRecord | None = None
        self.error: BaseException | None = None
        """Why there is no end record."""

    def run(self) -> None:
        """Train, and keep whatever goes wrong for the screen to show."""
        try:
            self.end = self._train()
        except BaseException as error:
            self.error = error

    def _train(self) -> EndRecord:
        from tuimove.loading import load_while_compiling  # numba, which the first frame doesn't wait for

        self.digits = load_while_compiling(self.preset, self._note)
        from tuimove.full_batch import usable_threads
        from tuimove.session import require_memory, run_session

        require_memory(self.preset, self.digits)
        sinks: list[Sink] = [self.mailbox, self.watch]
        if self._options.out is not None:
            from tuimove.sinks.run_folder import RunFolder

            sinks.append(RunFolder(self._options.out, self.preset))
        self.doing = "training"
        threads = self._options.threads or usable_threads()
        return run_session(self.preset, self.digits, sinks, self.controls, threads)

    def _note(self, words: str) -> None:
        self.doing = "compiling kernels" if words.startswith("compiling") else "loading"

    def stop(self, reason: StopReason = "stopped") -> None:
        """Ask the run to end after the current epoch; may be called in a signal handler."""
        self.controls.stop(reason)

    def conclude(self) -> int:
        """Say how the run ended and return the exit code; raises what kept it from its end."""
        if isinstance(self.error, TuimoveError):
            raise self.error
        if self.error is not None:
            raise RuntimeError("training failed") from self.error
        if self.end is None:
            return ExitCode.FINISHED
        words = f": {self.end.reason}" if self.end.reason else f" after {self.end.epochs} epochs"
        print(f"{self.end.status}{words}", file=sys.stderr)
        return self.watch.exit_code(ExitCode.FAILED if self.end.status == "failed" else ExitCode.FINISHED)

    @property
    def out(self) -> Path | None:
        """The run's folder, if it has one."""
        return self._options.out

    @property
    def can_be_steered(self) -> bool:
        """It always can."""
        return True

    @property
    def phase(self) -> str:
        """What the run is doing, in a word or two."""
        if self.end is not None:
            return self.end.status
        if self.error is not None:
            return "failed"
        return "paused" if self.doing == "training" and self.controls.is_paused else self.doing

    @property
    def trouble(self) -> str:
        """Why the run failed, in words; empty when it didn't."""
        if self.end is not None:
            return self.end.reason or ""
        if self.error is None:
            return ""
        kind = "" if isinstance(self.error, TuimoveError) else f"{type(self.error).__name__}: "
        return f"{kind}{self.error}"

    @property
    def remark(self) -> str:
        """Nothing: a run that is trained here has only its records to tell."""
        return ""

    @property
    def pictures_missing(self) -> str:
        """Nothing: there always are pictures."""
        return ""
