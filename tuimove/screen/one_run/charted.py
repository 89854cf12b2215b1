"""What the chart of one run shows: lines with their labels and colours, marks of findings, and the words above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tuimove.recording.history import History
from tuimove.screen.drawing.chart import Chart
from tuimove.screen.drawing.line_list import LETTERS
from tuimove.screen.drawing.raster import Glyphs
from tuimove.screen.drawing.series import COLORS, Mark, Quantified, Series, short_labels, title_words
from tuimove.screen.drawing.short_names import short_name
from tuimove.screen.one_run.quantities import Quantity
from tuimove.screen.one_run.state import RunState
from tuimove.settings.preset import MOST_EPOCHS

LONGEST_NAME, LONGEST_OF_SEVERAL = 48, 20
"""Most columns of a matrix's name in the title, alone and among several."""
OVER = ("unfinished", "gone", "failed")
"""Phases in which nobody trains, without an end record."""
TESTED = ("p_value", "effect")
"""Columns of the test against the starting law."""


@dataclass(frozen=True)
class Charted:
    """What a chart shows."""

    left: Quantified
    marks: Sequence[Mark]
    others: Sequence[Series] = ()
    """Lines underneath, without colour."""
    front: int | None = None
    """Colour of the line of the matrix that all panels show."""
    right: Quantified | None = None
    """A second quantity, with an axis of its own."""
    words: str = ""
    """Why there is no number."""

    def show_on(self, chart: Chart, plan: float) -> None:
        """Show it; the x axis ends at `plan`, 0 where the end isn't known."""
        chart.show_quantified(
            self.left, self.right, marks=self.marks, others=self.others, front=self.front, words=self.words, plan=plan
        )


@dataclass(frozen=True)
class Shown:
    """What there is to chart: a run with the part of its history that is shown."""

    state: RunState
    history: History
    matrix: str
    """The matrix that all panels show."""
    glyphs: Glyphs


def charted_run(
    shown: Shown,
    quantity: Quantity,
    second: Quantity | None,
    listed: tuple[Sequence[str], Sequence[str]] | None,
    *,
    shows_all: bool,
) -> Charted:
    """Return what is asked for: two quantities, listed matrices with others underneath, all matrices, or one."""
    if second is not None and second != quantity:
        return charted_both(shown, quantity, second)
    if listed is not None:
        return charted_listed(shown, quantity, *listed)
    is_all = shows_all and quantity.is_of_matrix
    return charted_matrices(shown, quantity, shown.history.matrices if is_all else (shown.matrix,))


def charted_matrices(shown: Shown, quantity: Quantity, matrices: Sequence[str]) -> Charted:
    """Return the lines of some matrices of our own networks, each in its own colour."""
    names, labels = shown.history.matrices, short_labels(matrices)
    colors = {matrix: names.index(matrix) % COLORS if quantity.is_of_matrix and matrix in names else 0
              for matrix in matrices}  # fmt: skip
    if not quantity.is_of_matrix:
        labels = dict.fromkeys(labels, "")
    series = [_series(labels[matrix], shown, quantity.history_column(matrix), colors[matrix]) for matrix in matrices]
    words = "each matrix" if len(labels) > 1 and not title_words(labels) else title_words(labels)
    return Charted(
        _quantified(quantity, words, series),
        _marks(shown.state, quantity, matrices),
        front=colors.get(shown.matrix),
        words=missing_words(shown, quantity) if len(matrices) == 1 else "",
    )


def charted_listed(shown: Shown, quantity: Quantity, matrices: Sequence[str], others: Sequence[str]) -> Charted:
    """Return the lines of listed matrices, with the letters that the list gives them, and of others underneath."""
    marks = _marks(shown.state, quantity, matrices)
    if not quantity.is_of_matrix:
        return Charted(_quantified(quantity, "", [_series("", shown, quantity.column, 0)]), marks)
    series = [
        _series(LETTERS[color], shown, quantity.history_column(matrix), color) for color, matrix in enumerate(matrices)
    ]
    under = [_series("", shown, quantity.history_column(matrix), 0) for matrix in others]
    front = matrices.index(shown.matrix) if shown.matrix in matrices else None
    left = _quantified(quantity, _listed_words(matrices, shown.glyphs), series)
    return Charted(left, marks, under, front, words=missing_words(shown, quantity) if len(matrices) == 1 else "")


def charted_both(shown: Shown, quantity: Quantity, second: Quantity) -> Charted:
    """Return two quantities of the shown matrix: one measured by the left axis, the other by the right one."""
    left, right = (_alone(shown, one, color) for color, one in enumerate((quantity, second)))
    marks = [mark for one in (quantity, second) for mark in _marks(shown.state, one, (shown.matrix,))]
    words = missing_words(shown, quantity) or missing_words(shown, second)
    return Charted(left, marks, right=right, words=words)


def _alone(shown: Shown, quantity: Quantity, color: int) -> Quantified:
    series = [_series(quantity.label, shown, quantity.history_column(shown.matrix), color)]
    return _quantified(quantity, short_name(shown.matrix, LONGEST_OF_SEVERAL, shown.glyphs), series)


def _quantified(quantity: Quantity, words: str, series: Sequence[Series]) -> Quantified:
    short = f"{words if quantity.is_of_matrix else ''} {quantity.label}".strip()
    return Quantified(quantity.titled(words), quantity.unit, series, quantity.column, quantity.is_log, short)


def _listed_words(matrices: Sequence[str], glyphs: Glyphs) -> str:
    if len(matrices) == 1:
        return short_name(matrices[0], LONGEST_NAME, glyphs)
    named = zip(LETTERS, matrices, strict=False)
    return ", ".join(f"{letter} {short_name(matrix, LONGEST_OF_SEVERAL, glyphs)}" for letter, matrix in named)


def _series(label: str, shown: Shown, column: str, color: int) -> Series:
    """Return a line; what a loop notes only now and then is joined over the gaps."""
    x, y = shown.history.column("epoch"), shown.history.column(column)
    if shown.state.clock == "step" and "." not in column:
        x, y = x[np.isfinite(y)], y[np.isfinite(y)]
    return Series(label, x, y, color)


def _marks(state: RunState, quantity: Quantity, matrices: Sequence[str]) -> list[Mark]:
    concerned = [finding for finding in state.findings if finding.rule in quantity.rules]
    return [Mark(finding.epoch, finding.severity) for finding in concerned if finding.matrix in (*matrices, None)]


def missing_words(shown: Shown, quantity: Quantity) -> str:
    """Return why the quantity has no newest number; empty where it has one, or nothing is measured yet."""
    history, matrix = shown.history, shown.matrix
    if not len(history) or np.isfinite(history.latest(quantity.history_column(matrix))):
        return ""
    if quantity.column in TESTED:
        return _untested_words(shown.state, matrix, history.latest(f"{matrix}.escaped"))
    return "" if shown.state.clock == "step" and not quantity.is_of_matrix else "no number"


def _untested_words(state: RunState, matrix: str, escaped: float) -> str:
    law = state.law_of(matrix)
    if law is None:
        return "no test: its starting law isn't known"
    if law.kind == "zero":
        return "no test: all of its entries started at 0"
    left = "all entries have" if escaped == 1 else "too many of its entries have"
    return f"no test: {left} left the box" if escaped > 0 else "no test"


def planned_end(state: RunState) -> float:
    """Return where the x axis ends: at the planned epochs or, once the run has ended, at its last; 0 for unknown."""
    if state.end is not None or state.phase in OVER:
        return state.history.latest("epoch") if len(state.history) else 0.0
    return float(state.epochs) if state.epochs <= MOST_EPOCHS else 0.0
