"""The training thread: loads, compiles, runs the session, and reports to the screen only through the mailbox."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tuimove.errors import ExitCode, harmless
from tuimove.recording.sinks.finding_watch import FindingWatch
from tuimove.recording.sinks.mailbox import Mailbox
from tuimove.runs.run_options import RunOptions
from tuimove.runs.steering.controls import Controls, StopReason
from tuimove.screen.sources.source_thread import SourceThread
from tuimove.settings.preset import Preset

if TYPE_CHECKING:
    from tuimove.recording.record import EndRecord, RunRecord
    from tuimove.runs.loading import LoadingPhase
    from tuimove.runs.past import PastRecord
    from tuimove.runs.pending_run import PendingRun
    from tuimove.training.image_set import Digits


class TrainingThread(SourceThread):
    """Trains one preset from loading to its end."""

    described: RunRecord | None = None

    def __init__(self, preset: Preset, options: RunOptions, resumed: Path | None = None) -> None:
        """Train a preset, or resume the run in a folder, whose preset it must be."""
        super().__init__("training")
        self.controls, self.mailbox = Controls(), Mailbox()
        self.watch = FindingWatch(options.fail_on)
        self.preset, self._options, self._resumed = preset, options, resumed
        self.doing: LoadingPhase | Literal["training"] = "loading"
        """Phase of loading, and then `training`."""
        self.digits: Digits | None = None
        """The data, once loaded; never written to."""
        self.out: Path | None = resumed
        """The run's folder, once it has one."""
        self._pending: PendingRun | None = None
        self._turn = threading.RLock()
        """Held at the start, stop and hand-over of the run, so that a run stopped before its start leaves no folder."""
        self._handing = threading.Lock()
        """Held while the run is handed over, so that a second request waits for the first."""
        self.end: EndRecord | None = None
        self._is_handed_over = False
        """Whether another process has taken the folder over."""

    def work(self) -> None:
        """Train."""
        self.end = self._train()

    def _train(self) -> EndRecord | None:
        from tuimove.runs.pending_run import new_run, resumed_run  # imports numba: not before the first frame

        say, resumed = self.words.append, self._resumed
        with self._turn:
            if self._is_handed_over:
                return None
            pending = resumed_run(resumed, self._options, say) if resumed else new_run(self.preset, self._options, say)
            self._pending, self.out = pending, pending.run_folder.folder if pending.run_folder else None
        self.digits = pending.load(say, self._note_phase)
        from tuimove.runs.loaded_run import FrontEnd, train_loaded

        if not self._begins(pending):
            return None
        front_end = FrontEnd(self.controls, [self.mailbox], self.watch, say, self._recall, is_steered_here=True)
        return train_loaded(pending, self.digits, front_end, self._options.threads)

    def _recall(self, records: Iterable[PastRecord]) -> None:
        """Show the records from before the run was resumed, as fast as the screen takes them."""
        for past in records:
            if record := past.read():
                self.mailbox.write_patiently(record, lambda: self.controls.stop_reason is not None)

    def _begins(self, pending: PendingRun) -> bool:
        """Return whether the run is to start, or was stopped before."""
        with self._turn:
            if self._is_handed_over:
                return False
            if self.controls.stop_reason in (None, "detached"):
                self.doing = "training"
                return True
            pending.abandon()
            return False

    def hand_over(self, say: Callable[[str], None]) -> None:
        """Have another process resume a detached run."""
        with self._handing:
            self._hand_over(say)

    def _hand_over(self, say: Callable[[str], None]) -> None:
        from tuimove.runs.background import hand_over

        if (
            self._is_handed_over
            or self.out is None
            or self.controls.stop_reason != "detached"
            or self.end is not None
            or self.error is not None
        ):
            return
        with self._turn:
            self._is_handed_over = True
            if self._pending:
                self._pending.release()
        options = ["--checkpoint-every", str(max(1, round(self._options.checkpoint_seconds)))]
        options += ["--threads", str(self._options.threads)] if self._options.threads else []
        hand_over(self.out, options, say, self._options.moved if self._resumed else None)

    def _note_phase(self, phase: LoadingPhase, _words: str) -> None:
        """Show the phase of loading."""
        self.doing = phase

    def close(self) -> None:
        """Do nothing: training goes on until `stop`."""

    def stop(self, reason: StopReason = "stopped") -> None:
        """End the run after the current epoch; one that isn't stored can't be detached, and is interrupted."""
        self.controls.stop("interrupted" if reason == "detached" and self.out is None else reason)
        with self._turn:
            if self._pending and self.doing != "training" and self.controls.stop_reason != "detached":
                self._pending.abandon()

    def conclude(self) -> int:
        """Print how the run ended and return the exit code; raises the thread's error."""
        if self._is_handed_over:
            return ExitCode.FINISHED
        if self.end is None:
            return super().conclude()
        words = f": {self.end.reason}" if self.end.reason else f" after {self.end.epochs} epochs"
        kept = f", kept as {harmless(self.out.name)}" if self.out is not None else ""
        print(f"{self.end.status}{words}{kept}", file=sys.stderr)
        return self.watch.exit_code(ExitCode.FAILED if self.end.status == "failed" else ExitCode.FINISHED)

    @property
    def role(self) -> str:
        """It trains in this process."""
        return "here"

    @property
    def trains_here(self) -> bool:
        """Whether it trains, and hasn't been asked to stop."""
        return self.is_alive() and self.end is None and self.controls.stop_reason is None

    @property
    def is_unkept(self) -> bool:
        """Whether the user has asked to store nothing."""
        return not self._options.is_kept and self._options.out is None

    @property
    def can_be_handed_over(self) -> bool:
        """Whether the run is kept, so that another process can go on with it."""
        return self.out is not None

    @property
    def can_be_steered(self) -> bool:
        """Always True."""
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
        """Why the run failed; empty when it didn't."""
        return (self.end.reason or "") if self.end is not None else super().trouble

    @property
    def pictures_missing(self) -> str:
        """Always empty: there are pictures."""
        return ""
