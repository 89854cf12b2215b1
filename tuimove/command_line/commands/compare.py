"""`tuimove compare`: one quantity of several recorded runs in one picture, and a table of how they ended."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tuimove.errors import DataError, TuimoveError, nearest_of
from tuimove.recording.history import COLUMNS, Column
from tuimove.recording.reading.course import Axis
from tuimove.recording.reading.outline import Outline, RunOutline
from tuimove.recording.reading.parsing import MOST_COUNT, parts_of, run_label, shown_text
from tuimove.recording.reading.record_lines import RecordLines
from tuimove.reports.paper import paper_of
from tuimove.reports.pictures import Picture, Series
from tuimove.reports.text_plots import ESCAPES, picture_text
from tuimove.settings.files import shown_path

AXIS_TITLES: dict[Axis, str] = {"epoch": "epochs", "log-epoch": "log10 of epochs", "seconds": "seconds"}
MOST_DRAWN = len(ESCAPES)
"""Runs in a picture: as many as there are colours that every terminal has."""
PICTURE_ROWS = 20
PICTURE_POINTS = 4096
"""Kept of a run that is printed."""
TABLE_COLUMNS = ("W1.distance", "W1.norm", "W2.distance", "loss", "test_accuracy")


def compare_runs(places: Sequence[str], column: str, axis: Axis) -> None:
    """Print the picture and the table of runs, experiments' runs each on its own.

    Raises
    ------
    TuimoveError
        When nothing that is read is a record, or there is no such quantity.
    """
    if column not in COLUMNS:
        raise TuimoveError(f"--of {column!r}: no such quantity{nearest_of(column, COLUMNS)}")
    kept = tuple(dict.fromkeys(("epoch", "seconds", column, *TABLE_COLUMNS)))
    runs = [run for place in places for run in read_outlines(place, kept, PICTURE_POINTS, _say)]
    paper = paper_of(sys.stdout)
    drawn = (
        Series("", *_drawn_points(run.outline, column, axis), color) for color, run in enumerate(runs[:MOST_DRAWN])
    )
    of = f" of the first {MOST_DRAWN} runs" if len(runs) > MOST_DRAWN else ""
    title = f"{column}{of} against {AXIS_TITLES[axis]}"
    picture = picture_text(Picture(title, AXIS_TITLES[axis], tuple(drawn)), paper, PICTURE_ROWS)
    print(picture or f"{column} isn't known of these runs")
    for line in runs_table(runs, column, has_color=paper.has_color):
        print(line)


def _say(words: str) -> None:
    print(words, file=sys.stderr)


def axis_points(outline: Outline, column: str, axis: Axis) -> tuple[Column, Column]:
    """Return x, where it is known, and a column there; on a logarithmic axis there is no epoch before 1."""
    x, y = outline.column("seconds" if axis == "seconds" else "epoch"), outline.column(column)
    is_placed = x >= 1 if axis == "log-epoch" else np.isfinite(x)
    return x[is_placed], y[is_placed]


def _drawn_points(outline: Outline, column: str, axis: Axis) -> tuple[list[float], list[float]]:
    x, y = axis_points(outline, column, axis)
    return (np.log10(x) if axis == "log-epoch" else x).tolist(), y.tolist()


def read_outlines(
    place: str, columns: Sequence[str], most_points: int, say: Callable[[str], None]
) -> Iterator[RunOutline]:
    """Yield the runs in a folder, an experiment's folder, a file or standard input, each when it has been read.

    `say` is told what had to be passed over.

    Raises
    ------
    DataError
        When it can't be read, or holds no measurements.
    """
    has_measurements = False
    for part in parts_of(place):
        for run in _read_part(part, columns, most_points, say):
            has_measurements = True
            yield run
    if not has_measurements:
        raise DataError(f"{shown_path(place)}: holds no measurements")


def _read_part(part: str, columns: Sequence[str], most_points: int, say: Callable[[str], None]) -> list[RunOutline]:
    """Return the measured runs of one file."""
    runs: dict[str, RunOutline] = {}
    records = RecordLines(part)
    for record in records:
        name = str(record.get("run", ""))
        if name not in runs:
            runs[name] = RunOutline(
                shown_text(Path(part).name), Outline(columns, most_points), part, begun="unfinished"
            )
        if record.get("record") == "run":
            runs[name].label, runs[name].epochs = run_label(record, part), _planned_epochs(record)
        runs[name].take(record)
    if records.remark:
        say(shown_text(records.remark))
    return [run for run in runs.values() if len(run.outline)]


def _planned_epochs(record: dict[str, Any]) -> int:
    """Return the epochs that a run's preset asks for, 0 where that can't be told."""
    preset = record.get("preset")
    training = preset.get("training") if isinstance(preset, dict) else None
    epochs = training.get("epochs") if isinstance(training, dict) else None
    return epochs if isinstance(epochs, int) and 0 < epochs < MOST_COUNT else 0


def runs_table(runs: Sequence[RunOutline], column: str, *, has_color: bool) -> Iterator[str]:
    """Yield a line for each run: its mark, its name, and its last numbers."""
    shown = [column, *(name for name in TABLE_COLUMNS if name != column)]
    width = max(len(run.label) for run in runs)
    yield "  ".join(["  " + " " * width, f"{'epochs':>8}", *(f"{name:>{max(12, len(name))}}" for name in shown)])
    for place, run in enumerate(runs):
        mark = "*+ox"[place] if place < MOST_DRAWN else " "
        if has_color and place < MOST_DRAWN:
            mark = f"{ESCAPES[place]}{mark}\x1b[0m"
        latest = run.outline.latest
        cells = [f"{latest('epoch'):>8g}", *(_cell(latest(name), name) for name in shown)]
        yield "  ".join([f"{mark} {run.label:<{width}}", *cells])


def _cell(value: float, name: str) -> str:
    return f"{'-' if math.isnan(value) else f'{value:.4f}':>{max(12, len(name))}}"
