"""Many runs from one preset: groups of runs side by side in processes of their own, records and a table in one place.

A process that dies costs only its own runs. With a folder, runs that have finished are kept and not trained again.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from tuimove.errors import ExitCode, TuimoveError
from tuimove.headless import ENDING_SIGNALS, STANDARD_OUTPUT
from tuimove.loading import load_while_compiling
from tuimove.record import SEVERITIES, Severity
from tuimove.sinks.jsonl import write_line
from tuimove.sinks.run_folder import RECORDS
from tuimove.sweep import Experiment, Member

PLAN = "experiment.json"
TOLD_SECONDS = 5.0
"""Least time between two lines of progress; a run that fails is always told of."""
WORKER = [sys.executable, "-m", "tuimove.experiment_worker"]


@dataclass(frozen=True)
class ExperimentOptions:
    """What the command line asks of an experiment beside its preset."""

    threads: int | None
    """Threads in all; all usable processors when None."""
    out: Path | None
    """The folder that the runs' folders are kept in, if any."""
    histograms: bool
    """Whether records on standard output hold histograms."""
    fail_on: Severity | None
    """The least severe finding that the exit code tells of; none when None."""


@dataclass
class Outcome:
    """How one run came out, as far as its records have told."""

    member: Member
    status: str = "waiting"
    """Of its end record; `waiting` before it has one."""
    reason: str = ""
    measured: dict[str, Any] | None = None
    """Its last measurement."""
    worst: int = -1
    """Its worst finding, as a place in SEVERITIES; -1 for none."""

    def take(self, record: dict[str, Any]) -> None:
        """Take in one of the run's records."""
        match record.get("record"):
            case "measurement":
                self.measured = record
            case "finding":
                self.worst = max(self.worst, SEVERITIES.index(record["severity"]))
            case "end":
                self.status, self.reason = record["status"], record.get("reason", "")


def run_experiment(experiment: Experiment, options: ExperimentOptions) -> ExitCode:
    """Train an experiment's runs and return the exit code.

    Raises
    ------
    TuimoveError
        When the data or the folder won't do; nothing has been trained then.
    """
    if options.out is not None:
        prepare_folder(options.out, experiment)
    load_while_compiling(experiment.base, _say)  # so that mistakes in the data and compiling come once, and first
    running = _Running(experiment, options)
    with running.ending_by_signal():
        running.train()
    from tuimove.tables import experiment_table

    for line in experiment_table(experiment.keys, running.outcomes) if running.is_read else ():
        _say(line)
    return running.exit_code()


