"""The table at the end of an experiment: a line for each run, and their mean where only their seeds differ."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tuimove.diagnosis.finding import SEVERITIES
from tuimove.recording.reading.standing import RunRow
from tuimove.recording.record import clocks_in_words
from tuimove.reports.text_table import table_lines
from tuimove.settings.matrix_role import Roles, different, end_layers, main_name, names_of
from tuimove.settings.preset import SEED

MOST_ROWS = 200
"""Most runs listed one by one; of more, only mean and standard deviation are shown, or the first ones."""

MOST_MATRICES = 12
"""Most matrices listed of runs that have different ones."""


@dataclass(frozen=True)
class NumberColumn:
    """A column with a number of a matrix, or of the whole run."""

    heading: str
    matrix: str | None
    """The matrix; None for a number of the whole run."""
    key: str
    form: str = ".4f"
    has_mean: bool = True

    def value(self, measured: dict[str, Any]) -> float:
        """Return the number in a measurement, NaN where it is missing."""
        matrices = measured.get("matrices", {})
        value = (measured if self.matrix is None else matrices.get(self.matrix, {})).get(self.key)
        return math.nan if value is None else value

    def shown(self, value: float) -> str:
        """Return a number as text for the table."""
        return f"{value:{self.form}}" if math.isfinite(value) else "-"


def number_columns(many: Iterable[Roles]) -> list[NumberColumn]:
    """Return the columns for runs with these matrices: those of all end layers, then the accuracy.

    The columns of distances have the matrices' names.
    """
    networks = different(many)
    moved = dict.fromkeys(name for roles in networks for name in names_of(end_layers(roles)))
    main = dict.fromkeys(filter(None, map(main_name, networks)))
    columns = [NumberColumn(name, name, "distance") for name in [*moved][:MOST_MATRICES]]
    for name in [*main][:MOST_MATRICES]:
        columns.append(NumberColumn(f"|{name}|", name, "norm"))
        columns.append(NumberColumn(f"p({name})", name, "p_value", ".3g", has_mean=False))
    return [*columns, NumberColumn("test acc", None, "test_accuracy")]


def experiment_table(keys: Sequence[str], runs: Sequence[RunRow]) -> Iterator[str]:
    """Yield the lines of the table, with mean and standard deviation where the runs differ by their seed alone."""
    has_summary = _differing(keys, runs) <= {SEED}
    yield from table_lines(experiment_rows(keys, runs, has_summary=has_summary))
    if not has_summary and len(runs) > MOST_ROWS:
        yield f"and {len(runs) - MOST_ROWS} more runs"


def _differing(keys: Sequence[str], runs: Sequence[RunRow]) -> set[str]:
    """Return the keys with several values: over these a mean means nothing, but for the seed."""
    return {key for key in keys if len({str(dict(run.varied).get(key)) for run in runs}) > 1}


def experiment_rows(
    keys: Sequence[str], runs: Sequence[RunRow], *, has_summary: bool = True, most: int = MOST_ROWS
) -> list[list[str]]:
    """Return the cells of the table, its header first.

    Of more than `most` runs, none is listed where there is a summary, else the first ones.
    """
    short = [key.rpartition(".")[2] for key in keys]
    columns = [column for column in number_columns(run.roles for run in runs) if _is_told(column, runs)]
    header = [*short, clocks_in_words(run.clock for run in runs), *(column.heading for column in columns), "finding"]
    numbers = [[column.value(run.measured or {}) for column in columns] for run in runs]
    listed = [*zip(runs, numbers, strict=True)][: 0 if has_summary and len(runs) > most else most]
    rows = [run_row(run, _cells(columns, of_run)) for run, of_run in listed]
    if any(run.status != "finished" for run in runs):
        header.append("status")
        rows = [[*row, run.status] for row, run in zip(rows, runs, strict=False)]
    if has_summary and len(runs) > 1:
        rows += [row + [""] * (len(header) - len(row)) for row in summary_rows(len(keys), columns, numbers)]
    return [header, *rows]


def _is_told(column: NumberColumn, runs: Sequence[RunRow]) -> bool:
    """Return False for a score that training loops could have noted, and none has."""
    could_lack = column.matrix is None and any(run.clock == "step" for run in runs)
    return not could_lack or any(math.isfinite(column.value(run.measured or {})) for run in runs)


def run_row(run: RunRow, numbers: Sequence[str]) -> list[str]:
    """Return the cells of one run, with its numbers as text."""
    varied = [_shown(value) for _, value in run.varied]
    epochs = str(run.measured["epoch"]) if run.measured else "-"
    finding = SEVERITIES[run.worst] if run.worst >= 0 else "-"
    return [*varied, epochs, *numbers, finding]


def summary_rows(keys: int, columns: Sequence[NumberColumn], numbers: Sequence[Sequence[float]]) -> list[list[str]]:
    """Return mean and standard deviation of every column except the p-values, over the runs that have it."""
    known = [
        [value for value in values if math.isfinite(value) and column.has_mean]
        for column, values in zip(columns, zip(*numbers, strict=True), strict=True)
    ]
    means = [statistics.mean(values) if values else math.nan for values in known]
    spreads = [statistics.stdev(values) if len(values) > 1 else math.nan for values in known]
    blank = [""] * keys if keys else []
    return [[*blank, name, *_cells(columns, values)] for name, values in (("mean", means), ("sd", spreads))]


def _cells(columns: Sequence[NumberColumn], numbers: Sequence[float]) -> list[str]:
    return [column.shown(value) for column, value in zip(columns, numbers, strict=True)]


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
