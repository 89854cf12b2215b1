"""Bytes cut into lines as they come, of which no more than one of the longest kind is ever held."""

from __future__ import annotations

from typing import NamedTuple

from tuimove.recording.reading.json_table import json_table
from tuimove.settings.file_kinds import BEGINNING

MOST_LINE = 1 << 21
"""Bytes of a line; a longer one is passed over without being held."""
TAIL = 64
"""Bytes before the place read up to, by which a file is known to be the same still."""


class FileLine(NamedTuple):
    """A line as it stands in a file."""

    offset: int
    """Bytes before it; once unpacked, where the file is compressed."""
    content: bytes
    """Without its newline."""


class LineSplitter:
    """What has been read of a stream, and the line that it ends in the middle of."""

    def __init__(self, position: int = 0) -> None:
        self.position = position
        """Bytes read so far."""
        self.beginning = self.tail = b""
        """The first and the last bytes read."""
        self.too_long = 0
        """Lines passed over for their length."""
        self._rest = b""
        self._is_skipping = False

    @property
    def is_within_line(self) -> bool:
        """Whether the last line has no end yet."""
        return bool(self._rest.strip()) or self._is_skipping

    def split(self, fresh: bytes) -> list[FileLine]:
        """Return the lines that the next bytes end, but for blank ones."""
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
        """Return the last line where it lacks nothing but its newline."""
        if self._is_skipping or not _is_whole(self._rest):
            return []
        line = FileLine(self.position - len(self._rest), self._rest)
        self._rest = b""
        return [line]


def _is_whole(content: bytes) -> bool:
    """Return whether a line is a JSON object from its first to its last brace: nothing can follow but its newline."""
    return content.rstrip().endswith(b"}") and json_table(content) is not None
