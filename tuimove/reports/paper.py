"""What a stream can show: its width, colours and Unicode."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TextIO

USUAL_COLUMNS = 80
"""Width of a terminal that doesn't report it."""


@dataclass(frozen=True)
class Paper:
    """A terminal or file as the target of text."""

    columns: int
    has_color: bool = False
    is_unicode: bool = True


def paper_of(stream: TextIO) -> Paper:
    """Return what a stream can show; `NO_COLOR` and TERM=dumb turn colours off."""
    can_color = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    is_unicode = (stream.encoding or "").lower().startswith("utf")
    return Paper(_columns(stream), stream.isatty() and can_color, is_unicode)


def _columns(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or USUAL_COLUMNS
    except (OSError, ValueError):
        return shutil.get_terminal_size().columns  # COLUMNS, or else 80
