"""Trains many runs from one preset: groups them, has an engine train the groups, and collects each run's outcome.

An engine (processes here, or a Dask cluster) trains groups of runs and returns their records; a watcher (standard
output, or the dashboard) receives them. With a folder, finished runs are stored and not trained again. This module uses
neither terminal nor network.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tuimove.diagnosis.finding import SEVERITIES, Severity
from tuimove.errors import ExitCode
from tuimove.recording.reading.json_table import json_table
from tuimove.recording.reading.run_folders import RECORDS
from tuimove.recording.reading.standing import RunRow
from tuimove.recording.reading.written_record import WrittenRecord
from tuimove.runs.run_options import TrainingOptions
from tuimove.settings.files import open_regular
from tuimove.settings.sweep import Experiment, Member
from tuimove.settings.wording import counted


@dataclass(frozen=True)
class ExperimentOptions(TrainingOptions):
    """Options of an experiment; the runs' folders are inside its own."""

    histograms: bool = False
    """Whether the watcher's records hold histograms."""
    dask: str | None = None
    """Address or file of a Dask scheduler whose workers train the runs; processes of this machine when None."""
    is_resumed: bool = False
    """Whether the folder is known to be the experiment's, even if its data have moved."""


@dataclass
class Outcome(RunRow):
    """State and last numbers of one run, from the records so far."""

    place: int
    """Index among the experiment's members."""
    member: Member

    def __post_init__(self) -> None:
        """Set `varied` from the member."""
        self.varied = self.member.varied


@dataclass(frozen=True)
class Job:
    """A group of runs that are trained side by side."""

    places: tuple[int, ...]
    """Indices of the runs among the experiment's members."""
    table: dict[str, Any]
    """The worker's input, as JSON: `runs` (name, preset, folder, goes_on), `threads` and `histograms`."""


class Listener(Protocol):
    """Receives what an engine reports while it trains, from any of its threads."""

    def receive(self, job: Job, record: WrittenRecord) -> None:
        """Receive a record of one of the job's runs."""

    def finish(self, job: Job, complaint: str) -> None:
        """Note that a job has ended; its runs without an end record have failed, for the reason in `complaint`."""


class Engine(Protocol):
    """Trains groups of runs, here or elsewhere."""

    @property
    def keeps_checkpoints(self) -> bool:
        """Whether runs that are stopped keep a checkpoint, and can go on from it."""

    @property
    def slots(self) -> int:
        """Groups that are trained at once."""

    def train(self, jobs: Sequence[Job], listener: Listener) -> None:
        """Train all jobs and return after the last."""

    def stop(self) -> None:
        """End runs after the current epoch and start no others; may be called in a signal handler."""


class Watcher(Protocol):
    """Receives an experiment's records and failures, one call at a time."""

    def receive(self, outcome: Outcome, record: WrittenRecord) -> None:
        """Receive a record of a run, with histograms if the options say so."""

    def note_failure(self, outcome: Outcome) -> None:
        """Note that a run has failed without an end record of its own."""


