"""Many runs from one preset: what each has come to, in groups that an engine trains, wherever it does so.

Knows neither terminal nor network: an engine (processes here, or a Dask cluster) trains groups of runs and gives their
records back; a watcher (standard output, or the dashboard) is told of them. With a folder, runs that have finished are
kept and not trained again.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tuimove.diagnosis.finding import SEVERITIES, Severity
from tuimove.errors import ExitCode
from tuimove.recording.reading.json_table import json_table
from tuimove.recording.reading.parsing import RECORDS
from tuimove.recording.reading.standing import RunRow
from tuimove.recording.reading.written_record import WrittenRecord
from tuimove.runs.run_options import TrainingOptions
from tuimove.settings.files import open_regular
from tuimove.settings.sweep import Experiment, Member


@dataclass(frozen=True)
class ExperimentOptions(TrainingOptions):
    """What the command line asks of an experiment; the runs' folders are kept in its own."""

    histograms: bool = False
    """Whether the records that a watcher is told of hold histograms."""
    dask: str | None = None
    """Address or file of a Dask scheduler whose workers train the runs; processes of this machine when None."""
    is_resumed: bool = False
    """Whether the folder is known to be the experiment's, wherever its data are now."""


@dataclass
class Outcome(RunRow):
    """How one run came out, as far as its records have told."""

    place: int
    """Among the experiment's members."""
    member: Member

    def __post_init__(self) -> None:
        """Take what is varied from the member."""
        self.varied = self.member.varied


@dataclass(frozen=True)
class Job:
    """A group of runs that are trained side by side."""

    places: tuple[int, ...]
    """Of the runs among the experiment's members."""
    table: dict[str, Any]
    """What the worker is told, as JSON: `runs` (name, preset, folder), `threads` and `histograms`."""


class Listener(Protocol):
    """What an engine tells while it trains, from any of its threads."""

    def take(self, job: Job, record: WrittenRecord) -> None:
        """Take a record of one of the job's runs."""

    def finish(self, job: Job, complaint: str) -> None:
        """Take note that a job is over; runs of it without an end record have failed for the reason given."""


class Engine(Protocol):
    """Something that trains groups of runs."""

    @property
    def slots(self) -> int:
        """Groups that are trained at once."""

    def train(self, jobs: Sequence[Job], listener: Listener) -> None:
        """Train all jobs and return when the last is over."""

    def stop(self) -> None:
        """Have runs end after the current epoch, and begin no others; may be called in a signal handler."""


class Watcher(Protocol):
    """What an experiment is told to, one call at a time."""

    def take(self, outcome: Outcome, record: WrittenRecord) -> None:
        """Take a record of a run, with histograms if they were asked for."""

    def note_failure(self, outcome: Outcome) -> None:
        """Take note that a run has failed without an end record of its own."""


class ExperimentRun:
    """An experiment while it goes on."""

    def __init__(self, experiment: Experiment, options: ExperimentOptions, engine: Engine, watcher: Watcher) -> None:
        self.outcomes = [Outcome(place, member) for place, member in enumerate(experiment.members)]
        self.is_stopped = False
        self._options, self._engine, self._watcher = options, engine, watcher
        self._names = {outcome.member.preset.name: outcome for outcome in self.outcomes}
        self._runs: dict[str, Outcome] = {}
        self._lock = threading.RLock()

    def train(self) -> None:
        """Train what isn't finished."""
        from tuimove.training.full_batch import usable_threads  # numba, which nobody waits for before there are data

        groups = self._groups(self._take_finished())
        threads = self._options.threads or usable_threads()
        each = max(1, threads // max(1, min(len(groups), self._engine.slots)))
        self._engine.train([self._job(group, each) for group in groups], self)

    def stop(self) -> None:
        """Have the runs end after the current epoch, and begin no others."""
        self.is_stopped = True
        self._engine.stop()

    def take(self, job: Job, record: WrittenRecord) -> None:  # noqa: ARG002
        """Take a record of a run and pass it on; one of no run is passed over."""
        table = record.table
        with self._lock:
            if table.get("record") == "run":
                self._runs[table["run"]] = self._names[table["preset"]["name"]]
            if outcome := self._runs.get(table.get("run", "")):
                self._pass_on(outcome, record)

    def finish(self, job: Job, complaint: str) -> None:
        """Mark the runs of a job that have no end record as failed."""
        with self._lock:
            for outcome in (self.outcomes[place] for place in job.places):
                if outcome.status == "waiting" and not self.is_stopped:
                    outcome.status, outcome.reason = "failed", complaint
                    self._watcher.note_failure(outcome)

    def _pass_on(self, outcome: Outcome, record: WrittenRecord) -> None:
        asked_for = record if self._options.histograms else record.without_histograms()
        outcome.take(asked_for.table)
        self._watcher.take(outcome, asked_for)

    def _take_finished(self) -> list[int]:
        """Pass on the records of runs that finished before, and return the places of the others."""
        left = []
        for place, outcome in enumerate(self.outcomes):
            lines = _finished_lines(self.folder(place))
            for line in lines:
                if record := WrittenRecord.read(line):
                    self._pass_on(outcome, record)
            if not lines:
                left.append(place)
                self._remove_beginnings(place)
        return left

    def _remove_beginnings(self, place: int) -> None:
        """Take away what a run that was cut short has left."""
        if folder := self.folder(place):
            shutil.rmtree(folder, ignore_errors=True)

    def _groups(self, places: Iterable[int]) -> list[list[int]]:
        from tuimove.runs.side_by_side import group_runs

        place_of = {id(self.outcomes[place].member.preset): place for place in places}
        groups = group_runs(self.outcomes[place].member.preset for place in place_of.values())
        return [[place_of[id(preset)] for preset in group] for group in groups]

    def _job(self, places: Sequence[int], threads: int) -> Job:
        presets = [(self.outcomes[place].member.preset, self.folder(place)) for place in places]
        runs = [{"name": preset.name, "preset": preset.as_dict(), "folder": folder and str(folder.absolute())}
                for preset, folder in presets]  # fmt: skip
        return Job(tuple(places), {"runs": runs, "threads": threads, "histograms": self._options.histograms})

    def folder(self, place: int) -> Path | None:
        """Return the folder of a run, if runs are kept."""
        return run_folder(self._options, place)


def run_folder(options: ExperimentOptions, place: int) -> Path | None:
    """Return the folder of the run at a place among the members, if runs are kept."""
    return options.out / f"{place:05}" if options.out is not None else None


def _finished_lines(folder: Path | None) -> list[str]:
    """Return the records of a run that has finished, or none."""
    if folder is None or not os.path.lexists(folder / RECORDS):
        return []
    with open_regular(folder / RECORDS) as stream:
        lines = stream.read().decode("utf-8", errors="replace").splitlines()
    last = (json_table(lines[-1]) if lines else None) or {}
    return lines if (last.get("record"), last.get("status")) == ("end", "finished") else []


def exit_code_of(running: ExperimentRun, fail_on: Severity | None, *, is_read: bool = True) -> ExitCode:
    """Return how the experiment ended: an interruption before a failed run, that before a finding."""
    if running.is_stopped:
        return ExitCode.INTERRUPTED if is_read else ExitCode.FINISHED
    if any(outcome.status in ("failed", "waiting") for outcome in running.outcomes):
        return ExitCode.FAILED
    least = SEVERITIES.index(fail_on) if fail_on else len(SEVERITIES)
    return ExitCode.FOUND if any(outcome.worst >= least for outcome in running.outcomes) else ExitCode.FINISHED
