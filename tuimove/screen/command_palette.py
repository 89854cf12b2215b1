"""Textual's list of commands, whose search may go on after it was closed."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from textual.command import CommandPalette


class Commands(CommandPalette):
    """Lists the commands; a search that ends after the list has gone isn't an error."""

    def run_worker(self, work: Any, *others: Any, **settings: Any) -> Any:
        """Run a search, which fails where it finds no list any more."""
        return super().run_worker(work, *others, **{**settings, "exit_on_error": False})

    def _action_command_list(self, action: str) -> None:
        with suppress(KeyError):  # no command has been laid out
            super()._action_command_list(action)
