"""A field whose value is one of a few words, walked through by left and right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tuimove.screen.while_open import WhileOpen


class Choice(WhileOpen, Widget, can_focus=True):
    """Shows the chosen word between two arrows while it has the focus."""

    KEYS_TITLE = "Fields"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "walk_choice(-1)", "take the previous choice"),
        Binding("right,space", "walk_choice(1)", "take the next choice"),
    ]
    value = reactive("")

    def __init__(self, choices: Sequence[str], value: str, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._choices = choices
        self.set_reactive(Choice.value, value)

    def render(self) -> Content:
        """Return the word."""
        return Content(f"← {self.value} →" if self.has_focus else self.value)

    def action_walk_choice(self, direction: int) -> None:
        """Choose the next word, or the previous one."""
        place = self._choices.index(self.value) if self.value in self._choices else 0
        self.value = self._choices[(place + direction) % len(self._choices)]

    def on_key(self, event: events.Key) -> None:
        """Choose the next word that begins with a typed letter."""
        place = self._choices.index(self.value) if self.value in self._choices else 0
        ordered = [*self._choices[place + 1 :], *self._choices[: place + 1]]
        beginning = [word for word in ordered if event.character and word.startswith(event.character.lower())]
        if beginning:
            event.stop()
            self.value = beginning[0]

    def on_click(self) -> None:
        """Choose the next word."""
        self.action_walk_choice(1)
