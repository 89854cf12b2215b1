"""A list with a field above it in which a filter is typed: the findings, and the matrices."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Input

from tuimove.screen.filter_line import FilterLine
from tuimove.screen.while_open import WhileOpen


class FilteredPane(WhileOpen, Vertical):
    """A panel with a list and its filter, which is shown while it is used."""

    DEFAULT_CSS = "FilteredPane { height: 1fr; }"
    PLACEHOLDER: ClassVar[str] = ""
    """What may be typed."""

    def __init__(self, entries: Widget, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.entries = entries
        """The list, which has the focus otherwise."""
        self.filter = ""

    def compose(self) -> ComposeResult:
        """Yield the filter and the list."""
        yield FilterLine(self.PLACEHOLDER)
        yield self.entries

    @abstractmethod
    def rebuild(self) -> None:
        """List what passes the filter."""

    def open_filter(self) -> None:
        """Focus the field of the filter."""
        self.query_one(FilterLine).open()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while the user types."""
        self.filter = event.value.strip().lower()
        self.rebuild()

    def on_input_submitted(self) -> None:
        """Focus the list and keep the filter."""
        self.entries.focus()

    def key_escape(self, event: events.Key) -> None:
        """Clear the filter; without one, pass the key on."""
        if self.query_one(FilterLine).is_used:
            event.stop()
            self.on_filter_field_left()

    def on_filter_field_left(self) -> None:
        """Clear the filter, and focus the list."""
        self.query_one(FilterLine).clear()
        self.entries.focus()
