"""Places the labels of lines beside their last points: none over another, and none that jumps at each redraw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HOLD = 0.6
"""Rows by which another row must be nearer before a label leaves the one where it stands."""


@dataclass(frozen=True)
class LineEnd:
    """The last point of a line, in cells of the plot."""

    label: str
    color: int
    column: int
    row: float
    """Exact row, from the top."""


@dataclass(frozen=True)
class PlacedLabel:
    """A label with its place in the plot, or in the margin right of it."""

    text: str
    color: int
    column: int


class LineEnds:
    """Remembers in which rows labels stand."""

    def __init__(self) -> None:
        self._held: dict[str, int] = {}

    def place(self, ends: Sequence[LineEnd], rows: int, columns: int) -> dict[int, list[PlacedLabel]]:
        """Return the labels of each row, in a plot with its margin; what finds no room is left out."""
        placed: dict[int, list[PlacedLabel]] = {}
        held, self._held = self._held, {}
        for end in ends:
            text = f" {end.label}"
            label = PlacedLabel(text, end.color, max(0, min(end.column + 1, columns - len(text))))
            free = [row for row in range(rows) if not any(_overlap(label, other) for other in placed.get(row, ()))]
            if free:
                row = min(free, key=lambda row: abs(row - end.row) - HOLD * (row == held.get(end.label)))
                self._held[end.label] = row
                placed.setdefault(row, []).append(label)
        return placed


def _overlap(one: PlacedLabel, other: PlacedLabel) -> bool:
    return one.column < other.column + len(other.text) and other.column < one.column + len(one.text)
