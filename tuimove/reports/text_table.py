"""Lays out tables as lines of plain text; wide characters count as two columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from rich.cells import cell_len

GAP = "  "
"""Space between two cells."""
LEAST_WORDS = 20
"""Least width of a first column of words, however narrow the terminal, in characters."""

Row = Sequence[str]


def table_lines(rows: Sequence[Row], *, left: int = 0, columns: int | None = None) -> Iterator[str]:
    """Yield the lines of a table.

    Parameters
    ----------
    rows
        Cells as text; all rows have the same length.
    left
        Number of leading columns that are aligned left; the others are aligned right.
    columns
        Width of the terminal to fit the table into by wrapping the first column; None for no wrapping.
    """
    shown = rows if columns is None else list(_wrapped(rows, columns))
    widths = _widths(shown)
    for row in shown:
        begun = [cell + _room(cell, width) for cell, width in zip(row[:left], widths, strict=False)]
        ended = [_room(cell, width) + cell for cell, width in zip(row[left:], widths[left:], strict=True)]
        yield GAP.join([*begun, *ended]).rstrip()


def _widths(rows: Sequence[Row]) -> list[int]:
    return [max(map(cell_len, column)) for column in zip(*rows, strict=True)]


def _room(cell: str, width: int) -> str:
    return " " * (width - cell_len(cell))


def _wrapped(rows: Sequence[Row], columns: int) -> Iterator[Row]:
    """Yield a table's rows, with the words of the first column wrapped onto rows of their own."""
    others = sum(width + len(GAP) for width in _widths(rows)[1:])
    for first, *cells in rows:
        lines = textwrap.wrap(first, max(columns - others, LEAST_WORDS)) or [""]
        yield [lines[0], *cells]
        yield from ([line, *("" for _ in cells)] for line in lines[1:])
