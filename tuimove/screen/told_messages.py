"""What a run and its screen have said so far: each message with its time, kept and shown on a key."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tuimove.screen.read_over import ReadOver

MOST_KEPT = 500
"""Most messages that are kept, the newest."""
LOOK_SECONDS = 0.5
"""Seconds between two looks for new messages while they are shown."""
STYLES = {"warning": "$text-warning", "error": "bold $text-error"}


@dataclass(frozen=True)
class ToldMessage:
    """Something that was said."""

    at: str
    """Time of day."""
    words: str
    severity: str
    """`information`, `warning` or `error`."""


class MessageLog:
    """The newest messages of a program."""

    def __init__(self) -> None:
        self._messages: deque[ToldMessage] = deque(maxlen=MOST_KEPT)
        self.count = 0
        """Number of messages so far, also of those that are no longer kept."""

    def add(self, words: str, severity: str = "information") -> None:
        """Keep a message with the present time."""
        self._messages.append(ToldMessage(time.strftime("%H:%M:%S"), words, severity))
        self.count += 1

    def __iter__(self) -> Iterator[ToldMessage]:
        return iter(tuple(self._messages))


class MessageScreen(ReadOver):
    """Lists the messages, the newest last, and those that come while it is open."""

    CSS = """
    MessageScreen {
        align: center middle;
        VerticalScroll { width: 100; max-width: 100%; height: auto; max-height: 100%; padding: 0 1;
                         border: round $primary; background: $surface; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,M,q", "dismiss", "close the messages", key_display="esc"),
    ]

    def __init__(self, log: MessageLog) -> None:
        super().__init__()
        self._log, self._shown = log, -1

    def compose(self) -> ComposeResult:
        """Yield the list."""
        with VerticalScroll() as scroll:
            scroll.border_title = "messages"
            scroll.border_subtitle = "esc goes back"
            yield Static()

    def on_mount(self) -> None:
        """Show what has been said, its newest line in sight until one scrolls, and look for more."""
        self._show_new()
        self.query_one(VerticalScroll).anchor()
        self.set_interval(LOOK_SECONDS, self._show_new)

    def _show_new(self) -> None:
        if self._log.count == self._shown:
            return
        self._shown = self._log.count
        lines = [_line(message) for message in self._log]
        self.query_one(Static).update(Content("\n").join(lines or [Content.styled("nothing yet", "$foreground 60%")]))


def _line(message: ToldMessage) -> Content:
    style = STYLES.get(message.severity, "$foreground")
    return Content.assemble((message.at, "$foreground 60%"), "  ", (message.words, style))
