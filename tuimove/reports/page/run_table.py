"""The page's tables of runs at their end: each configuration's mean over its seeds, and each run in its colour."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from tuimove.recording.reading.course import Course, varied_keys
from tuimove.reports.page.coloring import Coloring, in_words, value_text
from tuimove.reports.page.course_charts import replicas
from tuimove.reports.runs_table import NumberColumn, number_columns
from tuimove.reports.study import Study
from tuimove.settings.preset import SEED

MOST_LISTED = 1000
"""Most runs listed one by one."""


FOREMOST = ("status", "finding", "test acc")
"""Columns that stand first after the name, since a narrow window shows no others."""


@dataclass(frozen=True)
class TableRow:
    """Cells of a row."""

    cells: Sequence[str]
    tone: str = ""
    """Colour of the run in the charts; empty for none."""


@dataclass(frozen=True)
class RunTable:
    """A table with its header."""

    header: Sequence[str]
    rows: Sequence[TableRow]


def run_table(study: Study, coloring: Coloring) -> RunTable:
    """Return the table with a row for each run, of at most `MOST_LISTED`."""
    keys = len(varied_keys(study.courses))
    header, *rows = _foremost_first(study.rows(MOST_LISTED), keys)
    is_told = len(study.courses) > 1 and not coloring.are_replicas
    tones = [coloring.tone(course) for course in study.courses] if is_told else []
    padded = [*tones, *[""] * (len(rows) - len(tones))]
    if not keys and len(study.courses) > 1:  # name them, where no setting does
        names = [course.label for course in study.courses] + [""] * (len(rows) - len(study.courses))
        header, rows = ["run", *header], [[name, *cells] for name, cells in zip(names, rows, strict=False)]
    return RunTable(header, [TableRow(cells, tone) for cells, tone in zip(rows, padded, strict=False)])


def _foremost_first(rows: Sequence[Sequence[str]], keys: int) -> list[list[str]]:
    """Return rows, the header first, with the foremost columns behind the first `keys` ones."""
    header = rows[0]
    foremost = [header.index(name, keys) for name in FOREMOST if name in header[keys:]]
    others = [place for place in range(keys, len(header)) if place not in foremost]
    return [[row[place] for place in (*range(keys), *foremost, *others) if place < len(row)] for row in rows]


def configuration_table(study: Study, coloring: Coloring) -> RunTable | None:
    """Return the table of means over seeds; None unless several configurations have several runs each."""
    groups = replicas(study.courses, coloring)
    if not coloring.keys or len(groups) < 2 or min(map(len, groups)) < 2:
        return None
    keys = [key for key in varied_keys(study.courses) if key != SEED]
    columns = [column for column in number_columns(course.roles for course in study.courses) if column.has_mean]
    header = [*map(in_words, keys), "runs", *(column.heading for column in columns)]
    rows = [
        TableRow([*(value_text(group[0].setting(key)) for key in keys), str(len(group)),
                  *(_mean(group, column) for column in columns)], coloring.tone(group[0])) for group in groups
    ]  # fmt: skip
    return RunTable(header, rows)


def _mean(group: Sequence[Course], column: NumberColumn) -> str:
    name = column.key if column.matrix is None else f"{column.matrix}.{column.key}"
    numbers = [number for number in (course.end(name) for course in group) if math.isfinite(number)]
    if len(numbers) < 2:
        return column.shown(numbers[0]) if numbers else "-"
    return f"{statistics.fmean(numbers):.4g} ± {statistics.stdev(numbers):.2g}"
