"""A list with a heading and a line for each entry, of which only the visible ones are drawn.

Ten thousand entries cost no more than forty. Its owner chooses and sorts the entries; a subclass draws a line.
"""

from __future__ import annotations

import textwrap
from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from tuimove.diagnosis.finding import SEVERITIES
from tuimove.screen.drawing.canvas import Canvas
from tuimove.screen.drawing.chart_lines import StyledText
from tuimove.screen.drawing.raster import Glyphs
from tuimove.screen.drawing.symbols import severity_symbol

LETTERS = "ABCD"
"""Letters of charted entries, shown beside their colour."""
WITHOUT_COLORS = Style(bold=True, underline=True)
"""Style of the highlighted line where there are few colours or none: it has no other, so that it isn't striped."""


class LineList(Canvas):
    """A heading, and as many entries as fit; one of them is highlighted."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "list--heading", "list--muted", "list--good", "list--highlighted",
        "list--series-0", "list--series-1", "list--series-2", "list--series-3",
        "list--notice", "list--warning", "list--alarm",
    }  # fmt: skip
    DEFAULT_CSS = """
    LineList {
        .list--heading { color: $muted; }
        .list--muted { color: $muted; }
        .list--good { color: $success; }
        .list--highlighted { background: $highlight; text-style: bold; }
        .list--series-0 { color: $series-0; text-style: bold; }
        .list--series-1 { color: $series-1; text-style: bold; }
        .list--series-2 { color: $series-2; text-style: bold; }
        .list--series-3 { color: $series-3; text-style: bold; }
        .list--notice { color: $muted; }
        .list--warning { color: $warning; text-style: bold; }
        .list--alarm { color: $error; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "go to the next line", show=False),
        Binding("up,k", "move(-1)", "go to the previous line", show=False),
        Binding("pagedown,ctrl+d", "page(1)", "go to the next page", show=False),
        Binding("pageup,ctrl+u", "page(-1)", "go to the previous page", show=False),
        Binding("home", "move(-1000000)", "go to the first line", show=False),
        Binding("end", "move(1000000)", "go to the last line", show=False),
    ]

    class Highlighted(Message):
        """Another entry has been walked to."""

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.glyphs = glyphs
        self._order: Sequence[int] = ()
        self._top = 0
        self.highlighted: int | None = None
        """Number of the entry that keys act on, None without any."""
        self.nothing = ""
        """What is said in place of entries where there are none."""

    def show_order(self, order: Sequence[int]) -> None:
        """List entries by their numbers; the highlighted one stays highlighted while it is listed."""
        self._order = order
        if self.highlighted not in order:
            self.highlighted = order[0] if order else None
        self.redraw()

    def action_move(self, lines: int) -> None:
        """Highlight the entry `lines` further down."""
        order = self._order
        if not order:
            return
        line = order.index(self.highlighted) if self.highlighted in order else 0
        self._highlight(min(max(line + lines, 0), len(order) - 1))

    def action_page(self, direction: int) -> None:
        """Highlight the entry a page further down."""
        self.action_move(direction * max(1, self.size.height - 2))

    def on_click(self, event: events.Click) -> None:
        """Highlight the entry that was clicked."""
        line = self._top + event.y - 1
        if event.y > 0 and line < len(self._order):
            self._highlight(line)

    def on_mouse_scroll_down(self, _event: events.MouseScrollDown) -> None:
        """Highlight an entry further down."""
        self.action_move(1)

    def on_mouse_scroll_up(self, _event: events.MouseScrollUp) -> None:
        """Highlight an entry further up."""
        self.action_move(-1)

    def _highlight(self, line: int) -> None:
        self.highlighted = self._order[line]
        self.redraw()
        self.post_message(self.Highlighted())

    def draw(self, width: int, height: int) -> list[list[Segment]]:
        """Return the heading and as many lines as fit, as a rule the highlighted one among them."""
        order, room = self._order, max(1, height - 1)
        if self.is_following and self.highlighted in order:
            line = order.index(self.highlighted)
            self._top = min(max(self._top, line - room + 1), line)
        self._top = max(0, min(self._top, len(order) - room))
        shown = order[self._top : self._top + room]
        heading, *lines = self.parts(width, shown)
        drawn = [self._segments([(heading[0][0], "list--heading")])]
        if not order:
            return drawn + [self._segments([(line, "list--muted")]) for line in textwrap.wrap(self.nothing, width)]
        return drawn + [self._line(place, parts, width) for place, parts in zip(shown, lines, strict=True)]

    @property
    def is_following(self) -> bool:
        """Whether the list scrolls to its highlighted entry."""
        return True

    def _line(self, place: int, parts: Sequence[StyledText], width: int) -> list[Segment]:
        """Return a line; the highlighted one has one background from end to end."""
        if place != self.highlighted or not self.has_focus:
            return self._segments(parts)
        if self.has_color:
            over = self.get_component_rich_style("list--highlighted", partial=True)
            return self._segments([*parts, (" " * width, "")], over)
        return [Segment("".join(text for text, _ in parts).ljust(width), WITHOUT_COLORS)]

    @abstractmethod
    def parts(self, width: int, shown: Sequence[int]) -> list[Sequence[StyledText]]:
        """Return the heading as one part, and then the parts of the line of each shown entry."""

    def finding_part(self, worst: int, *, has_words: bool) -> StyledText:
        """Return the worst severity, an index into SEVERITIES or -1 for none."""
        if worst < 0:
            return "-", "list--muted"
        severity = SEVERITIES[worst]
        word = f" {severity}" if has_words else ""
        return f"{severity_symbol(severity, self.glyphs)}{word}", f"list--{severity}"

    def _segments(self, parts: Sequence[StyledText], over: Style | None = None) -> list[Segment]:
        over = over or Style.null()
        return [Segment(text, (self.get_component_rich_style(name, partial=True) if name else Style.null()) + over)
                for text, name in parts if text]  # fmt: skip


def series_class(color: int | None) -> str:
    """Return the component class of a charted entry's colour; empty for one that isn't charted."""
    return "" if color is None else f"list--series-{color}"
