"""Checks of a preset's values; each returns what is wrong in a few words."""

import math
from collections.abc import Callable
from dataclasses import field
from typing import Any

from tuimove.errors import is_harmless
from tuimove.settings.key_names import nearest_word

Check = Callable[[Any], str]
"""Takes a value of the right type; returns what is wrong with it, or an empty string."""


def at_least(least: int) -> Check:
    """Accept integers of at least `least`."""
    return lambda value: "" if value >= least else f"must be at least {least}"


def count_to(most: int) -> Check:
    """Accept integers from 1 to a number beyond what anybody means."""
    return lambda value: (
        at_least(1)(value) or ("" if value <= most else f"must be at most {most}; no run gets that far")
    )


def one_of(*choices: str) -> Check:
    """Accept the given words."""
    words = ", ".join(choices)
    return lambda value: "" if value in choices else f"must be one of {words}{nearest_word(value, choices)}"


def positive(value: float) -> str:
    """Accept finite numbers above zero."""
    return "" if math.isfinite(value) and value > 0 else "must be a finite number above 0"


def share(value: float) -> str:
    """Accept numbers from 0 to 1."""
    return "" if 0 <= value <= 1 else "must be between 0 and 1"


def printable(value: str) -> str:
    """Accept text in UTF-8 that cannot steer a terminal."""
    if any(map(_is_no_text, value)):
        return "is not UTF-8, so it can't be written into a preset"
    return "" if is_harmless(value) else "must not hold control characters or signs that turn the text around them"


def _is_no_text(sign: str) -> bool:
    """Return whether a sign stands for a byte of a file's name that isn't UTF-8."""
    return "\ud800" <= sign <= "\udfff"


def nonempty(value: str) -> str:
    """Accept printable text that isn't empty."""
    return printable(value) if value else "must not be empty"


def key(default: Any, check: Check) -> Any:
    """Return a dataclass field with a default and the check its values must pass."""
    return field(default=default, metadata={"check": check})
