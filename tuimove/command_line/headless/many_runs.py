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
from tuimove.runs.signals import hang_ups_heard, signals_heard
from tuimove.settings.sweep import Experiment

TOLD_SECONDS = 5.0
"""Least time between two lines of progress; a run that fails is always told of."""


def run_experiment(
    experiment: Experiment,
    options: ExperimentOptions,
    fail_on: Severity | None,
    *,
    tells_all: bool = True,
    is_quiet: bool = False,
    on_taken: Callable[[], None] = lambda: None,
) -> ExitCode:
    """Train an experiment's runs and return the exit code; unless it should tell all, it only says how far it is.

    If it should be quiet it says nothing but which runs have failed. `on_taken` is called once this process holds the
    lock of the experiment's folder.

    Raises
    ------
    TuimoveError
        When the data or the folder won't do; nothing has been trained then.
    """
    narrator = Narrator(len(experiment.members), tells_all=tells_all, histograms=options.histograms, is_quiet=is_quiet)
    say = _say_nothing if is_quiet else _say
    needs_histograms = narrator.has_terminal and experiment.base.picture in HISTOGRAM_KINDS
    with pending_experiment(experiment, options, say) as pending:
        on_taken()
        is_kept = pending.options.out is not None
        with hang_ups_heard(narrator.hang_up) if is_kept else nullcontext():
            engine = pending.engine(say)
            if pending.kept_as:
                say(f"kept as {pending.kept_as}")
        asked = replace(pending.options, histograms=options.histograms or needs_histograms)
        running = ExperimentRun(experiment, asked, engine, narrator)
        narrator.on_reader_gone = running.stop

        def hear(number: int) -> None:
            if number == signal.SIGHUP and is_kept:
                narrator.hang_up()  # and go on: what is kept outlives its terminal
            else:
                running.stop()

        with signals_heard(hear):
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
    from tuimove.reports.text_plots import closing_text  # plotext, which only a terminal needs

    if text := closing_text(courses, paper_of(sys.stderr)):
        _say(text)


class Narrator:
    """Writes records to standard output, and says how many runs are done."""

    def __init__(self, runs: int, *, tells_all: bool = True, histograms: bool = True, is_quiet: bool = False) -> None:
        self.is_read = True
        """Whether anybody still reads standard output."""
        self.has_terminal = tells_all and not is_quiet and sys.stderr.isatty()
        """Whether there is one to draw closing pictures on."""
        self._tells_all, self._histograms, self._is_quiet = tells_all, histograms, is_quiet
        self._lines = JsonLines(STANDARD_OUTPUT, histograms=histograms, on_reader_gone=self._lose_reader)
        self._courses: dict[int, Course] = {}
        self.on_reader_gone: Callable[[], None] = lambda: None
        self._runs, self._done = runs, set[int]()
        self._said_at = 0.0

    def take(self, outcome: Outcome, record: WrittenRecord) -> None:
        """Write a record, and keep what the closing pictures need."""
        if self.has_terminal:
            self._keep(outcome.place, record.table)
        if self.is_read and self._tells_all:
            self._write(record if self._histograms else record.without_histograms())
        if record.table.get("record") == "end":
            self._tell_progress(outcome)

    def hang_up(self) -> None:
        """Write no more to a terminal that has gone; may be called in a signal handler."""
        self._lines.hang_up()
        self.has_terminal = False

    def _lose_reader(self) -> None:
        self.is_read = False
        self.on_reader_gone()

    @property
    def courses(self) -> list[Course]:
        """The runs that have been measured, in the experiment's order; of most no more than the start and the end."""
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
            self.on_reader_gone()  # the other runs end too
            raise

    def note_failure(self, outcome: Outcome) -> None:
        """Say that a run has failed."""
        self._tell_progress(outcome)

    def _tell_progress(self, outcome: Outcome) -> None:
        self._done.add(outcome.place)
        is_over = time.monotonic() >= self._said_at + TOLD_SECONDS or len(self._done) == self._runs
        is_due = is_over and not self._is_quiet
        if (is_due or outcome.status == "failed") and self.is_read:
            self._said_at = time.monotonic()
            because = f": {outcome.reason}" if outcome.reason else ""
            _say(f"{len(self._done)} of {self._runs} runs; {outcome.member.preset.name} {outcome.status}{because}")


def _say_nothing(line: str) -> None:
    """Leave out what isn't wanted."""


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
