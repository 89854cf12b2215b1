"""The front end of an experiment without a screen: records on stdout, progress and the table on stderr."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

from tuimove.diagnosis.finding import Severity
from tuimove.errors import ExitCode, OutputError
from tuimove.experiments.experiment import ExperimentOptions, ExperimentRun, Outcome, exit_code_of
from tuimove.experiments.preparation import pending_experiment
from tuimove.recording.reading.course import Course, begin_course
from tuimove.recording.reading.written_record import WrittenRecord
from tuimove.recording.sinks.json_lines import JsonLines
from tuimove.recording.standard_streams import STANDARD_OUTPUT
from tuimove.reports.pictures import HISTOGRAM_KINDS, MOST_LINES
from tuimove.reports.runs_table import experiment_table
from tuimove.runs.signals import hang_ups_handled, signals_handled
from tuimove.settings.sweep import Experiment

PROGRESS_SECONDS = 5.0
"""Least seconds between two lines of progress; failed runs are always reported."""


def run_experiment(
    experiment: Experiment,
    options: ExperimentOptions,
    fail_on: Severity | None,
    *,
    tells_all: bool = True,
    is_quiet: bool = False,
    on_locked: Callable[[], None] = lambda: None,
) -> ExitCode:
    """Train an experiment's runs and return the exit code; without `tells_all`, only progress is printed.

    With `is_quiet`, only failed runs are reported. `on_locked` is called once this process holds the lock of the
    experiment's folder.

    Raises
    ------
    TuimoveError
        When the data or the folder are invalid; nothing has been trained then.
    """
    narrator = Narrator(len(experiment.members), tells_all=tells_all, histograms=options.histograms, is_quiet=is_quiet)
    say = _say_nothing if is_quiet else _say
    needs_histograms = narrator.has_terminal and experiment.base.picture in HISTOGRAM_KINDS
    with pending_experiment(experiment, options, say) as pending:
        on_locked()
        is_kept = pending.options.out is not None
        with hang_ups_handled(narrator.hang_up) if is_kept else nullcontext():
            engine = pending.engine(say)
            if pending.stored_as:
                say(f"kept as {pending.stored_as}")
        asked = replace(pending.options, histograms=options.histograms or needs_histograms)
        running = ExperimentRun(experiment, asked, engine, narrator)
        narrator.on_reader_gone = running.stop

        def hear(number: int) -> None:
            if number == signal.SIGHUP and is_kept:
                narrator.hang_up()  # a stored experiment goes on without its terminal
            else:
                running.stop()

        with signals_handled(hear):
            running.train(say)
    if narrator.is_read and tells_all and not is_quiet:
        _show_table(experiment, running)
        _show_pictures(narrator.courses)
    return exit_code_of(running, fail_on, is_read=narrator.is_read)


def _show_table(experiment: Experiment, running: ExperimentRun) -> None:
    for line in experiment_table(experiment.keys, running.outcomes):
        _say(line)


def _show_pictures(courses: Sequence[Course]) -> None:
    from tuimove.reports.paper import paper_of
    from tuimove.reports.text_plots import closing_text  # imports plotext: only for a terminal

    if text := closing_text(courses, paper_of(sys.stderr)):
        _say(text)


class Narrator:
    """Writes records to standard output, and progress to standard error."""

    def __init__(self, runs: int, *, tells_all: bool = True, histograms: bool = True, is_quiet: bool = False) -> None:
        self.is_read = True
        """Whether standard output still has a reader."""
        self.has_terminal = tells_all and not is_quiet and sys.stderr.isatty()
        """Whether closing pictures can be drawn on a terminal."""
        self._tells_all, self._histograms, self._is_quiet = tells_all, histograms, is_quiet
        self._lines = JsonLines(STANDARD_OUTPUT, histograms=histograms, on_reader_gone=self._lose_reader)
        self._courses: dict[int, Course] = {}
        self.on_reader_gone: Callable[[], None] = lambda: None
        self._runs, self._done = runs, set[int]()
        self._said_at = 0.0

    def receive(self, outcome: Outcome, record: WrittenRecord) -> None:
        """Write a record, and store what the closing pictures need."""
        if self.has_terminal:
            self._keep(outcome.place, record.table)
        if self.is_read and self._tells_all:
            self._write(record if self._histograms else record.without_histograms())
        if record.table.get("record") == "end":
            self._report_progress(outcome)

    def hang_up(self) -> None:
        """Stop writing to a terminal that has closed; may be called in a signal handler."""
        self._lines.hang_up()
        self.has_terminal = False

    def _lose_reader(self) -> None:
        self.is_read = False
        self.on_reader_gone()

    @property
    def courses(self) -> list[Course]:
        """The measured runs in the experiment's order; most with only their first and last measurements."""
        return [course for _, course in sorted(self._courses.items()) if course.rows]

    def _keep(self, place: int, record: dict[str, Any]) -> None:
        if record.get("record") == "run":
            self._courses[place] = begin_course(record, str(place))
        if place in self._courses:
            self._courses[place].take(record)
            if place >= MOST_LINES:
                del self._courses[place].rows[1:-1]

    def _write(self, record: WrittenRecord) -> None:
        try:
            self._lines.append(record.line)
        except OutputError:
            self.on_reader_gone()  # ends the other runs too
            raise

    def note_failure(self, outcome: Outcome) -> None:
        """Report a failed run."""
        self._report_progress(outcome)

    def _report_progress(self, outcome: Outcome) -> None:
        self._done.add(outcome.place)
        is_over = time.monotonic() >= self._said_at + PROGRESS_SECONDS or len(self._done) == self._runs
        is_due = is_over and not self._is_quiet
        if (is_due or outcome.status == "failed") and self.is_read:
            self._said_at = time.monotonic()
            because = f": {outcome.reason}" if outcome.reason else ""
            _say(f"{len(self._done)} of {self._runs} runs; {outcome.member.preset.name} {outcome.status}{because}")


def _say_nothing(line: str) -> None:
    """Ignore a line."""


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
