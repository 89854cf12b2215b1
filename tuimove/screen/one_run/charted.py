"""What the chart of one run shows: lines with their labels and colours, marks of findings, and the words above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tuimove.recording.history import History
from tuimove.screen.drawing.line_list import LETTERS
from tuimove.screen.drawing.raster import Glyphs
from tuimove.screen.drawing.series import COLORS, Mark, Series, short_labels, title_words
from tuimove.screen.drawing.short_names import short_name
from tuimove.screen.one_run.quantities import Quantity
from tuimove.screen.one_run.state import RunState

LONGEST_NAME, LONGEST_OF_SEVERAL = 48, 20
"""Most columns of a matrix's name in the title, alone and among several."""


@dataclass(frozen=True)
class Charted:
    """Title, unit and lines of a chart."""

    title: str
    unit: str
    series: Sequence[Series]
    marks: Sequence[Mark]
    others: Sequence[Series] = ()
    """Lines underneath, without colour."""


def charted_matrices(state: RunState, history: History, quantity: Quantity, matrices: Sequence[str]) -> Charted:
    """Return the lines of some matrices of our own networks, each in its own colour."""
    names, labels = history.matrices, short_labels(matrices)
    series = [
        _series(labels[matrix], state, history, quantity.history_column(matrix),
                names.index(matrix) % COLORS if quantity.is_of_matrix and matrix in names else 0)
        for matrix in matrices
    ]  # fmt: skip
    words = title_words(labels) if quantity.is_of_matrix else ""
    return Charted(_title(quantity, words), quantity.unit, series, _marks(state, quantity, matrices))


def charted_listed(
    state: RunState,
    history: History,
    quantity: Quantity,
    matrices: Sequence[str],
    others: Sequence[str],
    glyphs: Glyphs,
) -> Charted:
    """Return the lines of listed matrices, with the letters that the list gives them, and of others underneath."""
    if not quantity.is_of_matrix:
        whole = [_series("", state, history, quantity.column, 0)]
        return Charted(quantity.title, quantity.unit, whole, _marks(state, quantity, matrices))
    series = [
        _series(LETTERS[color], state, history, quantity.history_column(matrix), color)
        for color, matrix in enumerate(matrices)
    ]
    under = [_series("", state, history, quantity.history_column(matrix), 0) for matrix in others]
    title = _title(quantity, _listed_words(matrices, glyphs))
    return Charted(title, quantity.unit, series, _marks(state, quantity, matrices), under)


def _listed_words(matrices: Sequence[str], glyphs: Glyphs) -> str:
    if len(matrices) == 1:
        return short_name(matrices[0], LONGEST_NAME, glyphs)
    named = zip(LETTERS, matrices, strict=False)
    return ", ".join(f"{letter} {short_name(matrix, LONGEST_OF_SEVERAL, glyphs)}" for letter, matrix in named)


def _title(quantity: Quantity, words: str) -> str:
    return f"{quantity.title} of {words}" if words else quantity.title


def _series(label: str, state: RunState, history: History, column: str, color: int) -> Series:
    """Return a line; what a loop notes only now and then is joined over the gaps."""
    x, y = history.column("epoch"), history.column(column)
    if state.clock == "step" and "." not in column:
        x, y = x[np.isfinite(y)], y[np.isfinite(y)]
    return Series(label, x, y, color)


def _marks(state: RunState, quantity: Quantity, matrices: Sequence[str]) -> list[Mark]:
    concerned = [finding for finding in state.findings if finding.rule in quantity.rules]
    return [Mark(finding.epoch, finding.severity) for finding in concerned if finding.matrix in (*matrices, None)]
