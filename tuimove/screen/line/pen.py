"""Spells the difference between two rows in as few bytes as it takes: no cell, move or colour that is there already."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from tuimove.screen.line.rows import PLAIN, SEEN_ON_BLANKS, Look, Row

LONGEST_GAP = 6
"""Unchanged cells that are written again rather than stepped over: a move takes as many bytes."""
LEAST_ERASED = 10
"""Blanks in a row from which on they are erased rather than written."""
IN_WORDS = set(".,:/%'()[]")
"""Signs that are part of words and numbers."""


class Pen:
    """Writes a frame: knows where the cursor stands and which colours are set."""

    def __init__(self, width: int, *, erases_in_color: bool) -> None:
        """Begin in the terminal's own colours; `erases_in_color`: what is erased takes the background that is set."""
        self._width, self._erases = width, erases_in_color
        self._texts: list[str] = []
        self._look = PLAIN
        self._place: tuple[int, int] | None = None
        self.size = 0
        """Bytes so far."""

    def fill(self, look: Look) -> None:
        """Clear the screen in the background of a look."""
        self._wear(look, is_blank=True)
        self._put("\x1b[2J")

    def draw(self, y: int, before: Row | None, row: Row) -> None:
        """Turn a row that the terminal shows into another; None for a row that isn't known."""
        for start, end in changed_spans(before, row):
            for place, stop in _runs_of_one_look(row, start, end):
                self._go(y, place)
                self._write(row, place, stop)

    def text(self) -> str:
        """Return what to write; it ends in the terminal's own colours."""
        return "".join(self._texts) + ("\x1b[0m" if self._look != PLAIN else "")

    def _put(self, text: str) -> None:
        self._texts.append(text)
        self.size += len(text) if text.isascii() else len(text.encode())

    def _go(self, y: int, x: int) -> None:
        """Move the cursor."""
        if self._place == (y, x):
            return
        if self._place is not None and self._place[0] == y and x > self._place[1]:
            self._put(f"\x1b[{x - self._place[1]}C")
        else:
            self._put(f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H")
        self._place = y, x

    def _write(self, row: Row, start: int, end: int) -> None:
        """Write cells of one look at the cursor, or erase them."""
        text, look = "".join(row.signs[start:end]), row.looks[start]
        is_blank = not text.strip(" ")
        self._wear(look, is_blank=is_blank)
        if is_blank and self._erases and end - start >= LEAST_ERASED and not look.attributes:
            self._put("\x1b[K" if end == self._width else f"\x1b[{end - start}X")
            return
        self._put(text)
        y = self._place[0] if self._place else 0
        self._place = (y, end) if end < self._width else None  # behind the last column, terminals differ

    def _wear(self, look: Look, *, is_blank: bool) -> None:
        """Set the colours of a look, as far as they aren't set."""
        now = self._look
        if is_blank and not look.attributes and not SEEN_ON_BLANKS & {*now.attributes.split(";")}:
            look = Look(now.foreground, look.background, now.attributes)
        if look == now:
            return
        if look.attributes != now.attributes:
            codes = ["0" if now != PLAIN else "", look.attributes, look.foreground, look.background]
        else:
            codes = [
                "" if look.foreground == now.foreground else look.foreground or "39",
                "" if look.background == now.background else look.background or "49",
            ]
        self._look = look
        self._put(f"\x1b[{';'.join(filter(None, codes))}m")


def changed_spans(before: Row | None, row: Row) -> list[tuple[int, int]]:
    """Return the spans of cells in which a row differs, whole words, and one span where the gap isn't worth a move."""
    width = len(row.signs)
    if before is None or len(before.signs) != width:
        return [(0, width)]
    if before == row:
        return []
    cells = zip(before.signs, row.signs, before.looks, row.looks, strict=True)
    places = [place for place, (old, new, was, now) in enumerate(cells) if old != new or was is not now]
    spans: list[tuple[int, int]] = []
    for place in places:
        if spans and place < spans[-1][1]:
            continue
        start, end = _whole_word(before, row, place)
        if spans and start - spans[-1][1] <= LONGEST_GAP:
            start, _ = spans.pop()
        spans.append((start, end))
    return spans


def _whole_word(before: Row, row: Row, place: int) -> tuple[int, int]:
    """Return the span of the words around a cell, a wide character's halves included."""
    start, end = place, place + 1
    while start > 0 and (_is_joined(row, start) or not before.signs[start]):
        start -= 1
    while end < len(row.signs) and (_is_joined(row, end) or not before.signs[end]):
        end += 1
    return start, end


def _is_joined(row: Row, place: int) -> bool:
    """Return whether a cell belongs with the one to its left: to a wide character, a word, or words with one space."""
    left, sign = row.signs[place - 1], row.signs[place]
    if not sign:
        return True
    if sign == " ":
        after = row.signs[place + 1] if place + 1 < len(row.signs) else " "
        return _is_of_word(left) and _is_of_word(after)
    if left == " ":
        return place > 1 and _is_of_word(row.signs[place - 2]) and _is_of_word(sign)
    return _is_of_word(left) and _is_of_word(sign)


def _is_of_word(sign: str) -> bool:
    return sign.isalnum() or (sign in IN_WORDS and sign != "")


def _runs_of_one_look(row: Row, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the spans of one look within a span."""
    place = start
    for _, cells in groupby(row.looks[start:end], key=id):
        stop = place + sum(1 for _ in cells)
        yield place, stop
        place = stop
