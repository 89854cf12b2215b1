"""Summarizes the folder of a run or an experiment in one row, reading only the start and end of its records."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tuimove.diagnosis.finding import SEVERITIES, Clock
from tuimove.errors import DataError, TuimoveError
from tuimove.recording.folder.run_lock import LOCK, is_trained_here, living_holder
from tuimove.recording.folder.store import PLAN, is_stored, kept_preset, runs_folder
from tuimove.recording.reading.json_table import json_table
from tuimove.recording.reading.parsing import record_of, shown_text
from tuimove.recording.reading.record_lines import table_in
from tuimove.recording.reading.run_folders import RECORDS
from tuimove.recording.record import EndRecord, FindingRecord, MeasurementRecord, RunRecord, beginning_of
from tuimove.settings.files import open_regular

TAIL_BYTES = 1 << 20
"""Bytes at the end of the records that are searched for the last measurement."""
SCANNED_BYTES = 1 << 26
"""Bytes at the end of the records that are searched for findings."""

FINDING = beginning_of("finding")

State = Literal["training", "finished", "stopped", "failed", "interrupted", "cut short"]


@dataclass(frozen=True)
class RunSummary:
    """State and last numbers of a run, or of an experiment."""

    id: str
    preset: str
    state: State
    epoch: int | None
    """Epoch of the last measurement."""
    epochs: int | None
    """Planned epochs."""
    test_accuracy: float | None
    finding: str | None
    """The worst severity found."""
    changed: float
    """When the records last changed, in seconds since 1970."""
    process: str | None
    """The process that trains it now."""
    runs: tuple[int, int] | None = None
    """For an experiment, its finished runs and all its runs."""
    clock: Clock = "epoch"
    """What `epoch` counts."""

    @property
    def progress(self) -> str:
        """The last measured epoch and the planned ones, a training loop's last step, or the finished runs and all."""
        if self.runs is not None:
            return f"{self.runs[0]}/{self.runs[1]} runs"
        if self.epoch is None:
            return "-"
        return f"step {self.epoch}" if self.clock == "step" else f"{self.epoch}/{self.epochs or '?'}"

    @property
    def accuracy(self) -> str:
        """Test accuracy at the last measurement."""
        return "-" if self.test_accuracy is None else f"{self.test_accuracy:.4f}"

    @property
    def age(self) -> str:
        """Time since the records last changed, such as `5 min ago`."""
        seconds = max(0.0, time.time() - self.changed)
        for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
            if seconds >= 2 * length:
                return f"{seconds / length:.0f} {unit} ago"
        return f"{seconds:.0f} s ago"


def read_summary(folder: Path) -> RunSummary:
    """Return the summary of a run's or an experiment's folder; what can't be read is None."""
    return _experiment_summary(folder) if os.path.exists(folder / PLAN) else _run_summary(folder)


def living_runs() -> list[Path]:
    """Return the folders of stored runs and experiments that a process of this machine trains now, newest first."""
    alive = filter(is_trained_here, _locked_folders())
    return sorted(alive, key=lambda folder: (_changed(folder / LOCK), folder.name), reverse=True)


def _locked_folders() -> Iterator[Path]:
    """Yield the stored folders with a lock; the others, hundreds perhaps, cost one look each."""
    place = str(runs_folder())
    try:
        names = os.listdir(place)
    except OSError:
        return
    for name in names:
        if os.path.lexists(os.path.join(place, name, LOCK)) and is_stored(Path(place, name)):
            yield Path(place, name)


def run_record_in(folder: Path) -> RunRecord | None:
    """Return the first record of a run's folder; None where there is none yet, or it can't be read."""
    try:
        with io.BufferedReader(open_regular(folder / RECORDS)) as stream:
            first = _record(stream.readline(TAIL_BYTES))
    except (DataError, OSError):
        return None
    return first if isinstance(first, RunRecord) else None


