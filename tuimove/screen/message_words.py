"""Messages in few lines: how a long path is cut, and how long a message is to be read."""

from __future__ import annotations

import re
from itertools import accumulate

PATH = re.compile(r"\S*/\S*")
"""Pattern of paths, without spaces."""
MOST_LINES = 2
"""Lines of a message that isn't an error."""
LEAST_SECONDS, CHARACTERS_A_SECOND = 3.0, 20.0
"""Seconds to notice a message, and how fast it is read."""


def reading_seconds(words: str) -> float:
    """Return for how long a message is shown."""
    return LEAST_SECONDS + len(words) / CHARACTERS_A_SECOND


def fitting_message(words: str, width: int, sign: str) -> str:
    """Return a message with its longest path cut at the beginning, so far that it fits into a line if it can.

    `sign` stands for what is cut off. The path's last part is always whole.
    """
    longest = max(PATH.findall(words), key=len, default="")
    room = width - len(words) + len(longest)
    return words if len(words) <= width else words.replace(longest, _end_of(longest, room, sign), 1)


def _end_of(path: str, room: int, sign: str) -> str:
    """Return the last parts of a path that fit, one at least, after a sign for the others."""
    *before, last = path.split("/")
    tails = [*accumulate(reversed(before), lambda tail, part: f"{part}/{tail}", initial=last)][:-1]
    fitting = [tail for tail in tails if len(sign) + 1 + len(tail) <= room]
    return f"{sign}/{fitting[-1] if fitting else last}" if before else path
