"""Past measurements of one run, by column, for rules and charts; bounded in memory."""

from __future__ import annotations

import copy
import json
import math
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from tuimove.recording.record import MeasurementRecord
from tuimove.settings.matrix_role import MOST_MATRICES, OWN_NAMES, matrix_name

Column = npt.NDArray[np.float64]

RUN_COLUMNS = ("epoch", "seconds", "learning_rate", "loss", "train_accuracy", "test_accuracy")
NOTED_COLUMNS = ("mean_loss", "validation_loss")
"""What the rules see of the numbers that a training loop notes, or that are noted for it."""
MATRIX_COLUMNS = (
    "distance", "norm", "weighted_norm", "rms", "step", "cosine", "mean", "sd", "kurtosis",
    "statistic", "p_value", "effect", "escaped", "frozen", "entries", "live_entries", "non_finite",
)  # fmt: skip
NEVER_NEGATIVE = frozenset(MATRIX_COLUMNS) - {"cosine", "mean", "kurtosis"}
"""Columns of a matrix that are lengths, shares and counts."""


@lru_cache(maxsize=4096)
def matrix_columns(matrix: str) -> tuple[str, ...]:
    """Return the columns of a matrix, such as `W1.distance`, in the order of `MATRIX_COLUMNS`."""
    return tuple(f"{matrix}.{name}" for name in MATRIX_COLUMNS)


