"""Plurals in messages."""


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, such as `1 run` or `2 runs`."""
    return f"{number} {noun}{'s' * (number != 1)}"
