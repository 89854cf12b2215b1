"""One line under the header of a user's first run: what the distance is, and why it matters."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from tuimove.screen.while_open import WhileOpen

WORDS = (
    "Distance: how far the weights have moved from where they began. It should grow fast at first, then ever more "
    "slowly; a leap, a fall or a standstill means trouble.",
    "Distance: how far the weights have moved since the start. A leap, a fall or a standstill means trouble.",
    "Distance: how far the weights moved since the start. Leaps and falls mean trouble.",
    "Distance: how far weights moved from their start. A fall means trouble.",
    "Distance: how far weights moved. A fall means trouble.",
    "Distance: how far weights moved.",
    "Distance: moved how far.",
)
"""The same in ever fewer words, for ever narrower windows."""
CLOSING = "esc"


class FirstWords(WhileOpen, Static):
    """Explains the distance until it is dismissed by `esc` or a click."""

    DEFAULT_CSS = """
    FirstWords { height: 1; padding: 0 1; background: $primary 20%; color: $foreground; text-wrap: nowrap; }
    """

    def render(self) -> Content:
        """Return the longest words that fit, and how they are dismissed."""
        room = self.content_size.width - len(CLOSING) - 2
        words = next((words for words in WORDS if len(words) <= room), WORDS[-1])
        line = Content(words).truncate(max(0, room), pad=True)
        return line + "  " + Content.styled(CLOSING, "bold $footer-key-foreground")

    def on_click(self) -> None:
        """Dismiss the line."""
        self.remove()
