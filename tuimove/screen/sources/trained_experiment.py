"""The thread that trains an experiment: loads, compiles, runs an engine, and updates the board."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tuimove.diagnosis.finding import Severity
from tuimove.errors import ExitCode
from tuimove.runs.steering.controls import StopReason
from tuimove.screen.sources.board import experiment_board
from tuimove.screen.sources.runs_source import STOP_SECONDS
from tuimove.screen.sources.source_thread import SourceThread
from tuimove.settings.data_name import BUNDLED
from tuimove.settings.sweep import Experiment

if TYPE_CHECKING:
    from tuimove.experiments.experiment import ExperimentOptions, ExperimentRun
    from tuimove.runs.loading import LoadingPhase

MOST_FAILURES = 20
EPOCH_SECONDS = 3.0
"""Seconds that a longer epoch may take to end before its runs are handed over without a checkpoint."""


class ExperimentThread(SourceThread):
    """Trains an experiment."""

    can_be_stopped = True

    def __init__(self, experiment: Experiment, options: ExperimentOptions, fail_on: Severity | None) -> None:
        super().__init__("the experiment")
        self.board = experiment_board(experiment)
        self.data = None if experiment.base.data.name == BUNDLED else Path(experiment.base.data.name)
        self._experiment, self._options, self._fail_on = experiment, options, fail_on
        self._doing: LoadingPhase | Literal["training", "interrupted", "finished"] = "loading"
        self._was_stopped = False
        self._is_detached = self._is_handed_over = False
        self._turn = threading.Lock()
        """Held at the start of the runs and while the experiment is handed over."""
        self._handing = threading.Lock()
        """Held while the experiment is handed over, so that a second request waits for the first."""
        self._running: ExperimentRun | None = None
        self.out: Path | None = None
        """The experiment's folder, once it has one."""

    def work(self) -> None:
        """Train."""
        self._train()
        self._doing = "interrupted" if self._was_stopped else "finished"

    def _train(self) -> None:
        from tuimove.experiments.experiment import ExperimentRun
        from tuimove.experiments.preparation import pending_experiment  # imports numba: not before the first frame

        with pending_experiment(self._experiment, self._options, self._say_of_training) as pending:
            self._options, self.out = pending.options, pending.options.out
            engine = pending.engine(self.words.append, self._note_phase)
            running = ExperimentRun(self._experiment, self._options, engine, self.board)
            with self._turn:
                if self._is_handed_over:
                    return
                self._running, self._doing = running, "training"
            if self._was_stopped:  # `stop` was called before there were any runs
                running.stop()
            running.train(self.words.append)

    def _say_of_training(self, words: str) -> None:
        """Show messages about workers, once the runs have started."""
        if self._running is not None:
            self.words.append(words)

    def _note_phase(self, phase: LoadingPhase, _words: str) -> None:
        """Show the phase of loading."""
        self._doing = phase

    def stop(self, reason: StopReason = "stopped") -> None:
        """End the runs after the current epoch; does nothing once all have ended."""
        if self._was_stopped or not self.is_alive():
            return
        self._was_stopped, self._is_detached = True, reason == "detached"
        if self._running is not None:
            self._running.stop()

    def hand_over(self, say: Callable[[str], None]) -> None:
        """Have another process train the unfinished runs of a detached experiment."""
        with self._handing:
            if self._is_detached and not self._is_handed_over:
                self._hand_over(say)

    def _hand_over(self, say: Callable[[str], None]) -> None:
        from tuimove.recording.folder.run_lock import release_own
        from tuimove.runs.background import hand_over

        if self.out is None:
            return
        with self._turn:
            self._is_handed_over = True
        if not self.loses_unfinished and self.is_alive():
            self.join(EPOCH_SECONDS)
        if self._running is not None and self.is_alive():
            self._running.stop()  # a second call ends runs within an epoch, without a checkpoint
            self.join(STOP_SECONDS)
        release_own(self.out)
        hand_over(self.out, self._options_of_resume(), say, self._options.moved)

    @property
    def loses_unfinished(self) -> bool:
        """Whether unfinished runs begin anew where they are handed over: Dask workers keep no checkpoints."""
        return self._options.dask is not None

    def _options_of_resume(self) -> list[str]:
        if self._options.dask is not None:
            return ["--dask", self._options.dask]
        return ["--threads", str(self._options.threads)] if self._options.threads else []

    def conclude(self) -> int:
        """Print the experiment's table, and return the exit code as without a screen."""
        if self._is_handed_over:
            return ExitCode.FINISHED
        code = super().conclude()
        if self._running is None:
            return ExitCode.INTERRUPTED if self._was_stopped else code
        for line in self._closing_lines(self._running):
            print(line, file=sys.stderr)
        from tuimove.experiments.experiment import exit_code_of

        return exit_code_of(self._running, self._fail_on)

    def _closing_lines(self, running: ExperimentRun) -> Iterator[str]:
        from tuimove.reports.runs_table import experiment_table

        failed = [outcome for outcome in running.outcomes if outcome.status == "failed"]
        for outcome in failed[:MOST_FAILURES]:
            yield f"{outcome.member.preset.name} failed: {outcome.reason}"
        yield from experiment_table(self._experiment.keys, running.outcomes)

    @property
    def role(self) -> str:
        """It trains in this process."""
        return "here"

    @property
    def trains_here(self) -> bool:
        """Whether it trains, and hasn't been asked to stop."""
        return self.is_alive() and not self._was_stopped

    @property
    def is_unkept(self) -> bool:
        """Whether the user has asked to store nothing."""
        return not self._options.is_kept and self._options.out is None

    @property
    def can_be_handed_over(self) -> bool:
        """Whether the runs are kept, so that another process can go on with them."""
        return self.out is not None

    @property
    def phase(self) -> str:
        """What the experiment is doing, in a word or two."""
        if self.error is not None:
            return "failed"
        return "stopping" if self._was_stopped and self.is_alive() else self._doing

    def folder_of(self, place: int) -> Path | None:
        """Return the folder of a run, None where runs aren't stored."""
        from tuimove.experiments.experiment import run_folder

        return run_folder(self._options, place)
