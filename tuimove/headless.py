"""The front end without a screen: records on stdout, words on stderr, signals to controls."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from tuimove.controls import Controls
from tuimove.errors import ExitCode
from tuimove.loading import load_while_compiling
from tuimove.preset import Preset
from tuimove.record import Severity
from tuimove.sinks import Sink
from tuimove.sinks.finding_watch import FindingWatch
from tuimove.sinks.jsonl import JsonLines
from tuimove.sinks.narration import Narration
from tuimove.sinks.run_folder import RunFolder, require_unused

STANDARD_OUTPUT = 1
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

EXIT_CODES = {
    "finished": ExitCode.FINISHED,
    "stopped": ExitCode.FINISHED,
    "failed": ExitCode.FAILED,
    "interrupted": ExitCode.INTERRUPTED,
}
"""By the status of the end record; a run is `stopped` when nobody reads its records any more."""


@dataclass(frozen=True)
class HeadlessOptions:
    """What the command line asks of a headless run beside its preset."""

    threads: int | None
    """Threads that share an epoch; all usable processors when None."""
    out: Path | None
    """The run folder to make, if any."""
    histograms: bool
    """Whether records on standard output hold histograms."""
    fail_on: Severity | None
    """The least severe finding that the exit code tells of; none when None."""


def run_headless(preset: Preset, options: HeadlessOptions) -> ExitCode:
    """Train a preset without a screen and return the exit code.

    Raises
    ------
    TuimoveError
        When the data, the memory or the run folder won't do; nothing has been written then.
    """
    if options.out is not None:
        require_unused(options.out)
    controls, narration = Controls(), Narration(preset.training.epochs)
    digits = load_while_compiling(preset, narration.say)
    from tuimove.full_batch import usable_threads
    from tuimove.session import require_memory, run_session

    require_memory(preset, digits)

    def fall_silent() -> None:
        controls.stop()
        narration.silence()

    watch = FindingWatch(options.fail_on)
    sinks: list[Sink] = [narration, watch]
    sinks.append(JsonLines(STANDARD_OUTPUT, histograms=options.histograms, on_reader_gone=fall_silent))
    if options.out is not None:
        sinks.append(RunFolder(options.out, preset))
    with signals_stopping(controls):
        end = run_session(preset, digits, sinks, controls, options.threads or usable_threads())
    return watch.exit_code(EXIT_CODES[end.status])


@contextmanager
def signals_stopping(controls: Controls) -> Iterator[None]:
    """Let a signal end the run after its epoch; the second one of a kind acts as if nobody listened."""

    def interrupt(number: int, _frame: FrameType | None) -> None:
        controls.stop("interrupted")
        signal.signal(number, before[signal.Signals(number)])

    before = {number: signal.getsignal(number) for number in ENDING_SIGNALS}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:  # nohup asks for a run that outlives its terminal
            signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
