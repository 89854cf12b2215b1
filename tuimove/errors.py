"""What can go wrong in a way the user can mend, and the exit code each kind ends with.

Raised anywhere, printed in one place (`command_line.main`), never with a traceback.
"""

import difflib
from collections.abc import Iterable
from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ended; scripts rely on these numbers."""

    FINISHED = 0
    FAILED = 1
    USAGE = 2
    FOUND = 3
    INTERRUPTED = 130


class TuimoveError(Exception):
    """A mistake or misfortune that one line explains."""

    exit_code = ExitCode.USAGE


class PresetError(TuimoveError):
    """A preset, or a value given on the command line, that cannot be used; one line per mistake."""


class DataError(TuimoveError):
    """A data set that is missing, damaged or does not fit."""


class OutputError(TuimoveError):
    """A place that cannot be written to, or stopped taking what was written."""

    exit_code = ExitCode.FAILED


def harmless(text: str) -> str:
    """Return a text with a question mark for whatever could steer a terminal, line ends included."""
    return text if text.isprintable() else "".join(sign if sign.isprintable() else "?" for sign in text)


def nearest_of(word: str, choices: Iterable[str]) -> str:
    """Return `"; did you mean 'x'?"` for the choice nearest to `word`, or nothing when none is near."""
    matches = difflib.get_close_matches(word, list(choices), n=1, cutoff=0.5)
    return f"; did you mean '{matches[0]}'?" if matches else ""
