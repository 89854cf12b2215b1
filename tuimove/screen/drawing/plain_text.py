"""Replaces all non-ASCII characters on a screen, those of Textual's borders and scrollbars included.

Without it, a terminal that can't encode a character would get its escape, six cells for one.
"""

from __future__ import annotations

from collections.abc import Mapping

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

STAND_INS: Mapping[str, str] = {
    **dict.fromkeys("─━▁▔", "-"),
    **dict.fromkeys("│▌▐▊▎▍▏▕", "|"),
    **dict.fromkeys("╭╮╰╯┌┐└┘├┤┬┴┼", "+"),
    **dict.fromkeys("█▇▆▅▄▃▂▀", "#"),
    **dict(zip("←→↑↓…•●≡", "<>^v~**=", strict=True)),
}
"""ASCII replacements, one cell for one cell."""
UNKNOWN = "?"


def plain_text(text: str) -> str:
    """Return a text in ASCII with the same number of cells."""
    return text if text.isascii() else "".join(map(_plain_character, text))


def _plain_character(character: str) -> str:
    if character.isascii():
        return character
    return STAND_INS.get(character, UNKNOWN * cell_len(character))


class PlainTextFilter(LineFilter):
    """Replaces non-ASCII characters before they are written to the terminal."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """Return the segments in ASCII."""
        return [Segment(plain_text(text), style, control) for text, style, control in segments]
