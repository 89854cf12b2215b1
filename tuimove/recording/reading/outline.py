"""The outline of a run: a few of its numbers over the epochs, thinned, so that thousands of runs fit into memory.

A live experiment and recorded runs that are compared fill the same outlines; who draws them doesn't matter here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tuimove.recording.history import Column, recorded_numbers
from tuimove.recording.reading.standing import Standing

MOST_POINTS = 256
"""Of an outline: as many as the widest charts have columns."""
LEAST_POINTS = 32
MOST_BYTES = 64 << 20
"""Of all outlines together, unless that would leave less than the least points to each."""
FIRST_POINTS = 16


class Outline:
    """Chosen columns of the history, evenly thinned: the first and the newest measurement are always kept."""

    def __init__(self, columns: Sequence[str], most_points: int = MOST_POINTS) -> None:
        """Start empty; `most_points` is a multiple of 2."""
        self._columns, self._most_points = tuple(columns), most_points
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._table = np.empty((len(self._columns), min(FIRST_POINTS, self._most_points)), np.float32)
        self._points = self._measured = 0
        self._stride = 1

    def __len__(self) -> int:
        return self._points

    def append(self, numbers: Mapping[str, float]) -> None:
        """Add a measurement's numbers by column; what is missing becomes NaN."""
        is_last_kept = not self._measured or (self._measured - 1) % self._stride == 0
        if is_last_kept:
            self._make_room()
            self._points += 1
        with np.errstate(over="ignore"):
            self._table[:, self._points - 1] = [numbers.get(name, np.nan) for name in self._columns]
        self._measured += 1

    def _make_room(self) -> None:
        """Grow the table or, where it may not grow, let every second point go."""
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
        """Return a copy of a column, oldest first."""
        return self._table[self._columns.index(name), : self._points].astype(np.float64)

    def latest(self, name: str) -> float:
        """Return a column's newest number, NaN when there is none yet."""
        return float(self._table[self._columns.index(name), self._points - 1]) if self._points else float("nan")


@dataclass
class RunOutline(Standing):
    """A run among others."""

    label: str
    """What it is called, safe to be shown."""
    outline: Outline
    place: str = ""
    """The folder or file that its records are in; empty where they aren't kept."""
    epochs: int = 0
    """Planned; 0 where that isn't known."""
    begun: str = "training"
    """The word for a run that has begun and has no end: it trains, or was cut short."""

    def take(self, record: Mapping[str, Any]) -> None:
        """Take in one of the run's records."""
        super().take(record)
        if record.get("record") == "run":
            self.outline.clear()
        elif record.get("record") == "measurement":
            self.outline.append(recorded_numbers(record))

    @property
    def state(self) -> str:
        """In a word: its status, and before it has one whether it has begun."""
        return self.begun if self.status == "waiting" and len(self.outline) else self.status

    @property
    def epoch(self) -> int:
        """The epoch it was last measured at."""
        latest = self.outline.latest("epoch")
        return int(latest) if np.isfinite(latest) else 0


def points_for(runs: int, columns: int) -> int:
    """Return how many points each of so many outlines may have, a multiple of 2."""
    affordable = MOST_BYTES // (max(runs, 1) * columns * np.dtype(np.float32).itemsize)
    return min(max(affordable // 2 * 2, LEAST_POINTS), MOST_POINTS)
