"""The front end of an experiment without a screen: records on stdout, progress and the table on stderr."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from tuimove.errors import ExitCode
from tuimove.experiment import Engine, ExperimentOptions, ExperimentRun, Outcome, prepare_folder
from tuimove.headless import ENDING_SIGNALS, STANDARD_OUTPUT
from tuimove.loading import load_while_compiling
from tuimove.record import SEVERITIES, Severity
from tuimove.sinks.jsonl import write_line
from tuimove.sweep import Experiment
from tuimove.tables import experiment_table

TOLD_SECONDS = 5.0
"""Least time between two lines of progress; a run that fails is always told of."""


def run_experiment(experiment: Experiment, options: ExperimentOptions, fail_on: Severity | None) -> ExitCode:
    """Train an experiment's runs and return the exit code.

    Raises
    ------
    TuimoveError
        When the data or the folder won't do; nothing has been trained then.
    """
    narrator = Narrator(len(experiment.members))
    with ready_engine(experiment, options, _say) as engine:
        running = ExperimentRun(experiment, options, engine, narrator)
        narrator.on_reader_gone = running.stop
        with _ending_by_signal(running):
            running.train()
    for line in experiment_table(experiment.keys, running.outcomes) if narrator.is_read else ():
        _say(line)
    return exit_code_of(running, fail_on, is_read=narrator.is_read)


@contextmanager
def ready_engine(experiment: Experiment, options: ExperimentOptions, say: Callable[[str], None]) -> Iterator[Engine]:
    """Prepare the folder, the data and the kernels, and give what trains the runs, with a screen or without.

    Mistakes in the data, and compiling, come once and first.
    """
    if options.out is not None:
        prepare_folder(options.out, experiment)
    load_while_compiling(experiment.base, say)
    from tuimove.full_batch import usable_threads
    from tuimove.worker_processes import WorkerProcesses

    yield WorkerProcesses(options.threads or usable_threads())


class Narrator:
    """Writes records to standard output, and says how many runs are done."""

    def __init__(self, runs: int) -> None:
        self.is_read = True
        """Whether anybody still reads standard output."""
        self.on_reader_gone: Callable[[], None] = lambda: None
        self._runs, self._done = runs, set[int]()
        self._said_at = 0.0

    def take(self, outcome: Outcome, line: str, record: dict[str, Any]) -> None:
        """Write a record."""
        if self.is_read:
            try:
                write_line(STANDARD_OUTPUT, line)
            except BrokenPipeError:
                self.is_read = False
                self.on_reader_gone()
        if record.get("record") == "end":
            self._tell_progress(outcome)

    def note_failure(self, outcome: Outcome) -> None:
        """Say that a run has failed."""
        self._tell_progress(outcome)

    def _tell_progress(self, outcome: Outcome) -> None:
        self._done.add(outcome.place)
        is_due = time.monotonic() >= self._said_at + TOLD_SECONDS or len(self._done) == self._runs
        if (is_due or outcome.status == "failed") and self.is_read:
            self._said_at = time.monotonic()
            because = f": {outcome.reason}" if outcome.reason else ""
            _say(f"{len(self._done)} of {self._runs} runs; {outcome.member.preset.name} {outcome.status}{because}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@contextmanager
def _ending_by_signal(running: ExperimentRun) -> Iterator[None]:
    """Let a signal stop the experiment; what is queued is not begun."""

    def end(_number: int, _frame: FrameType | None) -> None:
        running.stop()

    before = {number: signal.getsignal(number) for number in ENDING_SIGNALS}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def exit_code_of(running: ExperimentRun, fail_on: Severity | None, *, is_read: bool = True) -> ExitCode:
    """Return how the experiment ended: an interruption before a failed run, that before a finding."""
    if running.is_stopped:
        return ExitCode.INTERRUPTED if is_read else ExitCode.FINISHED
    if any(outcome.status == "failed" for outcome in running.outcomes):
        return ExitCode.FAILED
    least = SEVERITIES.index(fail_on) if fail_on else len(SEVERITIES)
    return ExitCode.FOUND if any(outcome.worst >= least for outcome in running.outcomes) else ExitCode.FINISHED
