"""Takes the terminal's answers out of what it sends, before they can be read as keys.

The query is `CSI 6n`, for the cursor's place: every terminal since the VT100 answers it, tmux and screen answer it
themselves, and its answer can't be taken for a key of this program. (`CSI ?6n` isn't known to all, the answers to
`CSI 5n` and `CSI c` are keys to Textual's parser.)
"""

from __future__ import annotations

import re

QUERY = "\x1b[6n"
ANSWER = re.compile(r"\x1b\[\d+;\d+R")
BEGUN = re.compile(r"\x1b\[\d+(;\d*)?$")
"""The beginning of an answer, at the end of what has come so far: the rest is on a slow line."""


class AnswerFilter:
    """Counts the answers in a stream, and passes on the rest."""

    def __init__(self) -> None:
        self.count = 0
        """Answers so far."""
        self._begun = ""

    def feed(self, text: str, *, is_awaited: bool) -> str:
        """Return a text without answers; while one is awaited, its beginning is held back until the rest has come."""
        rest, count = ANSWER.subn("", self._begun + text)
        self._begun, self.count = "", self.count + count
        begun = BEGUN.search(rest) if is_awaited else None
        if begun is None:
            return rest
        self._begun = begun[0]
        return rest[: begun.start()]

    def release(self) -> str:
        """Return what was held back: it wasn't an answer."""
        begun, self._begun = self._begun, ""
        return begun

    @property
    def is_holding(self) -> bool:
        """Whether the beginning of an answer is held back."""
        return bool(self._begun)
