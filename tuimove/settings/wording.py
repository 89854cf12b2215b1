"""Small words that messages share, and what takes a message."""

from collections.abc import Callable

Say = Callable[[str], None]
"""Called with a message for the user, in one line."""


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, such as `1 run` or `2 runs`."""
    return f"{number} {noun}{'s' * (number != 1)}"
