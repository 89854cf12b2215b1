"""What a recorder prints."""

from __future__ import annotations

import sys
from contextlib import suppress


def say(words: str) -> None:
    """Print a line on standard error, wherever that leads: a broken one doesn't end the training."""
    with suppress(OSError, ValueError):
        if sys.stderr is not None:
            print(words, file=sys.stderr)
