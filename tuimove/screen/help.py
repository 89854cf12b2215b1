"""Lists all keys, read from the bindings, and leads to the pages of documentation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tuimove.screen.while_open import WhileOpen

KEY_NAMES = {
    "left_square_bracket": "[", "right_square_bracket": "]", "question_mark": "?", "slash": "/", "plus": "+",
    "minus": "-", "equals_sign": "=", "escape": "esc", "comma": ",", "full_stop": ".",
    "less_than_sign": "<", "greater_than_sign": ">", "left": "←", "right": "→", "up": "↑", "down": "↓",
}  # fmt: skip
KEY_COLUMNS = 18


class HelpScreen(WhileOpen, ModalScreen[None]):
    """Lists groups of keys; esc, ? or q closes it, and any other key closes it and acts."""

    CSS = """
    HelpScreen {
        align: center middle;
        VerticalScroll { width: 64; max-width: 100%; height: auto; max-height: 100%; padding: 0 2;
                         border: round $primary; background: $surface; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "show_pages", "read the pages of documentation"),
        Binding("escape,question_mark,q", "dismiss", "close"),
        Binding("j", "scroll('down')", show=False),
        Binding("k", "scroll('up')", show=False),
    ]

    def __init__(self, groups: Iterable[tuple[str, Iterable[Binding]]]) -> None:
        super().__init__()
        self._groups = [(title, list(bindings)) for title, bindings in groups]

    def compose(self) -> ComposeResult:
        """Yield the list."""
        with VerticalScroll(can_focus=True) as scroll:
            scroll.border_title = "keys"
            scroll.border_subtitle = "enter: pages to read"
            for title, bindings in self._groups:
                yield Static(_group_lines(title, bindings))
            yield Static(
                _group_lines("This list", [binding for binding in self.BINDINGS if isinstance(binding, Binding)])
            )

    def on_key(self, event: events.Key) -> None:
        """Close the list with a key that has another meaning, and have it act on the screen below."""
        if event.key not in self.active_bindings:
            event.stop()
            self.dismiss()
            self.app.simulate_key(event.key)

    def action_show_pages(self) -> None:
        """List the pages of documentation above the keys."""
        from tuimove.screen.page_screens import PageList  # imports Textual's Markdown: not before the first frame

        self.app.push_screen(PageList())

    def action_scroll(self, direction: str) -> None:
        """Scroll by a line."""
        scroll = self.query_one(VerticalScroll)
        scroll.scroll_down() if direction == "down" else scroll.scroll_up()


def _group_lines(title: str, bindings: Iterable[Binding]) -> Content:
    """Return a heading and a line for each action, in the order of the bindings."""
    keys: dict[str, list[str]] = {}
    for binding in bindings:
        if binding.description:
            keys.setdefault(binding.description, []).extend(_key_name(key) for key in binding.key.split(","))
    lines = [Content.styled(title, "bold $primary")]
    for description, names in keys.items():
        shown = " ".join(dict.fromkeys(names))
        lines.append(Content.assemble((f"{shown:<{KEY_COLUMNS}}", "bold"), description))
    return Content("\n").join([*lines, Content("")])


def _key_name(key: str) -> str:
    modifier, plus, last = key.rpartition("+")
    return f"{modifier}{plus}{KEY_NAMES.get(last, last)}"
