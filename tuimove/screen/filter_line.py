"""A line in which the filter of a list is typed, on the screens of one run and of many; shown while it is used."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

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


class FilterLine(WhileOpen, Horizontal):
    """The field behind its label, which stays when there is text in the field."""

    DEFAULT_CSS = """
    FilterLine {
        height: 1; display: none; padding: 0 1;
        &.-open { display: block; }
        Static { width: auto; color: $foreground 60%; }
        FilterField { height: 1; width: 1fr; padding: 0; }
    }
    """

    def __init__(self, about: str) -> None:
        """`about` is shown while nothing is typed: what may be."""
        super().__init__()
        self._field = FilterField(placeholder=about, compact=True)  # a border would leave no row for the text

    def compose(self) -> ComposeResult:
        """Yield the label and the field."""
        yield Static("filter: ")
        yield self._field

    @property
    def is_used(self) -> bool:
        """Whether it is shown."""
        return self.has_class("-open")

    @property
    def is_typed_in(self) -> bool:
        """Whether keys are typed into the field."""
        return self._field.has_focus

    def open(self) -> None:
        """Show it, and focus the field."""
        self.add_class("-open")
        self._field.focus()

    def clear(self) -> None:
        """Remove the filter."""
        self._field.value = ""
        self.remove_class("-open")


def no_match(what: str, words: str) -> str:
    """Return that nothing passes a filter, and how to be rid of it."""
    return f"no {what} matches {words!r}: esc clears the filter"
