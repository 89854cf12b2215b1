"""Measurements of many runs as one table for pandas, polars or DuckDB: CSV, and Parquet if pyarrow is installed."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from tuimove.recording.history import history_columns
from tuimove.recording.reading.course import Course
from tuimove.settings.matrix_role import MOST_MATRICES, names_of, united

Cell = str | float | None


def table_columns(courses: Sequence[Course]) -> list[str]:
    """Return the names of the columns: the run and its preset's keys, then those of the history."""
    return ["run", "status", *_settings(courses), *_measured(courses)]


def table_rows(courses: Sequence[Course]) -> Iterator[list[Cell]]:
    """Yield a row for each measurement of each run; None where a number is missing."""
    keys, columns = _settings(courses), _measured(courses)
    for course in courses:
        of_run: list[Cell] = [course.label, course.status, *map(course.setting, keys)]
        yield from ([*of_run, *map(row.get, columns)] for row in course.rows)


def _settings(courses: Sequence[Course]) -> list[str]:
    return list(dict.fromkeys(key for course in courses for key in course.settings()))


def _measured(courses: Sequence[Course]) -> list[str]:
    """Return the columns of the matrices that run records list, and of others that were measured."""
    roles = united((course.roles for course in courses), MOST_MATRICES)
    columns = dict.fromkeys(history_columns(names_of(roles)))
    for row in (row for course in courses for row in course.rows if not row.keys() <= columns.keys()):
        columns |= dict.fromkeys(row)
    return list(columns)


def write_csv(courses: Sequence[Course], path: Path) -> None:
    """Write the table as CSV, with empty cells for missing numbers; raises an OSError when that fails."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(table_columns(courses))
        writer.writerows(table_rows(courses))


def has_parquet() -> bool:
    """Return whether pyarrow is installed."""
    return find_spec("pyarrow") is not None


def write_parquet(courses: Sequence[Course], path: Path) -> None:
    """Write the table as Parquet, columns of text or float64; raises an OSError when that fails."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = zip(table_columns(courses), zip(*table_rows(courses), strict=True), strict=True)
    arrays = {name: _arrow_column(values, pa) for name, values in columns}
    with path.open("wb") as stream:  # pyarrow can't open a path that isn't UTF-8
        pq.write_table(pa.table(arrays), stream)


def _arrow_column(values: Sequence[Cell], pa: object) -> object:
    """Return a column as text where any value is, else as float64."""
    is_text = any(isinstance(value, str) for value in values)
    kind = pa.string() if is_text else pa.float64()  # type: ignore[attr-defined]
    cells = [value if value is None or not is_text else str(value) for value in values]
    return pa.array(cells, kind)  # type: ignore[attr-defined]
