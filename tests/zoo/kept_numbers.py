"""The numbers of a specimen's measurements as they are kept: without those that follow from others."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.zoo.packing import table_of
from tuimove.recording.history import MATRIX_COLUMNS, matrix_of

Curves = Mapping[str, npt.NDArray[np.float32]]

DERIVED = ("weighted_norm", "rms")
"""What follows from norm and entries."""


def kept_table(rows: Collection[Mapping[str, float]], left_out: Collection[str]) -> Curves:
    """Return the table that is kept of measurements, without some columns and what follows from others."""
    names = dict.fromkeys(name for row in rows for name in row)
    return table_of(rows, [name for name in names if name not in left_out and not _is_derived(name)])


def rows_of(table: Curves) -> Iterator[dict[str, float]]:
    """Yield the measurements of a kept table, complete again but for numbers that are missing."""
    columns = {name: column.astype(np.float64).tolist() for name, column in table.items()}
    for row in zip(*columns.values(), strict=True):
        present = {name: value for name, value in zip(columns, row, strict=True) if not math.isnan(value)}
        yield _with_derived(present)


def lasting(run: Mapping[str, Any]) -> dict[str, Any]:
    """Return a run record without what is different each time."""
    return {name: value for name, value in run.items() if name not in ("started", "run")}


def _is_derived(name: str) -> bool:
    return matrix_of(name) is not None and name.rpartition(".")[2] in DERIVED


def _with_derived(row: dict[str, float]) -> dict[str, float]:
    """Return a measurement's numbers with those that follow from others, in the order of the history."""
    by_matrix = {name.rpartition(".")[0]: None for name in row if matrix_of(name)}
    whole = {name: value for name, value in row.items() if not matrix_of(name)}
    for matrix in by_matrix:
        norm, entries = row.get(f"{matrix}.norm"), row.get(f"{matrix}.entries")
        derived = {} if norm is None or not entries else {"weighted_norm": norm / entries, "rms": norm / entries**0.5}
        of_matrix = {name: derived.get(name, row.get(f"{matrix}.{name}")) for name in MATRIX_COLUMNS}
        whole |= {f"{matrix}.{name}": value for name, value in of_matrix.items() if value is not None}
    return whole
