"""`tuimove compare`: one quantity of several recorded runs in one picture, and a table of how they ended."""

from __future__ import annotations

import math
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from tuimove.course import Course, RunCourse
from tuimove.errors import DataError, TuimoveError, nearest_of
from tuimove.history import COLUMNS, Column
from tuimove.plots import ESCAPES, picture_text
from tuimove.recorded import MOST_COUNT, RECORDS, STANDARD_INPUT, read_records, shown_text

Axis = Literal["epoch", "log-epoch", "seconds"]
AXIS_TITLES: dict[Axis, str] = {"epoch": "epochs", "log-epoch": "log10 of epochs", "seconds": "seconds"}
MOST_DRAWN = len(ESCAPES)
"""Runs in a picture: as many as there are colours that every terminal has."""
PICTURE_ROWS = 20
PICTURE_POINTS = 4096
"""Kept of a run that is printed."""
MOST_COLUMNS = 120
TABLE_COLUMNS = ("W1.distance", "W1.norm", "W2.distance", "loss", "test_accuracy")


def compare_runs(places: Sequence[str], column: str, axis: Axis) -> None:
    """Print the picture and the table of runs, experiments' runs each on its own.

    Raises
    ------
    TuimoveError
        When there is nothing to read, a line isn't a record, or no such quantity.
    """
    if column not in COLUMNS:
        raise TuimoveError(f"--of {column!r}: no such quantity{nearest_of(column, COLUMNS)}")
    kept = tuple(dict.fromkeys(("epoch", "seconds", column, *TABLE_COLUMNS)))
    runs = [run for place in places for run in read_courses(place, kept, PICTURE_POINTS)]
    has_color = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    is_unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    drawn = [_drawn_points(run.course, column, axis) for run in runs[:MOST_DRAWN]]
    columns = min(shutil.get_terminal_size().columns, MOST_COLUMNS)
    of = f" of the first {MOST_DRAWN} runs" if len(runs) > MOST_DRAWN else ""
    title = f"{column}{of} against {AXIS_TITLES[axis]}"
    picture = picture_text(title, drawn, columns, PICTURE_ROWS, has_color, not is_unicode)
    print(picture or f"{column} isn't known of these runs")
    for line in course_table(runs, column, has_color=has_color):
        print(line)


def axis_points(course: Course, column: str, axis: Axis) -> tuple[Column, Column]:
    """Return x, where it is known, and a column there; on a logarithmic axis there is no epoch before 1."""
    x, y = course.column("seconds" if axis == "seconds" else "epoch"), course.column(column)
    is_placed = x >= 1 if axis == "log-epoch" else np.isfinite(x)
    return x[is_placed], y[is_placed]


def _drawn_points(course: Course, column: str, axis: Axis) -> tuple[list[float], list[float]]:
    x, y = axis_points(course, column, axis)
    return (np.log10(x) if axis == "log-epoch" else x).tolist(), y.tolist()


def read_courses(place: str, columns: Sequence[str], most_points: int) -> Iterator[RunCourse]:
    """Yield the runs in a folder, an experiment's folder, a file or standard input, each when it has been read.

    Raises
    ------
    DataError
        When it can't be read, or holds no measurements.
    """
    has_measurements = False
    for part in parts_of(place):
        for run in _read_part(part, columns, most_points):
            has_measurements = True
            yield run
    if not has_measurements:
        raise DataError(f"{place}: holds no measurements")


def _read_part(part: str, columns: Sequence[str], most_points: int) -> list[RunCourse]:
    """Return the measured runs of one file."""
    runs: dict[str, RunCourse] = {}
    for record in read_records(part):
        name = str(record.get("run", ""))
        if name not in runs:
            runs[name] = RunCourse(shown_text(Path(part).name), Course(columns, most_points), part, begun="unfinished")
        if record.get("record") == "run":
            runs[name].label, runs[name].epochs = _label(record, part), _planned_epochs(record)
        runs[name].take(record)
    return [run for run in runs.values() if len(run.course)]


def parts_of(place: str) -> list[str]:
    """Return the run folders of an experiment's folder, or the place itself."""
    folder = Path(place)
    if place == STANDARD_INPUT or not folder.is_dir() or (folder / RECORDS).exists():
        return [place]
    return sorted(str(path.parent) for path in folder.glob(f"*/{RECORDS}")) or [place]


def _label(record: dict[str, Any], part: str) -> str:
    """Return what a run is called: its preset's name, unless that could steer a terminal."""
    preset = record.get("preset")
    name = preset.get("name") if isinstance(preset, dict) else None
    return name if isinstance(name, str) and name.isprintable() else shown_text(Path(part).name)


def _planned_epochs(record: dict[str, Any]) -> int:
    """Return the epochs that a run's preset asks for, 0 where that can't be told."""
    preset = record.get("preset")
    training = preset.get("training") if isinstance(preset, dict) else None
    epochs = training.get("epochs") if isinstance(training, dict) else None
    return epochs if isinstance(epochs, int) and 0 < epochs < MOST_COUNT else 0


def course_table(runs: Sequence[RunCourse], column: str, *, has_color: bool) -> Iterator[str]:
    """Yield a line for each run: its mark, its name, and its last numbers."""
    shown = [column, *(name for name in TABLE_COLUMNS if name != column)]
    width = max(len(run.label) for run in runs)
    yield "  ".join(["  " + " " * width, f"{'epochs':>8}", *(f"{name:>{max(12, len(name))}}" for name in shown)])
    for place, run in enumerate(runs):
        mark = "*+ox"[place] if place < MOST_DRAWN else " "
        if has_color and place < MOST_DRAWN:
            mark = f"{ESCAPES[place]}{mark}\x1b[0m"
        latest = run.course.latest
        cells = [f"{latest('epoch'):>8g}", *(_cell(latest(name), name) for name in shown)]
        yield "  ".join([f"{mark} {run.label:<{width}}", *cells])


def _cell(value: float, name: str) -> str:
    return f"{'-' if math.isnan(value) else f'{value:.4f}':>{max(12, len(name))}}"
