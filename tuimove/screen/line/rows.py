"""Rows of a screen as cells with a look each: what the compositor wants, in a form that can be compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style

ATTRIBUTES = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "21", "51", "52", "53")
"""SGR parameters of Rich's attributes, in the order of its bits."""
SEEN_ON_BLANKS = {"4", "7", "9", "21", "51", "52", "53"}
"""Attributes that show on a blank: lines, frames and swapped colours."""


class Look(NamedTuple):
    """How a cell looks, in SGR parameters; nothing stands for the terminal's own colours."""

    foreground: str
    background: str
    attributes: str


PLAIN = Look("", "", "")


@dataclass(frozen=True)
class Row:
    """A row of cells."""

    signs: list[str]
    """The character of each cell, with what combines with it; nothing for the right half of a wide one."""
    looks: list[Look]
    """Equal looks are the same object."""


class Looks:
    """Translates styles into looks for a terminal's number of colours; blanks lose what doesn't show on them."""

    def __init__(self, colors: ColorSystem) -> None:
        self._colors = colors
        self._known: dict[Look, Look] = {PLAIN: PLAIN}
        self._of_styles: dict[Style | None, tuple[Look, Look]] = {None: (PLAIN, PLAIN)}

    def of(self, style: Style | None) -> tuple[Look, Look]:
        """Return the look of characters in a style, and that of blanks."""
        if style not in self._of_styles:
            look = self._look_of(style) if style else PLAIN
            is_seen = SEEN_ON_BLANKS & {*look.attributes.split(";")}
            blank = look if is_seen else Look("", look.background, "")
            self._of_styles[style] = self._known.setdefault(look, look), self._known.setdefault(blank, blank)
        return self._of_styles[style]

    def _look_of(self, style: Style) -> Look:
        bits = style._attributes & style._set_attributes
        attributes = ";".join(code for place, code in enumerate(ATTRIBUTES) if bits & (1 << place))
        front, back = style.color, style.bgcolor
        return Look(
            ";".join(front.downgrade(self._colors).get_ansi_codes()) if front else "",
            ";".join(back.downgrade(self._colors).get_ansi_codes(foreground=False)) if back else "",
            attributes,
        )

    def row(self, segments: Iterable[Segment]) -> Row:
        """Return the cells of a line."""
        signs: list[str] = []
        looks: list[Look] = []
        for text, style, control in segments:
            if not control:
                look, blank = self.of(style)
                cells = [*text] if text.isascii() or cell_len(text) == len(text) else wide_cells(text)
                signs += cells
                looks += [blank if sign == " " else look for sign in cells] if " " in cells else [look] * len(cells)
        return Row(signs, looks)


def wide_cells(text: str) -> list[str]:
    """Return the cells of a text with characters of other widths than one."""
    cells: list[str] = []
    for character in text:
        width = cell_len(character)
        if width == 0 and cells:
            cells[-1] += character
        elif width > 0:
            cells += [character, *[""] * (width - 1)]
    return cells
