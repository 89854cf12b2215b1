"""The table that an experiment ends with: a line for each run, then mean and spread."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from typing import Any

from tuimove.diagnosis.finding import SEVERITIES
from tuimove.recording.reading.standing import RunRow

MOST_ROWS = 200
"""Runs listed one by one; of more only mean and spread are shown."""

NUMBERS = (
    ("W1", "W1", "distance"), ("b1", "b1", "distance"), ("W2", "W2", "distance"), ("b2", "b2", "distance"),
    ("|W1|", "W1", "norm"), ("p(W1)", "W1", "p_value"),
)  # fmt: skip
"""Heading, matrix and key of each column; the distances bear the matrices' names."""


def experiment_table(keys: Sequence[str], runs: Sequence[RunRow]) -> Iterator[str]:
    """Yield the lines of the table."""
    yield from aligned(experiment_rows(keys, runs))


def experiment_rows(keys: Sequence[str], runs: Sequence[RunRow]) -> list[list[str]]:
    """Return the cells of the table, its header first."""
    short = [key.rpartition(".")[2] for key in keys]
    header = [*short, "epochs", *(heading for heading, _, _ in NUMBERS), "test acc", "finding"]
    numbers = [run_numbers(run) for run in runs]
    listed = zip(runs, numbers, strict=True) if len(runs) <= MOST_ROWS else ()
    rows = [run_row(run, of_run) for run, of_run in listed]
    if any(run.status != "finished" for run in runs):
        header.append("status")
        rows = [[*row, run.status] for row, run in zip(rows, runs, strict=False)]
    if len(runs) > 1:
        rows += [row + [""] * (len(header) - len(row)) for row in summary_rows(len(keys), numbers)]
    return [header, *rows]


def aligned(rows: Sequence[Sequence[str]], *, first_left: bool = False) -> Iterator[str]:
    """Yield rows as lines whose columns end below one another, but for a first one of words."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True)]
        if first_left:
            cells[0] = f"{row[0]:<{widths[0]}}"
        yield "  ".join(cells).rstrip()


def run_numbers(run: RunRow) -> list[float]:
    """Return a run's last numbers, NaN where there are none."""
    measured: dict[str, Any] = run.measured or {}
    matrices = measured.get("matrices", {})
    values = [matrices.get(matrix, {}).get(key) for _, matrix, key in NUMBERS] + [measured.get("test_accuracy")]
    return [math.nan if value is None else value for value in values]


def run_row(run: RunRow, numbers: Sequence[float]) -> list[str]:
    """Return the cells of one run."""
    varied = [_shown(value) for _, value in run.varied]
    epochs = str(run.measured["epoch"]) if run.measured else "-"
    finding = SEVERITIES[run.worst] if run.worst >= 0 else "-"
    return [*varied, epochs, *_cells(numbers), finding]


def summary_rows(keys: int, numbers: Sequence[Sequence[float]]) -> list[list[str]]:
    """Return mean and standard deviation of every column but the p-values over the runs that have it."""
    without = [key == "p_value" for _, _, key in NUMBERS] + [False]
    columns = [
        [value for value in column if math.isfinite(value) and not is_left_out]
        for column, is_left_out in zip(zip(*numbers, strict=True), without, strict=True)
    ]
    means = [statistics.mean(column) if column else math.nan for column in columns]
    spreads = [statistics.stdev(column) if len(column) > 1 else math.nan for column in columns]
    blank = [""] * keys if keys else []
    return [[*blank, name, *_cells(values)] for name, values in (("mean", means), ("sd", spreads))]


def _cells(numbers: Sequence[float]) -> list[str]:
    *others, p_value, accuracy = numbers
    return [*(_number(value, ".4f") for value in others), _number(p_value, ".3g"), _number(accuracy, ".4f")]


def _number(value: float, form: str) -> str:
    return f"{value:{form}}" if math.isfinite(value) else "-"


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
