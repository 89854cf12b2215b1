"""A progress bar on one line of a terminal; reads nothing from the environment."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

from tuimove.reports.paper import paper_of

DRAW_SECONDS = 0.2
"""Least seconds between two drawings."""
LEAST_BAR = 4
"""Least width of the bar, in columns; below it only words are shown."""
EIGHTHS = " ▏▎▍▌▋▊▉"
"""Characters that fill 0 to 7 eighths of a column."""


class ProgressBar:
    """Shows the epochs done of those planned."""

    def __init__(self, stream: TextIO, total: int, began: int = 0, clock: Callable[[], float] = time.monotonic) -> None:
        """Draw on a terminal; `began` is the first epoch of the measured speed."""
        self._stream, self._total, self._began, self._clock = stream, total, began, clock
        self._began_at, self._drawn_at = clock(), -DRAW_SECONDS
        self._width = 0
        """Columns of the last drawing."""

    def move(self, epoch: int, words: str) -> None:
        """Show an epoch and some words, at most every DRAW_SECONDS; raises an OSError as a file does."""
        now = self._clock()
        if now >= self._drawn_at + DRAW_SECONDS:
            self._drawn_at = now
            self._draw(epoch, words, now - self._began_at)

    def erase(self) -> None:
        """Leave an empty line until the bar is drawn again; raises an OSError as a file does."""
        if self._width:
            width = min(self._width, paper_of(self._stream).columns - 1)  # the window may have become narrower
            self._write(f"\r{' ' * width}\r")
            self._width = 0

    def _draw(self, epoch: int, words: str, seconds: float) -> None:
        paper = paper_of(self._stream)
        columns = paper.columns - 1  # a full last column would begin another line
        share = min(epoch / self._total, 1.0) if self._total else 1.0
        rate = (epoch - self._began) / seconds if seconds > 0 else 0.0
        left = clock_time((self._total - epoch) / rate) if rate > 0 else "?"
        parts = [f"epoch {epoch}/{self._total}", f"{rate:.2f} epochs/s", f"{left} left", *([words] if words else [])]
        done, about = f"{share:4.0%} |", f" {', '.join(parts)}"
        room = columns - len(done) - len("|") - len(about)
        bar = f"{_bar(share, room, is_unicode=paper.is_unicode)}|" if room >= LEAST_BAR else ""
        line = f"{done}{bar}{about}"[:columns]
        self._write(f"\r{line}{' ' * (min(self._width, columns) - len(line))}")
        self._width = len(line)

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def _bar(share: float, width: int, *, is_unicode: bool) -> str:
    if not is_unicode:
        return ("#" * int(share * width)).ljust(width)
    full, eighths = divmod(int(share * width * 8), 8)
    return ("█" * full + EIGHTHS[eighths].strip()).ljust(width)


def clock_time(seconds: float) -> str:
    """Format a duration as `minutes:seconds` or `hours:minutes:seconds`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"
