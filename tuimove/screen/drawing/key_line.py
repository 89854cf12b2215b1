"""The active keys on one line, as many as fit, for windows too narrow for a footer."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from tuimove.screen.while_open import WhileOpen

GAP = "  "


class KeyLine(WhileOpen, Static):
    """Shows keys in the order of the bindings."""

    DEFAULT_CSS = """
    KeyLine { dock: bottom; height: 1; padding: 0 1; background: $footer-background; color: $footer-foreground; }
    """

    def on_mount(self) -> None:
        """Redraw whenever the active keys change."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh())

    def render(self) -> Content:
        """Return the keys and what they do."""
        line = Content("")
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if not binding.show or not active.enabled:
                continue
            word = Content.styled(self.app.get_key_display(binding), "bold $footer-key-foreground")
            entry = Content(GAP if line else "") + word + f" {binding.description}"
            if line.cell_length + entry.cell_length <= self.content_size.width:
                line += entry
        return line
