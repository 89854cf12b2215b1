"""Knows what the terminal shows and which rows may differ from it, and spells frames."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from rich.color import ColorSystem
from rich.segment import Segment

from tuimove.screen.line.pen import Pen
from tuimove.screen.line.rows import PLAIN, Look, Looks, Row

Line = Iterable[Segment]


class Painter:
    """The rows of the terminal, and those that are to be looked at again."""

    def __init__(self, colors: ColorSystem, *, erases_in_color: bool) -> None:
        self._looks, self._erases = Looks(colors), erases_in_color
        self._size = (0, 0)
        self._rows: list[Row | None] = []
        self._marked: set[int] = set()
        self._left: set[int] = set()
        """Rows for which the last frame had no room."""

    def forget(self, width: int, height: int) -> None:
        """Take the terminal for unknown, of this size."""
        self._size = width, height
        self._rows = [None] * height
        self._marked, self._left = {*range(height)}, set()

    def fit(self, width: int, height: int) -> None:
        """Take the terminal for unknown where its size has changed."""
        if (width, height) != self._size:
            self.forget(width, height)

    def mark(self, rows: Iterable[int] | None) -> None:
        """Look at some rows again, or at all."""
        self._marked |= {*range(self._size[1])} if rows is None else {*rows}

    @property
    def is_behind(self) -> bool:
        """Whether some rows may differ from what the terminal shows."""
        return bool(self._marked or self._left)

    def frame(self, lines_of: Callable[[set[int]], Sequence[Line]], most: float, *, newest_first: bool = False) -> str:
        """Return what makes the terminal show the marked rows, in about `most` bytes.

        Parameters
        ----------
        lines_of
            Returns the screen's lines, of which only the rows that it is given need to be right.
        most
            Bytes from which on the rows that are left wait for the next frame.
        newest_first
            Whether the rows that were marked since the last frame come before those left from it.
        """
        width, height = self._size
        pen = Pen(width, erases_in_color=self._erases)
        lines = lines_of(self._marked | self._left)
        rows = [row for row in self._in_order(newest_first) if row < min(height, len(lines))]
        wanted = {y: self._looks.row(lines[y]) for y in rows}
        self._marked, self._left = set(), set()
        self._clear_unknown(pen, wanted)
        most += pen.size
        for y, row in wanted.items():
            if pen.size >= most:
                self._left.add(y)
                continue
            pen.draw(y, self._rows[y], row)
            self._rows[y] = row
        return pen.text()

    def _in_order(self, newest_first: bool) -> list[int]:
        """Return the rows to look at, in the order in which they are to be written."""
        left, marked = sorted(self._left - self._marked), sorted(self._marked)
        if newest_first:
            return marked + left
        return sorted(self._left) + [row for row in marked if row not in self._left]

    def _clear_unknown(self, pen: Pen, wanted: dict[int, Row]) -> None:
        """Begin with an empty screen in its commonest background, where nothing is known and that saves bytes."""
        if not self._erases or any(self._rows) or len(wanted) < self._size[1]:
            return
        blanks = [look for row in wanted.values() for look, sign in zip(row.looks, row.signs, strict=True)
                  if sign == " " and not look.attributes]  # fmt: skip
        common: Look = max(set(blanks), key=blanks.count, default=PLAIN)
        pen.fill(common)
        width = self._size[0]
        self._rows = [Row([" "] * width, [common] * width) for _ in self._rows]
