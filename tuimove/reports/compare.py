"""`tuimove compare`: one quantity of several recorded runs in one picture, and a table of how they ended."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence

import numpy as np

from tuimove.errors import Input, TuimoveError, nearest_of
from tuimove.recording.history import COLUMNS, matrix_of
from tuimove.recording.reading.course import Axis
from tuimove.recording.reading.outline import Outline, RunOutline, axis_points, read_outlines
from tuimove.reports.paper import paper_of
from tuimove.reports.pictures import Picture, Series
from tuimove.reports.text_plots import ESCAPES, picture_text

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
    if column not in COLUMNS and not matrix_of(column):
        raise _not_measured(column)
    kept = tuple(dict.fromkeys(("epoch", "seconds", column, *TABLE_COLUMNS)))
    runs = [run for place in places for run in read_outlines(place, kept, PICTURE_POINTS, _say)]
    if column not in COLUMNS and all(np.isnan(run.outline.column(column)).all() for run in runs):
        raise _not_measured(column)
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


def _not_measured(column: str) -> TuimoveError:
    return TuimoveError(f"{column!r}: no such quantity{nearest_of(column, COLUMNS)}", about=Input.QUANTITY)


def _say(words: str) -> None:
    print(words, file=sys.stderr)


def _drawn_points(outline: Outline, column: str, axis: Axis) -> tuple[list[float], list[float]]:
    x, y = axis_points(outline, column, axis)
    return (np.log10(x) if axis == "log-epoch" else x).tolist(), y.tolist()


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
