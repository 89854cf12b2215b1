"""Textual's list of options, for lists that may be empty, not laid out yet, or a column wide."""

from __future__ import annotations

from contextlib import suppress

from textual.geometry import Size
from textual.widgets import OptionList

from tuimove.screen.while_open import WhileOpen

LEAST_WIDTH = 8
"""Columns for which a narrower list is laid out: Textual can't wrap words into none."""


class SafeList(WhileOpen, OptionList):
    """A list whose keys do nothing while it has no lines."""

    def action_page_up(self) -> None:
        """Go a page up."""
        with suppress(KeyError):  # no line has been laid out
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        """Go a page down."""
        with suppress(KeyError):
            super().action_page_down()  # type: ignore[no-untyped-call]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the height of the options at a width."""
        return super().get_content_height(container, viewport, max(width, LEAST_WIDTH))
