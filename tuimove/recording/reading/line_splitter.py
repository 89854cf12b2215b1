"""Splits a stream of bytes into lines; holds at most one line of the greatest length."""

from __future__ import annotations

from typing import NamedTuple

from tuimove.recording.reading.json_table import json_table
from tuimove.settings.file_kinds import BEGINNING

MOST_LINE = 1 << 21
"""Most bytes of a line; longer ones are skipped without being held."""
TAIL = 64
"""Bytes before the reading position by which a file is recognized as the same."""


class FileLine(NamedTuple):
    """A line of a file."""

    offset: int
    """Bytes before the line, uncompressed."""
    content: bytes
    """The line without its newline."""


class LineSplitter:
    """The reading position in a stream, and the incomplete line before it."""

    def __init__(self, position: int = 0) -> None:
        self.position = position
        """Bytes read so far."""
        self.beginning = self.tail = b""
        """The first and the last bytes read, at most TAIL each."""
        self.too_long = 0
        """Number of lines skipped for their length."""
        self._rest = b""
        self._is_skipping = False

    @property
    def is_within_line(self) -> bool:
        """Whether the last line is incomplete."""
        return bool(self._rest.strip()) or self._is_skipping

    def split(self, fresh: bytes) -> list[FileLine]:
        """Return the non-blank lines that the next bytes complete."""
        offset = self.position - len(self._rest)
        self.position += len(fresh)
        self.tail = (self.tail + fresh[-TAIL:])[-TAIL:]
        if len(self.beginning) < BEGINNING:
            self.beginning += fresh[: BEGINNING - len(self.beginning)]
        *contents, self._rest = (self._rest + fresh).split(b"\n")
        lines = []
        for content in contents:
            lines.append(FileLine(offset, content))
            offset += len(content) + 1
        if lines and self._is_skipping:
            self._is_skipping = False
            del lines[0]
        self._drop_long_rest()
        return [line for line in lines if line.content.strip()]

    def _drop_long_rest(self) -> None:
        if len(self._rest) > MOST_LINE and not self._is_skipping:
            self._is_skipping = True
            self.too_long += 1
        if self._is_skipping:
            self._rest = b""

    def take_whole_rest(self) -> list[FileLine]:
        """Return the last line where only its newline is missing."""
        if self._is_skipping or not _is_whole(self._rest):
            return []
        line = FileLine(self.position - len(self._rest), self._rest)
        self._rest = b""
        return [line]


def _is_whole(content: bytes) -> bool:
    """Return whether a line is a JSON object from its first to its last brace: only its newline can follow."""
    return content.rstrip().endswith(b"}") and json_table(content) is not None
