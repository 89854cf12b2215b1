"""A text to read above a screen: it scrolls, and a key that means nothing here closes it and acts below."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from tuimove.screen.line.see_through import SeeThrough
from tuimove.screen.while_open import WhileOpen


class ReadOver(WhileOpen, SeeThrough[None]):
    """Base of the help and of the messages, which each hold one scrolling container."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll(1)", show=False),
        Binding("k", "scroll(-1)", show=False),
    ]

    def on_key(self, event: events.Key) -> None:
        """Close the text with a key that has another meaning, and have it act on the screen below."""
        if event.key not in self.active_bindings:
            event.stop()
            self.dismiss()
            self.app.simulate_key(event.key)

    def action_scroll(self, direction: int) -> None:
        """Scroll by a line."""
        scroll = self.query_one(VerticalScroll)
        scroll.scroll_down() if direction > 0 else scroll.scroll_up()
