"""Errors that a user can correct, and the exit code of each kind.

Raised anywhere, printed in one place (`command_line.main`), never with a traceback.
"""

import difflib
import unicodedata
from collections.abc import Iterable, Mapping
from enum import Enum, IntEnum, auto

TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that change the direction of the text after them, so that it reads as something else."""


class ExitCode(IntEnum):
    """How a command ended; scripts rely on these numbers."""

    FINISHED = 0
    FAILED = 1
    USAGE = 2
    FOUND = 3
    INTERRUPTED = 130


class Input(Enum):
    """An input of a command; each front end has its own name for it, such as an option."""

    DASK = auto()
    """Address of a Dask scheduler, or the path of its scheduler file."""
    DATA = auto()
    """Folder of the images."""
    MOST_RUNS = auto()
    """Most runs that an experiment may have."""
    ONLY = auto()
    """Patterns of the names of the arrays to look at."""
    OUT = auto()
    """Folder of a new run or experiment."""
    QUANTITY = auto()
    """Column of the measurements that is charted."""


class TuimoveError(Exception):
    """An error that one line explains."""

    exit_code = ExitCode.USAGE

    def __init__(self, words: str, *, about: Input | None = None, remedy: Input | None = None) -> None:
        """Set the message, the input that it is about, and the input that would help; the message names no option."""
        super().__init__(words)
        self.about, self.remedy = about, remedy


class PresetError(TuimoveError):
    """A preset, or a value given on the command line, that is invalid; one line per mistake."""

    def __init__(self, words: str, mistakes: Mapping[str, str] | None = None, *, remedy: Input | None = None) -> None:
        """Set the whole message, and the messages of single keys by dotted key."""
        super().__init__(words, remedy=remedy)
        self.mistakes = dict(mistakes or {})


class DataError(TuimoveError):
    """A data set that is missing, damaged or does not fit."""


class OutputError(TuimoveError):
    """A place that can't be written, or a write that failed."""

    exit_code = ExitCode.FAILED


def harmless(text: str) -> str:
    """Replace control characters in a text, line ends included, by question marks."""
    return text if text.isprintable() else "".join(sign if _is_harmless(sign) else "?" for sign in text)


def is_harmless(text: str) -> bool:
    """Return whether a text has no characters that control a terminal or change the direction of text."""
    return text.isprintable() or all(map(_is_harmless, text))


def _is_harmless(sign: str) -> bool:
    """Accept printable characters, spaces, and joiners as within an emoji or a Persian word."""
    return sign.isprintable() or (unicodedata.category(sign) in ("Cf", "Zs") and sign not in TURNING)


def nearest_of(word: str, choices: Iterable[str]) -> str:
    """Return `"; did you mean 'x'?"` for the choice nearest to `word` but not it, or nothing when none is near."""
    others = {choice.lower(): choice for choice in choices if choice != word}
    matches = difflib.get_close_matches(word.lower(), others, n=1, cutoff=0.5)
    return f"; did you mean '{others[matches[0]]}'?" if matches else ""


def with_remedy(words: str, remedy: str) -> str:
    """Return words with what would help after them, as a front end calls it, if anything would."""
    return f"{words}; {remedy}" if remedy else words


NOTICE = "notice: "
"""Prefix of a line about odd data, the same as for the least severe findings."""
