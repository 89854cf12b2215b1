"""Writes records as JSON Lines to standard output: one unbuffered write a line, so a reader sees it at once."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable

from tuimove.errors import OutputError
from tuimove.recording.record import Record, to_json
from tuimove.recording.sinks.sink import Sink
from tuimove.recording.standard_streams import write_all
from tuimove.settings.files import reason_of


def write_line(descriptor: int, line: str) -> None:
    """Write a line and its newline to a file descriptor completely."""
    write_all(descriptor, f"{line}\n".encode())


class JsonLines(Sink):
    """Writes every record to a stream whose reader may disappear."""

    def __init__(self, descriptor: int, *, histograms: bool, on_reader_gone: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._histograms = histograms
        self._on_reader_gone = on_reader_gone
        self._is_read = True
        self._is_terminal = os.isatty(descriptor)

    def hang_up(self) -> None:
        """Stop writing to a terminal that has closed; may be called in a signal handler."""
        self._is_read = self._is_read and not self._is_terminal

    def write(self, record: Record) -> None:
        """Write the record; when the reader has closed the stream, call `on_reader_gone` once."""
        if self._is_read:
            self.append(to_json(record, histograms=self._histograms))

    def append(self, line: str) -> None:
        """Write a record that is a line already; raises an OutputError as `write` does."""
        if not self._is_read:
            return
        try:
            write_line(self._descriptor, line)
        except BrokenPipeError:
            self._is_read = False
            self._on_reader_gone()
        except OSError as error:
            if error.errno == errno.EIO and self._is_terminal:
                self._is_read = False  # the terminal has closed; a signal decides whether the run ends
                return
            raise OutputError(f"standard output: {reason_of(error)}") from None
