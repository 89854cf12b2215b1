"""Past measurements of one run, by column, that rules and charts look back on; bounded in memory."""

from __future__ import annotations

import copy
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from tuimove.recording.record import MeasurementRecord
from tuimove.settings.matrix_role import OWN_NAMES

Column = npt.NDArray[np.float64]

RUN_COLUMNS = ("epoch", "seconds", "learning_rate", "loss", "train_accuracy", "test_accuracy")
MATRIX_COLUMNS = (
    "distance", "norm", "weighted_norm", "rms", "step", "cosine", "mean", "sd", "kurtosis",
    "statistic", "p_value", "effect", "escaped", "frozen", "entries", "live_entries", "non_finite",
)  # fmt: skip
COLUMNS = (*RUN_COLUMNS, *(f"{matrix}.{name}" for matrix in OWN_NAMES for name in MATRIX_COLUMNS))
"""Such as `loss` and `W1.distance`."""

PLACES = {name: place for place, name in enumerate(COLUMNS)}

MOST_ROWS = 1 << 16
"""Measurements kept; beyond, the older half is thinned to half as many."""

FIRST_ROWS = 256


class History:
    """Numbers of a run's measurements in the order they came; NaN where a number is missing."""

    def __init__(self, most_rows: int = MOST_ROWS) -> None:
        """Start empty; `most_rows` is a multiple of 8."""
        self._most_rows = most_rows
        self._table = np.empty((len(COLUMNS), min(FIRST_ROWS, most_rows)))
        self._rows = 0

    def __len__(self) -> int:
        return self._rows

    def append(self, numbers: Mapping[str, float | None]) -> None:
        """Add a row of numbers by column; what is missing or None becomes NaN."""
        self._make_room()
        row = np.full(len(COLUMNS), np.nan)
        for name, number in numbers.items():
            if number is not None:
                row[PLACES[name]] = number
        self._table[:, self._rows] = row
        self._rows += 1

    def column(self, name: str) -> Column:
        """Return all the numbers of a column, oldest first, as a view that the next `append` may outdate."""
        return self._table[PLACES[name], : self._rows]

    def latest(self, name: str) -> float:
        """Return a column's newest number, NaN when there is none yet."""
        return float(self._table[PLACES[name], self._rows - 1]) if self._rows else float("nan")

    def head(self, rows: int) -> History:
        """Return the first so many rows, to be looked at before the next `append`, and never added to."""
        head = copy.copy(self)
        head._rows = min(rows, self._rows)
        return head

    def _make_room(self) -> None:
        if self._rows == self._most_rows:
            self._thin_older_half()
        elif self._rows == self._table.shape[1]:
            grown = np.empty((len(COLUMNS), min(2 * self._rows, self._most_rows)))
            grown[:, : self._rows] = self._table
            self._table = grown

    def _thin_older_half(self) -> None:
        """Make two rows of every four of the older half: each column's least and greatest, in the order they came."""
        half = self._rows // 2
        groups = self._table[:, :half].reshape(len(COLUMNS), -1, 4)
        filled = np.where(np.isnan(groups), np.inf, groups)
        least = filled.argmin(axis=2)
        greatest = np.where(np.isnan(groups), -np.inf, groups).argmax(axis=2)
        order = np.sort(np.stack([least, greatest], axis=2), axis=2)
        thinned = np.take_along_axis(groups, order, axis=2).reshape(len(COLUMNS), -1)
        kept = self._rows - half
        newer = self._table[:, half : self._rows].copy()
        self._table[:, : half // 2] = thinned
        self._table[:, half // 2 : half // 2 + kept] = newer
        self._rows = half // 2 + kept


def measured_numbers(record: MeasurementRecord) -> dict[str, float]:
    """Return a measurement's numbers by column."""
    numbers = {name: getattr(record, name) for name in RUN_COLUMNS}
    for matrix, measured in record.matrices.items():
        numbers |= {f"{matrix}.{name}": getattr(measured, name) for name in MATRIX_COLUMNS}
    return numbers


def recorded_numbers(table: Mapping[str, Any]) -> dict[str, float]:
    """Return the numbers of a measurement read back from JSON; whatever isn't a number is left out."""
    return {name: float(value) for name, value in _named_values(table) if _is_number(value)}


def _named_values(table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from ((name, table.get(name)) for name in RUN_COLUMNS)
    matrices = table.get("matrices")
    if not isinstance(matrices, dict):
        return
    for matrix in OWN_NAMES:
        if isinstance(measured := matrices.get(matrix), dict):
            yield from ((f"{matrix}.{name}", measured.get(name)) for name in MATRIX_COLUMNS)


def _is_number(value: Any) -> bool:
    """Return whether a value read from JSON is a number that a float can hold."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
