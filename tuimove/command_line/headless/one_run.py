"""The front end without a screen: records on stdout, words on stderr, signals to controls."""

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
from tuimove.runs.signals import hang_ups_heard, signals_stopping
from tuimove.runs.steering.controls import Controls
from tuimove.settings.preset import Preset

EXIT_CODES = {
    "finished": ExitCode.FINISHED,
    "stopped": ExitCode.FINISHED,
    "failed": ExitCode.FAILED,
    "interrupted": ExitCode.INTERRUPTED,
}
"""By the status of the end record; a run is `stopped` when nobody reads its records any more."""


@dataclass(frozen=True)
class HeadlessOptions(RunOptions):
    """What the command line asks of a headless run beside its preset."""

    histograms: bool = False
    """Whether records on standard output hold histograms."""
    is_quiet: bool = False
    """Whether words are said of failures only."""


def run_headless(preset: Preset, options: HeadlessOptions) -> ExitCode:
    """Train a preset without a screen and return the exit code.

    Raises
    ------
    TuimoveError
        When the data, the memory or the run folder won't do; there is no folder then.
    """
    narration = Narration(preset.training.epochs, is_quiet=options.is_quiet)
    return _train(new_run(preset, options, narration.say), narration, options)


def resume_headless(folder: Path, options: HeadlessOptions, on_taken: Callable[[], None]) -> ExitCode:
    """Go on with a run that was cut short, without a screen, and return the exit code.

    Standard output gets the run's own record and then whatever hadn't been recorded. `on_taken` is called once this
    process holds the run's lock.

    Raises
    ------
    TuimoveError
        When there is no such run, it can't go on, or another process is at it.
    """
    narration = Narration(0, is_quiet=options.is_quiet)
    pending = resumed_run(folder, options, narration.say)
    on_taken()
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
        if pending.kept is None:
            controls.stop("interrupted")

    def recall(records: Iterable[PastRecord]) -> None:
        narration.go_on_from(records, pending.preset.training.epochs)
        if pending.resumption and pending.resumption.record:
            lines.write(pending.resumption.record)

    with hang_ups_heard(hang_up):
        digits = pending.load(narration.say)
    from tuimove.runs.loaded_run import FrontEnd, train_loaded  # numba, which is compiled by now

    front_end = FrontEnd(controls, [narration, lines], watch, narration.say, recall, is_steered_here=False)
    with signals_stopping(controls, hang_up):
        end = train_loaded(pending, digits, front_end, options.threads)
    return watch.exit_code(EXIT_CODES[end.status] if end else ExitCode.FINISHED)
