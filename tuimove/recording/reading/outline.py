"""The outline of a run: a few columns of its numbers, thinned evenly, so that thousands of runs fit into memory.

A live experiment and recorded runs that are compared fill the same outlines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tuimove.errors import DataError
from tuimove.recording.history import Column, recorded_numbers
from tuimove.recording.reading.course import XAxis
from tuimove.recording.reading.parsing import MOST_COUNT, run_label, shown_text
from tuimove.recording.reading.record_lines import RecordLines
from tuimove.recording.reading.run_folders import readable_parts
from tuimove.recording.reading.standing import Standing
from tuimove.settings.files import shown_path
from tuimove.settings.matrix_role import Roles

MOST_POINTS = 256
"""Most points of an outline: the columns of the widest charts."""
LEAST_POINTS = 32
MOST_BYTES = 64 << 20
"""Least points of an outline, however many runs there are."""
FIRST_POINTS = 16


class Outline:
    """Some columns of a run's history, thinned evenly; the first and the newest measurement are always stored."""

    def __init__(self, columns: Sequence[str], most_points: int = MOST_POINTS) -> None:
        """Start empty; `most_points` is a multiple of 2."""
        self._columns, self._most_points = tuple(columns), most_points
        self._table = np.empty((len(self._columns), min(FIRST_POINTS, self._most_points)), np.float32)
        self._points = self._measured = 0
        self._stride = 1

    def __len__(self) -> int:
        return self._points

    def append(self, numbers: Mapping[str, float]) -> None:
        """Add a measurement's numbers by column; missing ones become NaN."""
        is_last_kept = not self._measured or (self._measured - 1) % self._stride == 0
        if is_last_kept:
            self._make_room()
            self._points += 1
        with np.errstate(over="ignore"):
            self._table[:, self._points - 1] = [numbers.get(name, np.nan) for name in self._columns]
        self._measured += 1

    def _make_room(self) -> None:
        """Grow the table or, at its greatest size, drop every second point."""
        if self._points < self._table.shape[1]:
            return
        if self._points < self._most_points:
            grown = np.empty((len(self._columns), min(2 * self._points, self._most_points)), np.float32)
            grown[:, : self._points] = self._table
            self._table = grown
            return
        kept = self._table[:, ::2].copy()
        self._points, self._stride = kept.shape[1], 2 * self._stride
        self._table[:, : self._points] = kept

    def column(self, name: str) -> Column:
        """Return a copy of a column, oldest first; all NaN where the outline lacks it."""
        if name not in self._columns:
            return np.full(self._points, np.nan)
        return self._table[self._columns.index(name), : self._points].astype(np.float64)

    def latest(self, name: str) -> float:
        """Return a column's newest number, NaN when there is none yet."""
        if not self._points or name not in self._columns:
            return float("nan")
        return float(self._table[self._columns.index(name), self._points - 1])


NewOutline = Callable[[Roles], Outline]
"""Returns an empty outline for a run with these matrices."""


@dataclass
class RunOutline(Standing):
    """One of many runs that are shown together: state, label and outline."""

    label: str
    """Name of the run, without control characters."""
    new_outline: NewOutline
    """Makes an empty outline, also when the run starts again or turns out to have other matrices."""
    place: str = ""
    """Folder or file of its records; empty where they aren't stored."""
    epochs: int = 0
    """Planned epochs; 0 where unknown."""
    open_state: str = "training"
    """State shown while the run has measurements and no end record: `training`, or `unfinished`."""

    def __post_init__(self) -> None:
        """Start with an empty outline."""
        self.outline = self.new_outline(self.roles)

    def take(self, record: Mapping[str, Any]) -> None:
        """Add one of the run's records."""
        super().take(record)
        if record.get("record") == "run":
            self.outline = self.new_outline(self.roles)
        elif record.get("record") == "measurement":
            self.outline.append(recorded_numbers(record))

    @property
    def state(self) -> str:
        """The run's status; before its end record, `open_state` or `waiting`."""
        return self.open_state if self.status == "waiting" and len(self.outline) else self.status

    @property
    def epoch(self) -> int:
        """Epoch of the last measurement."""
        latest = self.outline.latest("epoch")
        return int(latest) if np.isfinite(latest) else 0


def points_for(runs: int, columns: int) -> int:
    """Return how many points to keep of each run so that all outlines fit into MOST_BYTES; an even number."""
    affordable = MOST_BYTES // (max(runs, 1) * columns * np.dtype(np.float32).itemsize)
    return min(max(affordable // 2 * 2, LEAST_POINTS), MOST_POINTS)


def axis_points(outline: Outline, column: str, axis: XAxis) -> tuple[Column, Column]:
    """Return x, where it is known, and a column there; a logarithmic axis leaves out epoch 0."""
    x, y = outline.column("seconds" if axis == "seconds" else "epoch"), outline.column(column)
    is_placed = x >= 1 if axis == "log-epoch" else np.isfinite(x)
    return x[is_placed], y[is_placed]


def read_outlines(place: str, new_outline: NewOutline, say: Callable[[str], None]) -> Iterator[RunOutline]:
    """Yield the runs in a folder, an experiment's folder, a file or standard input, each when it has been read.

    `say` is called with messages about what was skipped.

    Raises
    ------
    DataError
        When the place can't be read, or holds no measurements.
    """
    has_measurements = False
    for part in readable_parts(place, say):
        for run in _read_part(part, new_outline, say):
            has_measurements = True
            yield run
    if not has_measurements:
        raise DataError(f"{shown_path(place)}: holds no measurements")


def _read_part(part: str, new_outline: NewOutline, say: Callable[[str], None]) -> list[RunOutline]:
    """Return the runs of one file that have measurements."""
    runs: dict[str, RunOutline] = {}
    records = RecordLines(part)
    for record in records:
        name = str(record.get("run", ""))
        if name not in runs:
            runs[name] = RunOutline(shown_text(Path(part).name), new_outline, part, open_state="unfinished")
        if record.get("record") == "run":
            runs[name].label, runs[name].epochs = run_label(record, part), planned_epochs(record.get("preset"))
        runs[name].take(record)
    if records.remark:
        say(shown_text(records.remark))
    return [run for run in runs.values() if len(run.outline)]


def planned_epochs(preset: Any) -> int:
    """Return the epochs of a recorded preset, 0 where they are unknown."""
    training = preset.get("training") if isinstance(preset, dict) else None
    epochs = training.get("epochs") if isinstance(training, dict) else None
    return epochs if isinstance(epochs, int) and 0 < epochs < MOST_COUNT else 0
