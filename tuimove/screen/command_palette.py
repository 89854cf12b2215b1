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

from tuimove.screen.deeds import key_name, plain_keys
from tuimove.screen.key_groups import KeyGroup, key_groups
from tuimove.screen.line.see_through import SeeThrough


class Commands(CommandPalette, SeeThrough[None]):
    """Lists the commands; a search that ends after the list has gone isn't an error."""

    DEFAULT_CSS = """
    Commands { background: transparent; }
    """

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
