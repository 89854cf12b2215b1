"""Messages in few lines: how a long path is cut, and how long a message is to be read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from textual.content import Content

PATH = re.compile(r"\S*/\S*")
"""Pattern of paths, without spaces."""
MOST_LINES = 3
"""Lines of a message that isn't an error."""
LEAST_SECONDS, CHARACTERS_A_SECOND = 3.0, 20.0
"""Seconds to notice a message, and how fast it is read."""


def reading_seconds(words: str) -> float:
    """Return for how long a message is shown."""
    return LEAST_SECONDS + len(words) / CHARACTERS_A_SECOND


def fitting_message(words: str, width: int, sign: str) -> str:
    """Return a message with its longest path cut at the beginning, as far as it takes to fit into its lines.

    `sign` stands for what is cut off. The path's last part is always whole.
    """
    longest = max(PATH.findall(words), key=len, default="")
    tried = [words, *(words.replace(longest, end, 1) for end in _ends_of(longest, sign))]
    return next((one for one in tried if len(Content(one).wrap(max(1, width))) <= MOST_LINES), tried[-1])


def _ends_of(path: str, sign: str) -> Iterator[str]:
    """Yield a path without its first part, its first two, and so on, with a sign in their place."""
    parts = path.split("/")
    for place in range(1 + path.startswith("/"), len(parts)):
        yield "/".join([sign, *parts[place:]])
