"""Records as JSON Lines on standard output: one unbuffered write a line, so a reader sees it at once."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable

from tuimove.errors import OutputError
from tuimove.record import Record, to_json
from tuimove.sinks import Sink


def write_line(descriptor: int, line: str) -> None:
    """Write a line and its newline to a file descriptor, all of it."""
    remaining = memoryview(f"{line}\n".encode())
    while remaining:
        remaining = remaining[os.write(descriptor, remaining) :]


class JsonLines(Sink):
    """Writes every record to a stream that somebody may stop reading."""

    def __init__(self, descriptor: int, *, histograms: bool, on_reader_gone: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._histograms = histograms
        self._on_reader_gone = on_reader_gone
        self._is_read = True
        self._is_terminal = os.isatty(descriptor)

    def hang_up(self) -> None:
        """Write no more to a terminal that has gone; may be called in a signal handler."""
        self._is_read = self._is_read and not self._is_terminal

    def write(self, record: Record) -> None:
        """Write the record, or say once that nobody reads any more."""
        if not self._is_read:
            return
        try:
            write_line(self._descriptor, to_json(record, histograms=self._histograms))
        except BrokenPipeError:
            self._is_read = False
            self._on_reader_gone()
        except OSError as error:
            if error.errno == errno.EIO and self._is_terminal:
                self._is_read = False  # the terminal has gone; whether the run goes too is for a signal to say
                return
            raise OutputError(f"standard output: {error.strerror}") from None
