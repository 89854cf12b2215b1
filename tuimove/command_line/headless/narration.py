"""Messages of a run without a screen on standard error: start, progress, speed, and the closing table."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from tuimove.command_line.headless.progress_bar import ProgressBar, clock_time
from tuimove.diagnosis.matrix_measurement import MatrixMeasurement
from tuimove.recording.reading.course import Course, begin_course
from tuimove.recording.record import EndRecord, FindingRecord, MeasurementRecord, Record, RunRecord
from tuimove.recording.sinks.sink import Sink
from tuimove.reports.paper import paper_of
from tuimove.runs.past import PastRecord
from tuimove.settings.wording import counted

PLAIN_SECONDS = 5.0
"""Least seconds between two lines of progress without a terminal."""

MOST_PAST = 1000
"""Most measurements stored for the closing pictures; beyond, every second one is dropped."""


class Narration(Sink):
    """Prints a run's progress, and a table at its end."""

    def __init__(self, epochs: int, clock: Callable[[], float] = time.monotonic, *, is_quiet: bool = False) -> None:
        """Print everything or, with `is_quiet`, only failures."""
        self._epochs = epochs
        self._clock = clock
        self._said_at = self._began_at = clock()
        self._is_quiet, self._is_silent = is_quiet, False
        self._began_epoch: int | None = None
        self._course = Course("")
        self._bar: ProgressBar | None = None

    def say(self, words: str) -> None:
        """Print a line to standard error, unless only failures are to be printed."""
        if not self._is_quiet:
            self._print(words)

    def _print(self, words: str) -> None:
        if not self._is_silent:
            self._erase_bar()
            try:
                print(words, file=sys.stderr, flush=True)
            except OSError:
                self._is_silent = True  # the terminal has closed

    def hang_up(self) -> None:
        """Stop writing to a terminal that has closed; may be called in a signal handler."""
        self._is_silent = self._is_silent or sys.stderr.isatty()

    def silence(self) -> None:
        """Stop printing."""
        self._erase_bar()
        self._is_silent = True

    def go_on_from(self, records: Iterable[PastRecord], epochs: int) -> None:
        """Read what a resumed run has recorded, and print the epoch at which it continues."""
        self._epochs = epochs
        for record in records:
            if record.run:
                self._introduce(record.run)
            elif record.numbers is not None:
                self._course.take(record.table, record.numbers)
                self._thin_past()
        if latest := self._course.last_measurement():
            self.say(f"goes on from about epoch {latest.epoch}")
        self._said_at = self._began_at = self._clock()

    def write(self, record: Record) -> None:
        """Store measurements; print the start and the end."""
        self._erase_bar()  # other output to the same terminal then starts on an empty line
        if isinstance(record, RunRecord):
            self._said_at = self._began_at = self._clock()
            self._introduce(record)
        elif isinstance(record, MeasurementRecord):
            self._course.observe(record)
            self._thin_past()
        elif isinstance(record, FindingRecord):
            self.say(f"{record.severity}: {record.in_words()}")
        elif isinstance(record, EndRecord):
            self._report_end(record)

    def _introduce(self, record: RunRecord) -> None:
        self._course = begin_course(record.as_dict(), record.run)
        self.say(_introduction(record))

    def _thin_past(self) -> None:
        if len(self._course.rows) > MOST_PAST:
            del self._course.rows[1::2]

    def advance(self, epoch: int) -> None:
        """Show progress: a bar on a terminal, else a line at most every five seconds."""
        if self._is_silent or self._is_quiet:
            return
        self._began_epoch = epoch if self._began_epoch is None else self._began_epoch
        if sys.stderr.isatty():
            self._move_bar(epoch)
        elif (now := self._clock()) - self._said_at >= PLAIN_SECONDS:
            self._said_at = now
            self.say(self._progress_line(epoch, now - self._began_at))

    def close(self) -> None:
        """Erase the bar."""
        self._erase_bar()

    def _move_bar(self, epoch: int) -> None:
        if self._bar is None:
            self._bar = ProgressBar(sys.stderr, self._epochs, self._began_epoch or 0)
        try:
            self._bar.move(epoch, self._accuracy())
        except (OSError, ValueError):
            self._is_silent = True  # the terminal has closed, or can't encode the words

    def _erase_bar(self) -> None:
        if self._bar is not None and not self._is_silent:
            with suppress(OSError, ValueError):
                self._bar.erase()

    def _accuracy(self) -> str:
        return f"test accuracy {self._course.end('test_accuracy'):.4f}" if self._course.rows else ""

    def _progress_line(self, epoch: int, seconds: float) -> str:
        rate = (epoch - (self._began_epoch or 0)) / seconds if seconds else 0.0
        left = f"{_duration((self._epochs - epoch) / rate)} left" if rate else "time left unknown"
        return f"epoch {epoch}/{self._epochs}, {rate:.1f} epochs/s, {left}, {self._accuracy()}"

    def _report_end(self, end: EndRecord) -> None:
        self._erase_bar()
        because = f": {end.reason}" if end.reason else ""
        tell = self._print if end.status == "failed" else self.say
        tell(f"{end.status} after {end.epochs} epochs in {end.seconds:.1f} s{because}")
        first, last = self._course.first_measurement(), self._course.last_measurement()
        if first and last:
            for line in _closing_table(first, last):
                self.say(line)
        if not self._is_silent and not self._is_quiet and sys.stderr.isatty():
            self._show_pictures()

    def _show_pictures(self) -> None:
        from tuimove.reports.text_plots import closing_text  # imports plotext: only for a terminal

        if text := closing_text([self._course], paper_of(sys.stderr)):
            self.say(text)


def _duration(seconds: float) -> str:
    """Format a duration in seconds, or as a clock does from about a minute on."""
    return f"{seconds:.0f} s" if seconds < 100 else clock_time(seconds)


def _introduction(record: RunRecord) -> str:
    preset, data = record.preset, record.data
    network, training = preset["network"], preset["training"]
    parts = (
        f"{data['inputs']}-{network['hidden']}-{data['classes']}",
        network["activation"],
        f"{network['init']} start",
        f"learning rate {training['learning_rate']:g}",
        f"{training['epochs']} epochs over {data['train']} images",
        f"seed {training['seed']}",
        counted(record.threads, "thread"),
    )
    return f"{preset['title']}: {', '.join(parts)}"


def _closing_table(first: MeasurementRecord, last: MeasurementRecord) -> Iterator[str]:
    """Yield the lines of a table: each matrix at the end beside its start, then loss and accuracies."""
    from tuimove.reports.text_table import table_lines  # after the training: its import takes 5 ms

    names = [name for name in last.matrices if name in first.matrices]
    rows = [[f"epoch {last.epoch}", "distance", "norm", "at start", "p-value", "at start"]]
    rows += [_row(name, first.matrices[name], last.matrices[name]) for name in names]
    yield from table_lines(rows, left=1)
    yield (
        f"training accuracy {last.train_accuracy:.4f} (at start {first.train_accuracy:.4f}), "
        f"loss {last.loss:.4f} (at start {first.loss:.4f})"
    )
    yield f"test accuracy     {last.test_accuracy:.4f} (at start {first.test_accuracy:.4f})"


def _row(name: str, start: MatrixMeasurement, end: MatrixMeasurement) -> list[str]:
    numbers = (f"{number:.4f}" for number in (end.distance, end.norm, start.norm))
    return [name, *numbers, _p_value(end), _p_value(start)]


def _p_value(matrix: MatrixMeasurement) -> str:
    return "-" if math.isnan(matrix.p_value) else f"{matrix.p_value:.3g}"
