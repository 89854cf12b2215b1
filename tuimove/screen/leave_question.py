"""The question before a run that trains here is left: stop it, let it go on in the background, or stay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from tuimove.screen.line.see_through import SeeThrough
from tuimove.screen.while_open import WhileOpen

Answer = Literal["stop", "background", "stay"]

STOP = "S"
"""Key that stops: a capital, since words typed into the wrong window have small letters after `q`, `p`, `r` or `f`."""
BACKGROUND = "b"
AGAIN = ("q", "ctrl+c")
"""Keys that ask when pressed once and leave when pressed twice; nothing is lost by it."""


@dataclass(frozen=True)
class Leaving:
    """What is to be left, and for what."""

    what: str
    """Such as `This run trains here`."""
    then: str
    """What follows in words, such as `and quit`; may be empty."""
    background: str = ""
    """What the background is, such as `go on in the background`; empty where it can't."""
    why_not: str = ""
    """Why it can't go on in the background; empty where it can."""


class LeaveQuestion(WhileOpen, SeeThrough[Answer]):
    """Asks once; whatever key isn't an answer means to stay, and pasted text means nothing."""

    CSS = """
    LeaveQuestion {
        align: center middle;
        #question { width: 64; max-width: 100%; height: auto; max-height: 100%; padding: 0 1; border: round $primary;
                    background: $surface; }
    }
    """

    def __init__(self, leaving: Leaving, *, takes_again: bool) -> None:
        """Ask; `takes_again` where a second `q` takes the background."""
        super().__init__()
        self._leaving, self._takes_again = leaving, takes_again and bool(leaving.background)

    def compose(self) -> ComposeResult:
        """Yield the question with its answers."""
        yield Static(Content("\n").join(self._lines()), id="question")

    def _lines(self) -> list[Content]:
        asked = self._leaving
        answers = [(STOP, f"stop it{asked.then}")]
        if asked.background:
            keys = f"{BACKGROUND} {AGAIN[0]}" if self._takes_again else BACKGROUND
            answers.append((keys, asked.background))
        answers.append(("other", "stay"))
        lines = [Content.assemble((f"{key:<7}", "bold"), words) for key, words in answers]
        why = [Content.styled(asked.why_not, "$foreground 60%")] if asked.why_not else []
        return [Content.styled(f"{asked.what}:", "bold"), *lines, *why]

    def on_key(self, event: events.Key) -> None:
        """Take the answer."""
        event.stop()
        event.prevent_default()
        self.answer(event.key)

    def answer(self, key: str) -> None:
        """Close with what a key means."""
        goes_on = key == BACKGROUND or (key in AGAIN and self._takes_again)
        answer: Answer = "stop" if key == STOP else "background" if goes_on and self._leaving.background else "stay"
        self.dismiss(answer)