def _run_summary(folder: Path) -> RunSummary:
    run, measured, worst, end = _read_records(folder / RECORDS)
    holder = living_holder(folder)
    state: State = "training" if holder else end.status if end else "cut short"
    name, epochs = _planned(folder, run)
    return RunSummary(
        id=shown_text(folder.name),
        preset=name,
        state=state,
        epoch=measured.epoch if measured else None,
        epochs=epochs,
        test_accuracy=measured.test_accuracy if measured and measured.test_accuracy >= 0 else None,
        finding=SEVERITIES[worst] if worst >= 0 else None,
        changed=_changed(folder / RECORDS),
        process=str(holder) if holder else None,
        clock=run.clock if run else "epoch",
    )


def _planned(folder: Path, run: RunRecord | None) -> tuple[str, int | None]:
    """Return the name of a run's preset and its planned epochs, where they can be read."""
    if run is None:
        try:
            preset = kept_preset(folder)  # of a run without any record yet
        except TuimoveError:
            return "?", None
        return shown_text(preset.name), preset.training.epochs
    training = run.preset.get("training")
    epochs = training.get("epochs") if isinstance(training, dict) else None
    return shown_text(run.preset.get("name")) or "?", epochs if isinstance(epochs, int) else None


def _experiment_summary(folder: Path) -> RunSummary:
    """Return an experiment's summary, with the state of its worst run once all have ended."""
    name, plan = _plan(folder / PLAN)
    members = [_run_summary(path) for path in sorted(folder.glob("*")) if os.path.exists(path / RECORDS)]
    finished = sum(member.state == "finished" for member in members)
    holder = living_holder(folder)
    worst = max((SEVERITIES.index(member.finding) for member in members if member.finding), default=-1)
    changed = max([_changed(folder / PLAN), *(member.changed for member in members)])
    return RunSummary(
        id=shown_text(folder.name),
        preset=name,
        state="training" if holder else _ended_state(folder, [member.state for member in members], len(plan)),
        epoch=None,
        epochs=None,
        test_accuracy=None,
        finding=SEVERITIES[worst] if worst >= 0 else None,
        changed=changed,
        process=str(holder) if holder else None,
        runs=(finished, len(plan)),
    )


def _ended_state(folder: Path, states: Sequence[State], planned: int) -> State:
    """Return how an experiment of so many runs has ended: cut short where its process left the lock, or runs open."""
    if "failed" in states:
        return "failed"
    if states.count("finished") == planned:
        return "finished"
    was_lost = os.path.lexists(folder / LOCK) or "cut short" in states
    return "interrupted" if {"interrupted", "stopped"} & {*states} and not was_lost else "cut short"


def _plan(path: Path) -> tuple[str, list[Any]]:
    """Return the name of an experiment's preset and its planned runs."""
    try:
        with open_regular(path) as stream:
            table = json_table(stream.read()) or {}
    except (DataError, OSError):
        return "?", []
    runs = table.get("runs")
    return (shown_text(table.get("name")), runs) if isinstance(runs, list) else ("?", [])


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _read_records(path: Path) -> tuple[RunRecord | None, MeasurementRecord | None, int, EndRecord | None]:
    """Return the first record, the last measurement, the worst finding (-1 for none), and how the run ended."""
    run, measured, worst, end = None, None, -1, None
    try:
        with io.BufferedReader(open_regular(path)) as stream:
            size = os.fstat(stream.fileno()).st_size
            first = _record(stream.readline(TAIL_BYTES))
            run = first if isinstance(first, RunRecord) else None
            for start, line in _lines_from(stream, max(0, size - SCANNED_BYTES)):
                if line.startswith(FINDING) and isinstance(finding := _record(line), FindingRecord):
                    worst = max(worst, SEVERITIES.index(finding.severity))
                elif start >= size - TAIL_BYTES and isinstance(record := _record(line), MeasurementRecord | EndRecord):
                    measured = record if isinstance(record, MeasurementRecord) else measured
                    end = record if isinstance(record, EndRecord) else None
    except (DataError, OSError):
        pass
    return run, measured, worst, end


def _lines_from(stream: Any, start: int) -> Iterator[tuple[int, bytes]]:
    """Yield complete lines with their offsets, from byte `start` on."""
    stream.seek(start)
    for line in stream:
        if line.endswith(b"\n"):
            yield start, line
        start += len(line)


def _record(line: bytes) -> Any:
    table = table_in(line)
    return record_of(table) if table is not None else None
