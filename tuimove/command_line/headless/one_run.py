"""The front end without a screen: records on stdout, words on stderr, signals to controls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tuimove.command_line.headless.narration import Narration
from tuimove.errors import ExitCode, OutputError
from tuimove.recording.sinks.finding_watch import FindingWatch
from tuimove.recording.sinks.json_lines import JsonLines
from tuimove.recording.sinks.sink import Sink
from tuimove.recording.standard_streams import STANDARD_OUTPUT
from tuimove.runs.pending_run import PendingRun, new_run, resumed_run
from tuimove.runs.run_options import RunOptions
from tuimove.runs.signals import hang_ups_heard, signals_stopping
from tuimove.runs.steering.control_server import ControlServer
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
    kept, resumption = pending.kept, pending.resumption
    controls, watch = Controls(), FindingWatch(options.fail_on)

    def fall_silent() -> None:
        controls.stop()
        narration.silence()

    lines = JsonLines(STANDARD_OUTPUT, histograms=options.histograms, on_reader_gone=fall_silent)

    def hang_up() -> None:
        lines.hang_up()
        narration.hang_up()
        if kept is None:
            controls.stop("interrupted")

    with hang_ups_heard(hang_up):
        digits = pending.load(narration.say)
    if pending.kept_as:
        narration.say(f"kept as {pending.kept_as}")
    from tuimove.runs.session import run_session
    from tuimove.training.full_batch import usable_threads

    sinks: list[Sink] = [narration, watch, lines]
    if resumption is not None:
        narration.go_on_from(resumption.records(), resumption.preset.training.epochs)
        _tell_beginning(pending, lines)
        for record in resumption.records():
            watch.write(record)
    if kept is not None:
        sinks += [ControlServer(kept.folder, controls, is_steered_here=False), kept]
    threads = options.threads or usable_threads()
    with signals_stopping(controls, hang_up):
        end = run_session(
            pending.preset, digits, sinks, controls, threads, keeper=kept, run=pending.run, resumption=resumption
        )
    return watch.exit_code(EXIT_CODES[end.status] if end else ExitCode.FINISHED)


def _tell_beginning(pending: PendingRun, lines: JsonLines) -> None:
    """Write a resumed run's own record, and let go of its folder where that can't be done."""
    if pending.resumption is None or pending.resumption.record is None:
        return
    try:
        lines.write(pending.resumption.record)
    except OutputError:
        pending.give_up()
        raise
