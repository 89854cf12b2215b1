"""Lists what can be done with its keys, read from the bindings, and leads to the pages of documentation."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static

from tuimove.screen.read_over import ReadOver

WIDEST, FRAME = 112, 5
"""Most columns of the help, and those of its frame, with room for a scroll bar."""
LEAST_FOR_TWO = 72
"""Columns of the window from which on the deeds stand in two columns."""
BETWEEN = 1
"""Columns between the two."""
KEY_COLUMNS = 8


Deeds = Sequence[tuple[str, str]]
"""Keys, and what they do."""


class HelpScreen(ReadOver):
    """Lists groups of keys; esc, ? or q closes it, and any other key closes it and acts."""

    CSS = """
    HelpScreen {
        align: center middle;
        VerticalScroll { width: 100%; max-width: 112; height: auto; max-height: 100%; padding: 0 1;
                         border: round $primary; background: $surface; scrollbar-size-vertical: 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "show_pages", "read the documentation"),
        Binding("escape,question_mark,q", "dismiss", "close"),
    ]

    def __init__(self, groups: Iterable[tuple[str, Deeds]]) -> None:
        super().__init__()
        self._groups = list(groups)
        self._laid_out_for = Size(0, 0)

    def compose(self) -> ComposeResult:
        """Yield the list."""
        with VerticalScroll(can_focus=True) as scroll:
            scroll.border_title = "keys"
            scroll.border_subtitle = "enter: pages to read, esc closes"
            yield Static(self._lines())

    def _lines(self) -> Content:
        self._laid_out_for = self.app.size
        return two_columns(self._groups, *self._laid_out_for)

    def on_resize(self, _event: events.Resize) -> None:
        """Lay the groups out for the window, unless it is the one that they were made for."""
        if self.app.size != self._laid_out_for:
            self.query_one(Static).update(self._lines())

    def action_show_pages(self) -> None:
        """List the pages of documentation above the keys."""
        from tuimove.screen.page_screens import PageList  # imports Textual's Markdown: not before the first frame

        self.app.push_screen(PageList())


def _fitting(keys: str) -> str:
    """Return the first keys that fit beside one another; all of them are in the documentation."""
    shown = textwrap.wrap(keys, KEY_COLUMNS, break_long_words=False)
    return shown[0] if shown else ""


def two_columns(groups: Sequence[tuple[str, Deeds]], width: int, height: int) -> Content:
    """Return groups of deeds in two columns, or in one where the window is narrow; with gaps where there is room."""
    inner = min(width, WIDEST) - FRAME
    column = (inner - BETWEEN) // 2 if width >= LEAST_FOR_TWO else inner
    blocks = [_block(title, deeds, column) for title, deeds in groups]
    if width < LEAST_FOR_TWO:
        return Content("\n").join(_joined(blocks, gap=1))
    gap = 1 if max(map(len, _halves(blocks, 1))) <= height - 2 else 0
    left, right = _halves(blocks, gap)
    lines = [one.pad_right(column - one.cell_length + BETWEEN) + other
             for one, other in zip_longest(left, right, fillvalue=Content(""))]  # fmt: skip
    return Content("\n").join(lines)


def _halves(blocks: Sequence[Sequence[Content]], gap: int) -> tuple[list[Content], list[Content]]:
    """Divide blocks of lines, in their order, so that the longer half is as short as can be."""
    splits = [(_joined(blocks[:place], gap), _joined(blocks[place:], gap)) for place in range(1, len(blocks) + 1)]
    return min(splits, key=lambda halves: max(map(len, halves)))


def _joined(blocks: Sequence[Sequence[Content]], gap: int) -> list[Content]:
    lines: list[Content] = []
    for block in blocks:
        lines += [Content("")] * gap * bool(lines)
        lines += block
    return lines


def _block(title: str, deeds: Deeds, width: int) -> list[Content]:
    """Return a heading, and the deeds with their keys before them, both wrapped."""
    lines = [Content.styled(title, "bold $primary")]
    for keys, words in deeds:
        left = [_fitting(keys)]
        right = textwrap.wrap(words, max(8, width - KEY_COLUMNS - 1))
        for key, word in zip_longest(left, right, fillvalue=""):
            lines.append(Content.assemble((f"{key:<{KEY_COLUMNS}} ", "bold $footer-key-foreground"), word))
    return lines