def history_columns(matrices: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of a run with these matrices, such as `loss` and `W1.distance`."""
    return (*RUN_COLUMNS, *(column for matrix in matrices for column in matrix_columns(matrix)))


def matrix_of(column: str) -> str | None:
    """Return the matrix of a column, None where the word isn't a matrix's column."""
    matrix, dot, name = column.rpartition(".")
    return matrix if dot and name in MATRIX_COLUMNS else None


MOST_ROWS = 1 << 16
"""Measurements stored of a run with four matrices, fewer with more; then the older half is thinned by two."""

USUAL_MATRICES = 4
FIRST_ROWS = LEAST_ROWS = 256


class History:
    """The numbers of a run's measurements, in their order; NaN where a number is missing.

    A measured matrix that the run record doesn't list gets columns of its own.
    """

    def __init__(self, most_rows: int = MOST_ROWS, matrices: Iterable[str] = OWN_NAMES) -> None:
        """Start empty; `most_rows`, a multiple of 8, is the limit for at most four matrices."""
        self._most_numbers = most_rows * (len(RUN_COLUMNS) + USUAL_MATRICES * len(MATRIX_COLUMNS))
        self._longest = most_rows
        self.matrices = tuple(matrices)
        """Names of the matrices, in the order of display."""
        self._places = _places(self.matrices)
        self._table = np.empty((len(self._places), min(FIRST_ROWS, self._most_rows)))
        self._rows = 0

    def __len__(self) -> int:
        return self._rows

    @property
    def _most_rows(self) -> int:
        """Most rows that fit into memory with this many columns, a multiple of 8."""
        return min(self._longest, max(self._most_numbers // len(self._places) // 8 * 8, LEAST_ROWS))

    def append(self, numbers: Mapping[str, float | None]) -> None:
        """Add a row of numbers by column; a missing column or None becomes NaN."""
        if not numbers.keys() <= self._places.keys():
            numbers = self._with_new_matrices(numbers)
        self._make_room()
        row = np.full(len(self._places), np.nan)
        for name, number in numbers.items():
            if number is not None:
                row[self._places[name]] = number
        self._table[:, self._rows] = row
        self._rows += 1

    def column(self, name: str) -> Column:
        """Return the numbers of a column, oldest first, as a view that is valid until the next `append`.

        A matrix that was never measured has an empty one.
        """
        if name not in self._places and matrix_of(name) is not None:
            return np.full(self._rows, np.nan)
        return self._table[self._places[name], : self._rows]

    def latest(self, name: str) -> float:
        """Return a column's newest number, NaN when there is none yet."""
        return float(self.column(name)[-1]) if self._rows else float("nan")

    def _with_new_matrices(self, numbers: Mapping[str, float | None]) -> Mapping[str, float | None]:
        """Add columns for new matrices, and return the numbers without those of matrices beyond MOST_MATRICES."""
        matrices = (matrix_of(name) for name in numbers if name not in self._places)
        new = dict.fromkeys(matrix for matrix in matrices if matrix is not None)  # a name may be empty
        kept = list(new)[: max(MOST_MATRICES - len(self.matrices), 0)]
        if kept:
            self._add_columns((*self.matrices, *kept))
        left_out = set(new) - set(kept)
        return {name: number for name, number in numbers.items() if matrix_of(name) not in left_out}

    def _add_columns(self, matrices: tuple[str, ...]) -> None:
        before = len(self._places)
        self.matrices, self._places = matrices, _places(matrices)
        while self._rows > self._most_rows:
            self._thin_older_half(before)
        grown = np.full((len(self._places), min(self._table.shape[1], self._most_rows)), np.nan)
        grown[:before, : self._rows] = self._table[:, : self._rows]
        self._table = grown

    def head(self, rows: int) -> History:
        """Return the first rows as a read-only history, valid until the next `append`."""
        head = copy.copy(self)
        head._rows = min(rows, self._rows)
        return head

    def _make_room(self) -> None:
        if self._rows == self._most_rows:
            self._thin_older_half(len(self._places))
        elif self._rows == self._table.shape[1]:
            grown = np.empty((len(self._places), min(2 * self._rows, self._most_rows)))
            grown[:, : self._rows] = self._table
            self._table = grown

    def _thin_older_half(self, columns: int) -> None:
        """Replace every four rows of the older half by two: each column's least and greatest number, in their order."""
        half = self._rows // 8 * 4
        groups = self._table[:, :half].reshape(columns, -1, 4)
        filled = np.where(np.isnan(groups), np.inf, groups)
        least = filled.argmin(axis=2)
        greatest = np.where(np.isnan(groups), -np.inf, groups).argmax(axis=2)
        order = np.sort(np.stack([least, greatest], axis=2), axis=2)
        thinned = np.take_along_axis(groups, order, axis=2).reshape(columns, -1)
        kept = self._rows - half
        newer = self._table[:, half : self._rows].copy()
        self._table[:, : half // 2] = thinned
        self._table[:, half // 2 : half // 2 + kept] = newer
        self._rows = half // 2 + kept


def _places(matrices: Iterable[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate((*history_columns(matrices), *NOTED_COLUMNS))}


def measured_numbers(record: MeasurementRecord) -> dict[str, float]:
    """Return a measurement's numbers by column."""
    numbers = {name: getattr(record, name) for name in RUN_COLUMNS}
    numbers |= {name: record.noted[name] for name in NOTED_COLUMNS if name in record.noted}
    for matrix, measured in record.matrices.items():
        columns = zip(matrix_columns(matrix), MATRIX_COLUMNS, strict=True)
        numbers |= {column: getattr(measured, name) for column, name in columns}
    return numbers


def recorded_numbers(table: Mapping[str, Any]) -> dict[str, float]:
    """Return the numbers of a measurement's JSON table, by column; values that are no numbers are left out."""
    numbers = ((name, recorded_number(value)) for name, value in _named_values(table))
    return {name: number for name, number in numbers if number >= 0 or _is_valid(name, number)}


def invalid_number(table: Mapping[str, Any]) -> str:
    """Return the first number of a measurement's JSON table that can't be one, such as `W1.norm: -3`; empty for none.

    What is null or missing doesn't exist, and is valid.
    """
    for name, value in _named_values(table):
        if value is not None and not _is_valid(name, recorded_number(value)):
            return f"{name}: {json.dumps(value)[:40]}"
    tables = {"matrices": table.get("matrices")}
    tables |= tables["matrices"] if isinstance(tables["matrices"], dict) else {}
    wrong = ((name, inner) for name, inner in tables.items() if not isinstance(inner, dict | None))
    return next((f"{name}: {json.dumps(inner)[:40]}" for name, inner in wrong), "")


def _is_valid(column: str, number: float) -> bool:
    """Return whether a column may have a number, which isn't NaN, and not below zero where it is a length."""
    return number >= 0 or (not math.isnan(number) and column.rpartition(".")[2] not in NEVER_NEGATIVE)


def _named_values(table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from ((name, table.get(name)) for name in RUN_COLUMNS)
    noted, matrices = table.get("noted"), table.get("matrices")
    if isinstance(noted, dict):
        yield from ((name, noted.get(name)) for name in NOTED_COLUMNS)
    if not isinstance(matrices, dict):
        return
    for matrix, measured in matrices.items():
        if isinstance(measured, dict):
            yield from zip(matrix_columns(matrix_name(matrix)), map(measured.get, MATRIX_COLUMNS), strict=True)


def recorded_number(value: Any) -> float:
    """Return a JSON value as a float; NaN unless it is a finite number."""
    if type(value) is float and -sys.float_info.max <= value <= sys.float_info.max:
        return value  # nearly always
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
    return float(value) if is_number else math.nan
