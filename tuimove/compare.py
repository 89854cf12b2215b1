"""`tuimove compare`: one quantity of several recorded runs in one picture, and a table of how they ended."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence

from tuimove.courses import Axis, Course, read_courses
from tuimove.errors import TuimoveError, nearest_of
from tuimove.history import COLUMNS
from tuimove.paper import paper_of
from tuimove.pictures import Picture, Series
from tuimove.plots import ESCAPES, picture_text

AXIS_TITLES: dict[Axis, str] = {"epoch": "epochs", "log-epoch": "log10 of epochs", "seconds": "seconds"}
MOST_DRAWN = len(ESCAPES)
"""Runs in a picture: as many as there are colours that every terminal has."""
PICTURE_ROWS = 20
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
    courses = [course for place in places for course in read_courses(place)]
    paper = paper_of(sys.stdout)
    drawn = (Series("", *course.points(column, axis), color) for color, course in enumerate(courses[:MOST_DRAWN]))
    of = f" of the first {MOST_DRAWN} runs" if len(courses) > MOST_DRAWN else ""
    title = f"{column}{of} against {AXIS_TITLES[axis]}"
    picture = picture_text(Picture(title, AXIS_TITLES[axis], tuple(drawn)), paper, PICTURE_ROWS)
    print(picture or f"{column} isn't known of these runs")
    for line in course_table(courses, column, has_color=paper.has_color):
        print(line)


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
