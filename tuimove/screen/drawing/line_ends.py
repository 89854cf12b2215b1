"""Places the labels of lines beside their last points: in the lines' order, and none that jumps at each redraw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
        stands: list[tuple[LineEnd, PlacedLabel, int]] = []
        held = self._held
        for end in ends:
            text = f" {end.label}"
            label = PlacedLabel(text, end.color, max(0, min(end.column + 1, columns - len(text))))
            free = [row for row in range(rows) if not any(_overlap(label, other) for other in placed.get(row, ()))]
            if free:
                row = min(free, key=lambda row: abs(row - end.row) - HOLD * (row == held.get(end.label)))
                stands.append((end, label, row))
                placed.setdefault(row, []).append(label)
        ordered = [*_in_order(stands, held)]
        self._held = {end.label: row for end, _, row in ordered}
        return {row: [label for _, label, of in ordered if of == row] for row in sorted(placed)}


def _in_order(
    stands: Sequence[tuple[LineEnd, PlacedLabel, int]], held: Mapping[str, int]
) -> Iterator[tuple[LineEnd, PlacedLabel, int]]:
    """Yield labels with their rows, those of one column in the order in which their lines end."""

    def seen(end: LineEnd) -> float:
        """Return where a line ends, as near to its label's row as HOLD allows: lines that touch don't change places."""
        return min(max(held.get(end.label, end.row), end.row - HOLD), end.row + HOLD)

    for place in dict.fromkeys((label.column, len(label.text)) for _, label, _ in stands):
        here = [stand for stand in stands if (stand[1].column, len(stand[1].text)) == place]
        rows = sorted(row for _, _, row in here)
        for (end, label, _), row in zip(sorted(here, key=lambda stand: seen(stand[0])), rows, strict=True):
            yield end, label, row


def _overlap(one: PlacedLabel, other: PlacedLabel) -> bool:
    return one.column < other.column + len(other.text) and other.column < one.column + len(one.text)
