"""`tuimove compare`: one quantity of several recorded runs in one picture, and a table of how they ended."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence

import numpy as np

from tuimove.errors import Input, TuimoveError, nearest_of
from tuimove.recording.history import RUN_COLUMNS, history_columns, matrix_columns, matrix_of
from tuimove.recording.reading.course import XAxis
from tuimove.recording.reading.outline import Outline, RunOutline, axis_points, read_outlines
from tuimove.recording.record import clocks_in_words
from tuimove.reports.paper import paper_of
from tuimove.reports.pictures import Picture, PlotSeries
from tuimove.reports.text_plots import ASCII_MARKS, END_ESCAPE, ESCAPES, picture_text
from tuimove.reports.text_table import table_lines
from tuimove.settings.matrix_role import (
    MOST_MATRICES,
    OWN_NAMES,
    Roles,
    different,
    foremost,
    last_weights,
    main_name,
    names_of,
    united,
)

AXIS_TITLES: dict[XAxis, str] = {"epoch": "{}", "log-epoch": "log10 of {}", "seconds": "seconds"}
"""Titles of the x axis around what the runs count."""
SCORES = ("loss", "test_accuracy")
"""Columns of the table that many training loops don't tell."""
MOST_DRAWN = len(ESCAPES)
"""Most runs in a picture: the number of colours that every terminal has."""
PICTURE_ROWS = 20
PICTURE_POINTS = 4096
"""Points stored of each run for the picture."""
MOST_LISTED = 16
"""Most matrices in the table, and most matrices whose numbers are stored for it."""


def compare_runs(places: Sequence[str], asked: str | None, axis: XAxis) -> None:
    """Print the picture and the table of runs; of an experiment, each run is one.

    The default column is the distance of the first run's first weights.

    Raises
    ------
    TuimoveError
        When the places hold no record, or there is no such quantity.
    """
    if asked is not None and asked not in RUN_COLUMNS and not matrix_of(asked):
        raise _not_measured(asked, _columns_like(asked))
    runs = _read_runs(places, asked)
    column = asked or _distance(runs[0].roles)
    _require_measured(column, runs)
    paper = paper_of(sys.stdout)
    drawn = (
        PlotSeries("", *_drawn_points(run.outline, column, axis), color) for color, run in enumerate(runs[:MOST_DRAWN])
    )
    of = f" of the first {MOST_DRAWN} runs" if len(runs) > MOST_DRAWN else ""
    against = AXIS_TITLES[axis].format(clocks_in_words(run.clock for run in runs))
    picture = picture_text(Picture(f"{column}{of} against {against}", against, tuple(drawn)), paper, PICTURE_ROWS)
    print(picture or f"{column} isn't known of these runs")
    for line in runs_table(runs, column, has_color=paper.has_color):
        print(line)


def _read_runs(places: Sequence[str], asked: str | None) -> list[RunOutline]:
    def new_outline(roles: Roles) -> Outline:
        return Outline(_kept_columns(asked, roles), PICTURE_POINTS)

    return [run for place in places for run in read_outlines(place, new_outline, _say)]


def _require_measured(column: str, runs: Sequence[RunOutline]) -> None:
    """Raise a TuimoveError when a column's matrix is in no run record and was never measured."""
    known = history_columns(names_of(united((run.roles for run in runs), MOST_MATRICES)))
    if column not in known and all(np.isnan(run.outline.column(column)).all() for run in runs):
        raise _not_measured(column, known)


def _distance(roles: Roles) -> str:
    """Return the default column; the loss for a run without matrices."""
    main = main_name(roles)
    return f"{main}.distance" if main else "loss"


def _kept_columns(asked: str | None, roles: Roles) -> tuple[str, ...]:
    """Return the columns to store of a run: the one asked for, and those that the table may list."""
    weights = [role.name for role in foremost(roles, MOST_LISTED) if role.kind == "weights"]
    of_weights = (f"{name}.{key}" for name in (main_name(roles), *weights) for key in ("distance", "norm"))
    return tuple(dict.fromkeys(["epoch", "seconds", *filter(None, [asked]), *of_weights, *SCORES]))


def _columns_like(asked: str) -> tuple[str, ...]:
    """Return the columns that a word may be a misspelling of, before anything is read."""
    matrix, _, _ = asked.rpartition(".")
    return (*history_columns(OWN_NAMES), *(matrix_columns(matrix) if matrix else ()))


def _not_measured(column: str, known: Sequence[str]) -> TuimoveError:
    return TuimoveError(f"{column!r}: no such quantity{nearest_of(column, known)}", about=Input.QUANTITY)


def _say(words: str) -> None:
    print(words, file=sys.stderr)


def _drawn_points(outline: Outline, column: str, axis: XAxis) -> tuple[list[float], list[float]]:
    x, y = axis_points(outline, column, axis)
    return (np.log10(x) if axis == "log-epoch" else x).tolist(), y.tolist()


def runs_table(runs: Sequence[RunOutline], column: str, *, has_color: bool) -> Iterator[str]:
    """Yield a line for each run: its mark, its name, and its last numbers."""
    told = [score for score in SCORES if any(not math.isnan(run.outline.latest(score)) for run in runs)]
    scores = told if any(run.clock == "step" for run in runs) else SCORES
    shown = list(dict.fromkeys((column, *_table_columns([run.roles for run in runs]), *scores)))
    rows = [["", clocks_in_words(run.clock for run in runs), *shown], *(_row(run, shown) for run in runs)]
    heading, *lines = table_lines(rows, left=1)
    yield f"  {heading}"
    yield from (f"{_mark(place, has_color=has_color)} {line}" for place, line in enumerate(lines))


def _mark(place: int, *, has_color: bool) -> str:
    """Return the mark of a run's line in the picture; a space for a run that isn't drawn."""
    if place >= MOST_DRAWN:
        return " "
    return f"{ESCAPES[place]}{ASCII_MARKS[place]}{END_ESCAPE}" if has_color else ASCII_MARKS[place]


def _row(run: RunOutline, columns: Sequence[str]) -> list[str]:
    values = [run.outline.latest(column) for column in columns]
    return [run.label, f"{run.outline.latest('epoch'):g}", *("-" if math.isnan(x) else f"{x:.4f}" for x in values)]


def _table_columns(many: Sequence[Roles]) -> list[str]:
    """Return the table's columns of matrices: distance and norm of the first weights, distance of the last ones."""
    columns: dict[str, None] = {}
    for roles in different(many):
        first, last = main_name(roles), last_weights(roles)
        columns |= dict.fromkeys([f"{first}.distance", f"{first}.norm"] if first else [])
        columns |= dict.fromkeys([f"{last.name}.distance"] if last else [])
    return list(columns)[:MOST_LISTED]
