"""A list with a field above it in which a filter is typed: the findings, and the matrices."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from tuimove.screen.while_open import WhileOpen


class FilterField(WhileOpen, Input):
    """The field of a filter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "go to the list", key_display="enter"),
        Binding("down", "submit", "go to the list", show=False),
        Binding("escape", "leave", "no filter"),
    ]

    class Left(Message):
        """Posted when the filter is to be cleared."""

    def action_leave(self) -> None:
        """Ask for the end of the filter."""
        self.post_message(self.Left())


class FilteredPane(WhileOpen, Vertical):
    """A panel with a list and its filter, which is shown while it is used."""

    DEFAULT_CSS = """
    FilteredPane {
        height: 1fr;
        FilterField { height: 1; display: none; padding: 0 1; }
        FilterField.-open { display: block; }
    }
    """
    PLACEHOLDER: ClassVar[str] = ""
    """What may be typed."""

    def __init__(self, entries: Widget, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.entries = entries
        """The list, which has the focus otherwise."""
        self.filter = ""

    def compose(self) -> ComposeResult:
        """Yield the filter and the list."""
        yield FilterField(placeholder=self.PLACEHOLDER, compact=True)  # a border would leave no row for the text
        yield self.entries

    @abstractmethod
    def rebuild(self) -> None:
        """List what passes the filter."""

    def open_filter(self) -> None:
        """Focus the field of the filter."""
        self.query_one(FilterField).add_class("-open").focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while the user types."""
        self.filter = event.value.strip().lower()
        self.rebuild()

    def on_input_submitted(self) -> None:
        """Focus the list and keep the filter."""
        self.entries.focus()

    def key_escape(self, event: events.Key) -> None:
        """Clear the filter; without one, pass the key on."""
        if self.query_one(FilterField).has_class("-open"):
            event.stop()
            self.on_filter_field_left()

    def on_filter_field_left(self) -> None:
        """Clear the filter, and focus the list."""
        field = self.query_one(FilterField)
        field.value = ""
        field.remove_class("-open")
        self.entries.focus()