class ExperimentRun:
    """An experiment while it is trained."""

    def __init__(self, experiment: Experiment, options: ExperimentOptions, engine: Engine, watcher: Watcher) -> None:
        self.outcomes = [Outcome(place, member) for place, member in enumerate(experiment.members)]
        self.is_stopped = False
        self._options, self._engine, self._watcher = options, engine, watcher
        self._names = {outcome.member.preset.name: outcome for outcome in self.outcomes}
        self._runs: dict[str, Outcome] = {}
        self._lock = threading.RLock()

    def train(self, say: Callable[[str], None]) -> None:
        """Train all runs that aren't finished; `say` is called with how many of them go on, and begin anew."""
        from tuimove.training.full_batch import usable_threads  # imports numba: not before the data are loaded

        left = self._pass_on_finished()
        stopped_at = self._pass_on_stopped(left, say) if self._engine.keeps_checkpoints else {}
        if stopped_at:
            verb = "goes" if len(stopped_at) == 1 else "go"
            say(f"{counted(len(stopped_at), 'run')} {verb} on from the epoch of the stop")
        begun = sum(self._remove_beginnings(place) for place in left if place not in stopped_at)
        if begun:
            say(f"{counted(begun, 'run')} had begun before, and {'begins' if begun == 1 else 'begin'} anew")
        groups = self._groups(left, stopped_at)
        threads = self._options.threads or usable_threads()
        each = max(1, threads // max(1, min(len(groups), self._engine.slots)))
        self._engine.train([self._job(group, each, goes_on=group[0] in stopped_at) for group in groups], self)

    def stop(self) -> None:
        """End the runs after the current epoch and start no others."""
        self.is_stopped = True
        self._engine.stop()

    def receive(self, job: Job, record: WrittenRecord) -> None:  # noqa: ARG002
        """Note a record of a run and pass it on; records of unknown runs are ignored."""
        self._take(record)

    def _take(self, record: WrittenRecord) -> None:
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
        self._watcher.receive(outcome, asked_for)

    def _pass_on_finished(self) -> list[int]:
        """Pass on the records of runs that finished before; return the indices of the others."""
        left = []
        for place, outcome in enumerate(self.outcomes):
            lines = _finished_lines(self.folder(place))
            for line in lines:
                if record := WrittenRecord.read(line):
                    self._pass_on(outcome, record)
            if not lines:
                left.append(place)
        return left

    def _pass_on_stopped(self, places: Iterable[int], say: Callable[[str], None]) -> dict[int, int]:
        """Pass on the records of runs that can go on; return the epochs that they were stopped at, by their places."""
        from tuimove.experiments.continuation import continuation_in  # as above

        stopped_at = {}
        for place in places:
            if found := continuation_in(self.folder(place), self.outcomes[place].member.preset, say):
                stopped_at[place] = found.epoch
                for record in filter(None, map(WrittenRecord.read, found.lines)):
                    self._take(record)
        return stopped_at

    def _remove_beginnings(self, place: int) -> bool:
        """Remove the folder of a run that was cut short; return whether there was one."""
        folder = self.folder(place)
        if folder is None or not folder.exists():
            return False
        shutil.rmtree(folder, ignore_errors=True)
        return True

    def _groups(self, places: Iterable[int], stopped_at: Mapping[int, int]) -> list[list[int]]:
        """Return places in groups that can be trained side by side; runs that go on do so from the same epoch."""
        alike: dict[int | None, list[int]] = {}
        for place in places:
            alike.setdefault(stopped_at.get(place), []).append(place)
        return [group for together in alike.values() for group in self._of_one_shape(together)]

    def _of_one_shape(self, places: Iterable[int]) -> list[list[int]]:
        from tuimove.runs.side_by_side import group_runs

        place_of = {id(self.outcomes[place].member.preset): place for place in places}
        groups = group_runs(self.outcomes[place].member.preset for place in place_of.values())
        return [[place_of[id(preset)] for preset in group] for group in groups]

    def _job(self, places: Sequence[int], threads: int, *, goes_on: bool) -> Job:
        presets = [(self.outcomes[place].member.preset, self.folder(place)) for place in places]
        runs = [{"name": preset.name, "preset": preset.as_dict(), "folder": folder and str(folder.absolute()),
                 "goes_on": goes_on}
                for preset, folder in presets]  # fmt: skip
        return Job(tuple(places), {"runs": runs, "threads": threads, "histograms": self._options.histograms})

    def folder(self, place: int) -> Path | None:
        """Return the folder of a run, None where runs aren't stored."""
        return run_folder(self._options, place)


def run_folder(options: ExperimentOptions, place: int) -> Path | None:
    """Return the folder of the run at an index among the members, None where runs aren't stored."""
    return options.out / f"{place:05}" if options.out is not None else None


def _finished_lines(folder: Path | None) -> list[str]:
    """Return the records of a run if it has finished, else an empty list."""
    if folder is None or not os.path.lexists(folder / RECORDS):
        return []
    with open_regular(folder / RECORDS) as stream:
        lines = stream.read().decode("utf-8", errors="replace").splitlines()
    last = (json_table(lines[-1]) if lines else None) or {}
    return lines if (last.get("record"), last.get("status")) == ("end", "finished") else []


def exit_code_of(running: ExperimentRun, fail_on: Severity | None, *, is_read: bool = True) -> ExitCode:
    """Return the exit code: an interruption comes before a failed run, and that before a finding."""
    if running.is_stopped:
        return ExitCode.INTERRUPTED if is_read else ExitCode.FINISHED
    if any(outcome.status in ("failed", "waiting") for outcome in running.outcomes):
        return ExitCode.FAILED
    least = SEVERITIES.index(fail_on) if fail_on else len(SEVERITIES)
    return ExitCode.FOUND if any(outcome.worst >= least for outcome in running.outcomes) else ExitCode.FINISHED
