"""A panel that is drawn line by line and rewrites only the lines that changed."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from rich.segment import Segment
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tuimove.screen.while_open import WhileOpen


class Canvas(WhileOpen, Widget, can_focus=True):
    """Base of panels: subclasses return lines from `draw`, and `redraw` writes those that have changed."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._strips: list[Strip] = []

    def draw(self, width: int, height: int) -> Sequence[Sequence[Segment]]:
        """Return at most `height` lines; each is cut to `width` later."""
        raise NotImplementedError

    @property
    def has_color(self) -> bool:
        """Whether the terminal has enough colours for pictures."""
        return not self.app.no_color and self.app.console.color_system not in (None, "standard")

    def redraw(self) -> None:
        """Draw again, if the panel is visible."""
        width, height = self.size
        if not width or not height or not self.is_attached or not self.display:
            return
        base = self.rich_style
        lines = [Strip(Segment.apply_style(line, base)).adjust_cell_length(width, base)
                 for line in self.draw(width, height)[:height]]  # fmt: skip
        strips = lines + [Strip.blank(width, base)] * (height - len(lines))
        before, self._strips = self._strips, strips
        for y, strip in enumerate(strips):
            if y >= len(before) or before[y] != strip:
                self.refresh(Region(0, y, width, 1))

    def render_line(self, y: int) -> Strip:
        """Return a line that has been drawn before."""
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width, self.rich_style)

    def on_resize(self, _event: events.Resize) -> None:
        """Draw for the new size."""
        self.redraw()

    def on_show(self) -> None:
        """Draw what arrived while the panel was hidden."""
        self.redraw()

    def notify_style_update(self) -> None:
        """Draw again in the colours of a new theme: those of the parts come after the panel's own."""
        super().notify_style_update()
        self.call_later(self.redraw)


def wrapped_lines(words: str, width: int) -> list[list[Segment]]:
    """Return words as lines of at most `width` characters."""
    return [[Segment(line)] for line in textwrap.wrap(words, max(1, width))]
