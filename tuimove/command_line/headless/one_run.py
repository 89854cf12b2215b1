"""Runs one preset without a screen: records on stdout, messages on stderr, signals as requests to the run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tuimove.command_line.headless.narration import Narration
from tuimove.errors import ExitCode
from tuimove.recording.sinks.finding_watch import FindingWatch
from tuimove.recording.sinks.json_lines import JsonLines
from tuimove.recording.standard_streams import STANDARD_OUTPUT
from tuimove.runs.past import PastRecord
from tuimove.runs.pending_run import PendingRun, new_run, resumed_run
from tuimove.runs.run_options import RunOptions
from tuimove.runs.signals import hang_ups_handled, signals_stopping
from tuimove.runs.steering.controls import Controls
from tuimove.settings.preset import Preset

EXIT_CODES = {
    "finished": ExitCode.FINISHED,
    "stopped": ExitCode.FINISHED,
    "failed": ExitCode.FAILED,
    "interrupted": ExitCode.INTERRUPTED,
}
"""Exit codes by status of the end record; a run is `stopped` when the reader of its records has closed the stream."""


@dataclass(frozen=True)
class HeadlessOptions(RunOptions):
    """Options of a run without a screen."""

    histograms: bool = False
    """Whether records on standard output hold histograms."""
    is_quiet: bool = False
    """Whether only failures are printed on standard error."""


def run_headless(preset: Preset, options: HeadlessOptions) -> ExitCode:
    """Train a preset without a screen and return the exit code.

    Raises
    ------
    TuimoveError
        When the data are invalid, the memory isn't enough, or the folder can't be made; no folder is left then.
    """
    narration = Narration(preset.training.epochs, is_quiet=options.is_quiet)
    return _train(new_run(preset, options, narration.say), narration, options)


def resume_headless(folder: Path, options: HeadlessOptions, on_locked: Callable[[], None]) -> ExitCode:
    """Resume a run without a screen and return the exit code.

    Standard output gets the run record and then new records. `on_locked` is called once this process holds the lock.

    Raises
    ------
    TuimoveError
        When there is no such run, it can't be resumed, or another process trains it.
    """
    narration = Narration(0, is_quiet=options.is_quiet)
    pending = resumed_run(folder, options, narration.say)
    on_locked()
    return _train(pending, narration, options)


def _train(pending: PendingRun, narration: Narration, options: HeadlessOptions) -> ExitCode:
    controls, watch = Controls(), FindingWatch(options.fail_on)

    def fall_silent() -> None:
        controls.stop()
        narration.silence()

    lines = JsonLines(STANDARD_OUTPUT, histograms=options.histograms, on_reader_gone=fall_silent)

    def hang_up() -> None:
        lines.hang_up()
        narration.hang_up()
        if pending.run_folder is None:
            controls.stop("interrupted")

    def recall(records: Iterable[PastRecord]) -> None:
        narration.go_on_from(records, pending.preset.training.epochs)
        if pending.resumption and pending.resumption.record:
            lines.write(pending.resumption.record)

    with hang_ups_handled(hang_up):
        digits = pending.load(narration.say)
    from tuimove.runs.loaded_run import FrontEnd, train_loaded  # imports numba: the kernels are compiled by now

    front_end = FrontEnd(controls, [narration, lines], watch, narration.say, recall, is_steered_here=False)
    with signals_stopping(controls, hang_up):
        end = train_loaded(pending, digits, front_end, options.threads)
    return watch.exit_code(EXIT_CODES[end.status] if end else ExitCode.FINISHED)
