"""`tuimove compare`: one quantity of several recorded runs in one picture, and a table of how they ended."""

from __future__ import annotations

import math
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tuimove.errors import DataError, TuimoveError, harmless, nearest_of
from tuimove.history import COLUMNS, recorded_numbers
from tuimove.plots import ESCAPES, picture_text
from tuimove.recorded import RECORDS, STANDARD_INPUT, read_records

Axis = Literal["epoch", "log-epoch", "seconds"]
AXIS_TITLES: dict[Axis, str] = {"epoch": "epochs", "log-epoch": "log10 of epochs", "seconds": "seconds"}
MOST_DRAWN = len(ESCAPES)
"""Runs in a picture: as many as there are colours that every terminal has."""
PICTURE_ROWS = 20
MOST_COLUMNS = 120
TABLE_COLUMNS = ("W1.distance", "W1.norm", "W2.distance", "loss", "test_accuracy")


@dataclass
class Course:
    """One run, read back."""

    label: str
    rows: list[dict[str, float]] = field(default_factory=list)
    """Numbers of its measurements by column of the history."""

    def points(self, column: str, axis: Axis) -> tuple[list[float], list[float]]:
        """Return where a column is known, on an axis; an epoch of 0 has no logarithm."""
        known = [row for row in self.rows if column in row]
        if axis == "seconds":
            pairs = [(row["seconds"], row[column]) for row in known if "seconds" in row]
        elif axis == "log-epoch":
            pairs = [(math.log10(row["epoch"]), row[column]) for row in known if row.get("epoch", 0) >= 1]
        else:
            pairs = [(row["epoch"], row[column]) for row in known if "epoch" in row]
        return [x for x, _ in pairs], [y for _, y in pairs]


def compare_runs(places: Sequence[str], column: str, axis: Axis) -> None:
    """Print the picture and the table of runs, experiments' runs each on its own.

    Raises
    ------
    TuimoveError
        When there is nothing to read, a line isn't a record, or no such quantity.
    """
    if column not in COLUMNS:
        raise TuimoveError(f"--of {column!r}: no such quantity{nearest_of(column, COLUMNS)}")
    courses = [course for place in places for course in read_courses(place)]
    has_color = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    is_unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    drawn = [course.points(column, axis) for course in courses[:MOST_DRAWN]]
    columns = min(shutil.get_terminal_size().columns, MOST_COLUMNS)
    of = f" of the first {MOST_DRAWN} runs" if len(courses) > MOST_DRAWN else ""
    title = f"{column}{of} against {AXIS_TITLES[axis]}"
    picture = picture_text(title, drawn, columns, PICTURE_ROWS, has_color, not is_unicode)
    print(picture or f"{column} isn't known of these runs")
    for line in course_table(courses, column, has_color=has_color):
        print(line)


def read_courses(place: str) -> list[Course]:
    """Return the runs in a folder, an experiment's folder, a file or standard input; raises a DataError for none."""
    courses: dict[str, Course] = {}
    for part in _parts_of(place):
        for record in read_records(part):
            run = str(record.get("run", ""))
            if record.get("record") == "run":
                courses[run] = Course(_label(record, place))
            elif record.get("record") == "measurement":
                courses.setdefault(run, Course(place)).rows.append(recorded_numbers(record))
    measured = [course for course in courses.values() if course.rows]
    if not measured:
        raise DataError(f"{place}: holds no measurements")
    return measured


def _parts_of(place: str) -> Iterable[str]:
    """Return the run folders of an experiment's folder, or the place itself."""
    folder = Path(place)
    if place == STANDARD_INPUT or not folder.is_dir() or (folder / RECORDS).exists():
        return [place]
    return sorted(str(path.parent) for path in folder.glob(f"*/{RECORDS}")) or [place]


def _label(record: dict[str, Any], place: str) -> str:
    """Return what a run is called: its preset's name, unless that could steer a terminal."""
    preset = record.get("preset")
    name = preset.get("name") if isinstance(preset, dict) else None
    return name if isinstance(name, str) and name.isprintable() else harmless(Path(place).name)


def course_table(courses: Sequence[Course], column: str, *, has_color: bool) -> Iterator[str]:
    """Yield a line for each run: its mark, its name, and its last numbers."""
    shown = [column, *(name for name in TABLE_COLUMNS if name != column)]
    width = max(len(course.label) for course in courses)
    yield "  ".join(["  " + " " * width, f"{'epochs':>8}", *(f"{name:>{max(12, len(name))}}" for name in shown)])
    for place, course in enumerate(courses):
        mark = "*+ox"[place] if place < MOST_DRAWN else " "
        if has_color and place < MOST_DRAWN:
            mark = f"{ESCAPES[place]}{mark}\x1b[0m"
        last = course.rows[-1]
        cells = [f"{last.get('epoch', math.nan):>8g}", *(_cell(last.get(name), name) for name in shown)]
        yield "  ".join([f"{mark} {course.label:<{width}}", *cells])


def _cell(value: float | None, name: str) -> str:
    return f"{'-' if value is None else f'{value:.4f}':>{max(12, len(name))}}"