def prepare_folder(folder: Path, experiment: Experiment) -> None:
    """Make the experiment's folder, or take up one left unfinished; raises a TuimoveError if it is another's."""
    plan = json.dumps([{"name": m.preset.name, **m.preset.as_dict()} for m in experiment.members], indent=1)
    path = folder / PLAN
    try:
        if path.exists():
            if path.read_text(encoding="utf-8") != plan:
                raise TuimoveError(f"--out {str(folder)!r}: holds another experiment")
            return
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise TuimoveError(f"--out {str(folder)!r}: already there, and no experiment")
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(plan, encoding="utf-8")
    except (OSError, ValueError) as error:
        raise TuimoveError(f"--out {str(folder)!r}: {getattr(error, 'strerror', None) or error}") from None


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@dataclass
class _Running:
    """The experiment while it goes on."""

    experiment: Experiment
    options: ExperimentOptions
    outcomes: list[Outcome] = field(init=False)
    is_stopped: bool = False
    is_read: bool = True
    """Whether anybody still reads standard output."""
    _processes: set[subprocess.Popen[str]] = field(default_factory=set)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _said_at: float = 0.0

    def __post_init__(self) -> None:
        self.outcomes = [Outcome(member) for member in self.experiment.members]

    def train(self) -> None:
        """Train what isn't finished, a few groups at once."""
        from tuimove.full_batch import usable_threads

        groups = self._groups(self._take_finished())
        threads = self.options.threads or usable_threads()
        slots = max(1, min(len(groups), threads))
        with ThreadPoolExecutor(slots) as pool:
            for future in [pool.submit(self._train_group, group, max(1, threads // slots)) for group in groups]:
                future.result()

    def _take_finished(self) -> list[int]:
        """Pass on the records of runs that finished before, and return the places of the others."""
        left = []
        for place, outcome in enumerate(self.outcomes):
            lines = list(_finished_lines(self._folder(place)))
            for line in lines:
                self._pass_on(outcome, line)
            if not lines:
                left.append(place)
        return left

    def _groups(self, places: Iterable[int]) -> list[list[int]]:
        from tuimove.group import group_runs

        place_of = {id(self.outcomes[place].member.preset): place for place in places}
        groups = group_runs(self.outcomes[place].member.preset for place in place_of.values())
        return [[place_of[id(preset)] for preset in group] for group in groups]

    def _folder(self, place: int) -> Path | None:
        return self.options.out / f"{place:05}" if self.options.out is not None else None

    def _train_group(self, places: Sequence[int], threads: int) -> None:
        """Run a worker to its end, passing its records on."""
        for folder in filter(None, map(self._folder, places)):
            shutil.rmtree(folder, ignore_errors=True)  # of a run that was cut short
        if self.is_stopped:
            return
        with subprocess.Popen(WORKER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, encoding="utf-8") as process:  # fmt: skip
            with self._lock:
                self._processes.add(process)
            complaint = self._follow(process, places, threads)
        with self._lock:
            self._processes.discard(process)
        for outcome in (self.outcomes[place] for place in places):
            if outcome.status == "waiting" and not self.is_stopped:
                outcome.status, outcome.reason = "failed", complaint or _death(process.returncode)
                _say(f"{outcome.member.preset.name}: {outcome.reason}")

    def _follow(self, process: subprocess.Popen[str], places: Sequence[int], threads: int) -> str:
        """Give a worker its job, take its records, and return what it complained of."""
        assert process.stdin
        assert process.stdout
        assert process.stderr
        with suppress(BrokenPipeError):
            json.dump(self._job(places, threads), process.stdin)
            process.stdin.close()
        outcome_of: dict[str, Outcome] = {}
        names = {self.outcomes[place].member.preset.name: self.outcomes[place] for place in places}
        for line in process.stdout:
            record = json.loads(line) if line.endswith("\n") else {}
            if record.get("record") == "run":
                outcome_of[record["run"]] = names[record["preset"]["name"]]
            if outcome := outcome_of.get(record.get("run", "")):
                self._pass_on(outcome, line.rstrip("\n"), record)
        return process.stderr.read().strip().rpartition("\n")[2]

    def _job(self, places: Sequence[int], threads: int) -> dict[str, Any]:
        presets = [(self.outcomes[place].member.preset, self._folder(place)) for place in places]
        runs = [{"name": preset.name, "preset": preset.as_dict(), "folder": folder and str(folder)}
                for preset, folder in presets]  # fmt: skip
        return {"runs": runs, "threads": threads, "histograms": self.options.histograms}

    def _pass_on(self, outcome: Outcome, line: str, record: dict[str, Any] | None = None) -> None:
        with self._lock:
            outcome.take(record if record is not None else json.loads(line))
            if self.is_read:
                try:
                    write_line(STANDARD_OUTPUT, line)
                except BrokenPipeError:
                    self.is_read = False
                    self.stop()
            if outcome.status != "waiting":
                self._tell_progress(outcome)

    def _tell_progress(self, outcome: Outcome) -> None:
        done = sum(other.status != "waiting" for other in self.outcomes)
        is_due = time.monotonic() >= self._said_at + TOLD_SECONDS or done == len(self.outcomes)
        if (is_due or outcome.status == "failed") and self.is_read:
            self._said_at = time.monotonic()
            because = f": {outcome.reason}" if outcome.reason else ""
            _say(f"{done} of {len(self.outcomes)} runs; {outcome.member.preset.name} {outcome.status}{because}")

    def stop(self) -> None:
        """Have the workers end their runs after the current epoch, and begin no others."""
        self.is_stopped = True
        for process in tuple(self._processes):
            process.send_signal(signal.SIGTERM)

    @contextmanager
    def ending_by_signal(self) -> Iterator[None]:
        """Let a signal stop the experiment; what is queued is not begun."""

        def end(_number: int, _frame: FrameType | None) -> None:
            self.stop()

        before = {number: signal.getsignal(number) for number in ENDING_SIGNALS}
        for number, handler in before.items():
            if handler is not signal.SIG_IGN:
                signal.signal(number, end)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def exit_code(self) -> ExitCode:
        """Return how the experiment ended: an interruption before a failed run, that before a finding."""
        if self.is_stopped:
            return ExitCode.INTERRUPTED if self.is_read else ExitCode.FINISHED
        if any(outcome.status == "failed" for outcome in self.outcomes):
            return ExitCode.FAILED
        least = SEVERITIES.index(self.options.fail_on) if self.options.fail_on else len(SEVERITIES)
        return ExitCode.FOUND if any(outcome.worst >= least for outcome in self.outcomes) else ExitCode.FINISHED


def _finished_lines(folder: Path | None) -> list[str]:
    """Return the records of a run that has finished, or none."""
    if folder is None or not (folder / RECORDS).exists():
        return []
    lines = (folder / RECORDS).read_text(encoding="utf-8").splitlines()
    return lines if lines and '"record":"end"' in lines[-1] and '"status":"finished"' in lines[-1] else []


def _death(code: int) -> str:
    if code < 0:
        return f"its process was killed by {signal.Signals(-code).name}"
    return f"its process ended with exit code {code}"
