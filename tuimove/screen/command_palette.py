"""The palette of commands: every deed of the screen below, by its words; Textual's own commands are left out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.command import CommandPalette
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input
from textual.worker import Worker, WorkerState

from tuimove.screen.deeds import key_name, plain_keys
from tuimove.screen.key_groups import KeyGroup, key_groups
from tuimove.screen.line.see_through import SeeThrough
from tuimove.screen.one_run.cards import Card
from tuimove.screen.one_run.dashboard import Dashboard
from tuimove.screen.while_open import WhileOpen


class Commands(WhileOpen, CommandPalette, SeeThrough[None]):  # type: ignore[misc]  # another `is_open`, of the class
    """Lists the commands; enter waits for those that match the whole text, and does nothing where none does.

    Textual's own palette does what matched the text a moment before.
    """

    DEFAULT_CSS = """
    Commands { background: transparent; }
    """
    # Textual inherits styles from the first base alone.

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.is_entered = False
        """Whether enter was pressed, and the search for what it stands for goes on."""

    def on_input_changed(self) -> None:
        """Take enter back where the text is changed after it."""
        self.is_entered = False

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Wait for the search, whose results take the place of those in the list."""
        if any(worker.group == self._GATHER_COMMANDS_GROUP and not worker.is_finished for worker in self.workers):
            event.prevent_default().stop()
            self.is_entered = True

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Do what enter was pressed for, once the search has ended."""
        if self.is_entered and event.state == WorkerState.SUCCESS and self.is_current:
            self.is_entered = False
            self._select_or_command()

    def run_worker(self, work: Any, *others: Any, **settings: Any) -> Any:
        """Run a search, which fails where it finds no list any more."""
        return super().run_worker(work, *others, **{**settings, "exit_on_error": False})

    def _action_command_list(self, action: str) -> None:
        with suppress(KeyError):  # no command has been laid out
            super()._action_command_list(action)


@dataclass
class _Deed:
    """What one or several bindings do."""

    title: str
    action: str
    """Action of the first of them."""
    node: DOMNode
    """What it acts on."""
    keys: dict[str, None] = field(default_factory=dict)
    """All their keys, in the order of the bindings."""


def deed_commands(app: App[None], screen: Screen[object]) -> Iterator[SystemCommand]:
    """Yield a command for each deed of a screen, of the panels on it, and of the program, with all of its keys."""
    deeds: dict[str, _Deed] = {}
    for group in key_groups(app, screen):
        for binding in group.bindings if _is_shown(group.node) else ():
            title = _title(group, binding)
            deed = deeds.setdefault(title, _Deed(title, binding.action, group.node))
            deed.keys |= dict.fromkeys(map(key_name, binding.key.split(",")))
    for deed in deeds.values():
        if deed.action != "command_palette":
            keys = plain_keys(" ".join(deed.keys), app)
            yield SystemCommand(f"{deed.title}  {keys}", "", partial(_do, app, deed.action, deed.node))
    if isinstance(screen, Dashboard):
        for quantity in screen.state.quantities:
            chart = partial(screen.post_message, Card.Chosen(quantity))
            yield SystemCommand(f"Chart: {quantity.title}", "", chart)


async def _do(app: App[None], action: str, node: DOMNode) -> None:
    if node.is_attached:
        await app.run_action(action, default_namespace=node)


def _is_shown(node: DOMNode) -> bool:
    return not isinstance(node, Widget) or node.display


def _title(group: KeyGroup, binding: Binding) -> str:
    """Return a deed, with its panel's name where it has one."""
    is_of_panel = isinstance(group.node, Widget) and not isinstance(group.node, Screen)
    words = f"{group.title.lower()}: {binding.description}" if is_of_panel else binding.description
    return words[:1].upper() + words[1:]
