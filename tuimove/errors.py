"""What can go wrong in a way the user can mend, and the exit code each kind ends with.

Raised anywhere, printed in one place (`command_line.main`), never with a traceback.
"""

import difflib
import unicodedata
from collections.abc import Iterable, Mapping
from enum import Enum, IntEnum, auto

TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Signs that change the direction of all the text after them, so that it reads as something else."""


class ExitCode(IntEnum):
    """How a command ended; scripts rely on these numbers."""

    FINISHED = 0
    FAILED = 1
    USAGE = 2
    FOUND = 3
    INTERRUPTED = 130


class Input(Enum):
    """Something that a user gives to a command; each front end has its own name for it, such as an option."""

    DASK = auto()
    """Address of a Dask scheduler, or the path of its scheduler file."""
    DATA = auto()
    """Folder of the images."""
    MOST_RUNS = auto()
    """Number of runs that an experiment may have."""
    OUT = auto()
    """Folder that a run or an experiment is kept in."""
    QUANTITY = auto()
    """Column of the measurements that is charted."""


class TuimoveError(Exception):
    """A mistake or misfortune that one line explains."""

    exit_code = ExitCode.USAGE

    def __init__(self, words: str, *, about: Input | None = None, remedy: Input | None = None) -> None:
        """Take the message, the input that it is about, and the input that would help; it names neither's option."""
        super().__init__(words)
        self.about, self.remedy = about, remedy


class PresetError(TuimoveError):
    """A preset, or a value given on the command line, that cannot be used; one line per mistake."""

    def __init__(self, words: str, mistakes: Mapping[str, str] | None = None, *, remedy: Input | None = None) -> None:
        """Take the whole message, and where single keys are mistaken what is wrong with each, by dotted key."""
        super().__init__(words, remedy=remedy)
        self.mistakes = dict(mistakes or {})


class DataError(TuimoveError):
    """A data set that is missing, damaged or does not fit."""


class OutputError(TuimoveError):
    """A place that cannot be written to, or stopped taking what was written."""

    exit_code = ExitCode.FAILED


def harmless(text: str) -> str:
    """Return a text with a question mark for each character that could steer a terminal, line ends included."""
    return text if text.isprintable() else "".join(sign if _is_harmless(sign) else "?" for sign in text)


def is_harmless(text: str) -> bool:
    """Return whether nothing in a text can steer a terminal or turn what stands around it."""
    return text.isprintable() or all(map(_is_harmless, text))


def _is_harmless(sign: str) -> bool:
    """Accept printable signs, spaces, and format signs such as the joiners within an emoji or a Persian word."""
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
"""What begins a line on data that are odd, as on the least severe findings."""
