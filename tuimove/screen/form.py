"""A form for the most used keys of a preset, with the checks of the command line."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, Label, Static

from tuimove.errors import PresetError
from tuimove.screen.while_open import WhileOpen
from tuimove.settings.preset import ACTIVATIONS, INITS, Preset
from tuimove.settings.preset_reading import Override, change_preset
from tuimove.settings.typed_values import parse_value

FIELDS = {
    "network.hidden": "neurons",
    "network.activation": ", ".join(ACTIVATIONS),
    "network.init": ", ".join(INITS),
    "training.learning_rate": "step length",
    "training.epochs": "updates",
    "training.seed": "whole number",
    "measure.every": "epochs between measurements",
}
"""Dotted keys and their valid values."""


class PresetForm(WhileOpen, ModalScreen[Preset | None]):
    """Returns the changed preset, or None."""

    CSS = """
    PresetForm {
        align: center middle;
        #form { width: 76; max-width: 100%; height: auto; max-height: 100%; padding: 0 1; border: round $primary; }
        Grid { grid-size: 3; grid-columns: 23 14 1fr; grid-rows: 1; height: auto; }
        Input { height: 1; border: none; padding: 0 1; }
        Input.-mistaken { background: $error 30%; }
        #mistakes { color: $error; height: auto; }
        .hint { color: $foreground 60%; padding: 0 1; }
    }
    """
    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,ctrl+r", "accept", "train", priority=True, key_display="enter"),
        Binding("down", "app.focus_next", "next field", show=False),
        Binding("up", "app.focus_previous", "previous field", show=False),
        Binding("escape", "cancel", "back"),
    ]

    def __init__(self, preset: Preset) -> None:
        super().__init__()
        self._preset = preset

    def compose(self) -> ComposeResult:
        """Yield a line for each key."""
        with VerticalScroll(id="form", can_focus=False):
            yield Label(self._preset.title, markup=False)
            with Grid():
                for key, hint in FIELDS.items():
                    section, name = key.split(".")
                    yield Label(key)
                    yield Input(str(getattr(getattr(self._preset, section), name)), id=key.replace(".", "-"))
                    yield Label(hint, classes="hint")
            yield Static(id="mistakes", markup=False)
        yield Footer(show_command_palette=False, compact=True)

    def action_accept(self) -> None:
        """Return the preset, or show what is invalid."""
        typed = {key: self.query_one(f"#{key.replace('.', '-')}", Input).value.strip() for key in FIELDS}
        overrides = [Override("form", key, parse_value(text)) for key, text in typed.items()]
        try:
            self.dismiss(change_preset(self._preset, overrides))
        except PresetError as error:
            self.query_one("#mistakes", Static).update(str(error))
            for key in FIELDS:
                self.query_one(f"#{key.replace('.', '-')}").set_class(key in error.mistakes, "-mistaken")

    def action_cancel(self) -> None:
        """Return None."""
        self.dismiss(None)
