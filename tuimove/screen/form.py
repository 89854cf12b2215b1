"""A form for the most used keys of a preset, with the checks of the command line, made while the user types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from tuimove.errors import PresetError
from tuimove.screen.choice import Choice
from tuimove.screen.deeds import plain_keys
from tuimove.screen.drawing.key_line import KeyLine
from tuimove.screen.line.see_through import SeeThrough
from tuimove.screen.preset_words import CLASSES, INPUTS, KEY_WORDS
from tuimove.screen.while_open import WhileOpen
from tuimove.settings.preset import ACTIVATIONS, INITS, Preset
from tuimove.settings.preset_reading import Override, change_preset
from tuimove.settings.typed_values import parse_value

FIELDS: dict[str, tuple[str, Sequence[str]]] = {
    "network.hidden": ("a whole number from 1", ()),
    "network.activation": ("← → choose", ACTIVATIONS),
    "network.init": ("← → choose", INITS),
    "training.learning_rate": ("a number above 0", ()),
    "training.epochs": ("a whole number from 1", ()),
    "training.seed": ("a whole number from 0", ()),
    "measure.every": ("epochs, 1 or more", ()),
}
"""Dotted keys, what they take in words, and the choices where there are some."""
MOST_SHOWN = 40
"""Characters of a field in a message."""


@dataclass(frozen=True)
class Checked:
    """What the form holds."""

    preset: Preset | None
    """The changed preset; None where something is wrong."""
    mistakes: dict[str, str]
    """What is wrong, by dotted key."""


def check_fields(preset: Preset, typed: dict[str, str]) -> Checked:
    """Return the preset with typed values, or a sentence for each field that is wrong."""
    overrides = [Override("form", key, parse_value(text)) for key, text in typed.items()]
    try:
        return Checked(change_preset(preset, overrides), {})
    except PresetError as error:
        wrong = {key: _mistake(key, typed[key], words) for key, words in error.mistakes.items() if key in FIELDS}
        return Checked(None, wrong)


def check_memory(preset: Preset) -> dict[str, str]:
    """Return what is wrong where the network is too large for memory, as `Checked.mistakes`."""
    from tuimove.runs.memory import require_memory  # not before the first frame

    try:
        require_memory(preset, INPUTS, CLASSES)
    except PresetError as error:
        return {key: f"{KEY_WORDS[key]}: {words.partition(': ')[2]}" for key, words in error.mistakes.items()}
    return {}


def _mistake(key: str, text: str, words: str) -> str:
    """Return what a field takes instead of what it holds, with the advice of the check."""
    _, _, advice = words.partition("; ")
    shown = text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."
    instead = f", not {shown!r}" if text else ", and nothing is typed there"
    return f"{KEY_WORDS[key]}: {FIELDS[key][0]}{instead}{'; ' * bool(advice)}{advice}"


class Field(Input):
    """A field of one line."""

    KEYS_TITLE = "Fields"


class PresetForm(WhileOpen, SeeThrough[Preset | None]):
    """Returns the changed preset, or None."""

    CSS = """
    PresetForm {
        align: center middle;
        #form { width: 80; max-width: 100%; height: auto; max-height: 100%; padding: 0 1; border: round $primary;
                background: $surface; scrollbar-size-vertical: 1; }
        Horizontal { height: 1; }
        #title { text-style: bold; margin-bottom: 1; }
        .label { width: 15; }
        Input, Choice { width: 16; height: 1; border: none; padding: 0 1; background: $foreground 10%; }
        Input:focus, Choice:focus { background: $primary 40%; border: none; }
        Input.-mistaken { background: $error 30%; }
        #mistakes { color: $text-error; height: auto; margin-top: 1; }
        #mistakes.-hint { color: $foreground 60%; }
        .hint { color: $foreground 60%; padding: 0 1; width: 1fr; }
        .key { color: $foreground 40%; width: 22; text-align: right; }
    }
    PresetForm.-narrow .key, PresetForm.-narrow .hint { display: none; }
    PresetForm.-narrow #title { display: none; }
    PresetForm.-narrow #mistakes { margin-top: 0; }
    """
    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,ctrl+r", "accept", "train with these settings", priority=True),
        Binding("down,tab", "app.focus_next", "go to the next field", priority=True, group=Binding.Group("walk")),
        Binding("up,shift+tab", "app.focus_previous", "go to the previous field", priority=True,
                group=Binding.Group("walk")),
        Binding("f1", "app.show_help", "show this help"),
        Binding("escape", "cancel", "go back"),
    ]  # fmt: skip
    NARROW = 66
    """Columns below which keys and hints are left out."""

    def __init__(self, preset: Preset) -> None:
        super().__init__()
        self._preset = preset
        self._mistakes: Mapping[str, str] = {}

    def compose(self) -> ComposeResult:
        """Yield a line for each key."""
        with VerticalScroll(id="form", can_focus=False) as form:
            form.border_title = "settings"
            form.border_subtitle = plain_keys("↑ ↓ walk, ← → choose", self.app)
            yield Label(self._preset.title, id="title", markup=False)
            for key, (hint, choices) in FIELDS.items():
                with Horizontal():
                    yield Label(KEY_WORDS[key], classes="label")
                    yield self._field(key, choices)
                    yield Label(plain_keys(hint, self.app), classes="hint")
                    yield Label(key, classes="key")
            yield Static(id="mistakes", markup=False)
        yield KeyLine()

    def _field(self, key: str, choices: Sequence[str]) -> Widget:
        section, name = key.split(".")
        value, place = str(getattr(getattr(self._preset, section), name)), key.replace(".", "-")
        return Choice(choices, value, id=place) if choices else Field(value, id=place)

    def on_resize(self) -> None:
        """Leave keys and hints out where they don't fit."""
        self.set_class(self.app.size.width < self.NARROW, "-narrow")
        self._show_below()

    def _fields(self) -> Iterator[tuple[str, Field | Choice]]:
        for key, (_, choices) in FIELDS.items():
            place = f"#{key.replace('.', '-')}"
            yield key, self.query_one(place, Choice) if choices else self.query_one(place, Field)

    def _checked(self) -> Checked:
        """Check the fields, and show what is wrong."""
        checked = check_fields(self._preset, {key: field.value.strip() for key, field in self._fields()})
        self._show(checked.mistakes)
        return checked

    def _show(self, mistakes: Mapping[str, str]) -> None:
        self._mistakes = mistakes
        self._show_below()
        for key, field in self._fields():
            field.set_class(key in mistakes, "-mistaken")

    def _show_below(self) -> None:
        """Show what is wrong, or where hints have no room beside the fields that of the focused one."""
        hint = "" if self._mistakes or not self.has_class("-narrow") else self._focused_hint()
        below = self.query_one("#mistakes", Static)
        below.set_class(bool(hint), "-hint")
        below.update(hint or "\n".join(self._mistakes.values()))

    def _focused_hint(self) -> str:
        return next((plain_keys(FIELDS[key][0], self.app) for key, field in self._fields() if field.has_focus), "")

    def on_descendant_focus(self) -> None:
        """Show the hint of the field that was gone to."""
        self._show_below()

    def on_input_changed(self, event: Message) -> None:
        """Say at once what is wrong."""
        event.stop()
        self._checked()

    def action_accept(self) -> None:
        """Return the preset, unless something is wrong."""
        checked = self._checked()
        mistakes = check_memory(checked.preset) if checked.preset else checked.mistakes
        if not mistakes:
            self.dismiss(checked.preset)
            return
        self._show(mistakes)
        next(field for key, field in self._fields() if key in mistakes).focus()

    def action_cancel(self) -> None:
        """Return None."""
        self.dismiss(None)
