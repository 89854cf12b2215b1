"""Reads the lines of a file that may still grow, each once from the start; it doesn't parse them.

The file isn't trusted: it may be truncated, replaced, endless or no regular file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO

from tuimove.errors import DataError
from tuimove.recording.reading.line_splitter import FileLine, LineSplitter
from tuimove.recording.reading.unpacking import DAMAGES, GZIP, Unpacking
from tuimove.settings.files import open_regular, reason_of


class FollowedFile:
    """A file, plain or gzipped, and its reading position; only plain files are followed while they grow."""

    def __init__(self, path: Path, *, follows_link: bool = False) -> None:
        """Open the file; raises a DataError as `open_regular` does."""
        self._path, self._follows_link = path, follows_link
        self.share_read, self.changed_at = 0.0, 0.0
        """Share of the file that has been read, 0 to 1, and its time of change, in seconds since 1970."""
        self.restarts = 0
        """How often the file was replaced or truncated, and so read from its start again."""
        self.damage = ""
        """Why reading failed; empty while it works."""
        self.is_at_end = False
        """Whether the last read reached the end."""
        self._begin(open_regular(path, follows_link=follows_link))

    def _begin(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._stream = Unpacking(raw, os.pread(raw.fileno(), len(GZIP), 0))
        self.lines = LineSplitter()
        """Splits what is read into lines."""

    def close(self) -> None:
        """Close the file."""
        self._stream.close()
        self._raw.close()

    @property
    def too_long(self) -> int:
        """Number of lines skipped for their length."""
        return self.lines.too_long

    @property
    def holds_nothing(self) -> bool:
        """Whether everything read so far is blank."""
        return not self.lines.tail.strip()

    def take_lines(self) -> list[FileLine]:
        """Return the lines completed by the next chunk; may be empty, as at the current end of the file.

        A last line without its newline is returned once its JSON is complete.
        """
        try:
            fresh = b"" if self.damage else self._read_chunk()
        except DAMAGES as error:
            self.damage, fresh = reason_of(error), b""
        self.is_at_end = not fresh
        self._note_progress()
        return self.lines.split(fresh) if fresh else self.lines.take_whole_rest()

    def _note_progress(self) -> None:
        status = os.fstat(self._raw.fileno())
        self.changed_at = status.st_mtime
        self.share_read = min(1.0, self._raw.tell() / status.st_size) if status.st_size else 1.0

    def lines_at(self, offset: int) -> Iterator[bytes]:
        """Yield the lines from a line's offset on, without moving the reading position."""
        try:
            again = FollowedFile(self._path, follows_link=self._follows_link)
        except DataError:
            return
        with closing(again):
            again._go_to(offset)
            while not again.is_at_end:
                yield from (line.content for line in again.take_lines())

    def _go_to(self, offset: int) -> None:
        try:
            self.lines = LineSplitter(self._stream.seek(offset))
        except DAMAGES as error:
            self.damage = reason_of(error)

    def _read_chunk(self) -> bytes:
        if self.is_at_end and not self._stream.is_zipped and self._is_another():
            fresh = open_regular(self._path, follows_link=self._follows_link)
            self._raw.close()
            self._begin(fresh)
            self.restarts += 1
        return self._stream.read()

    def _is_another(self) -> bool:
        """Return whether the file has been replaced or truncated since it was read."""
        try:
            now = self._path.stat(follow_symlinks=self._follows_link)
        except OSError:
            return False  # removed, or about to be replaced: what was read stays
        opened = os.fstat(self._raw.fileno())
        position, tail = self.lines.position, self.lines.tail
        if (now.st_ino, now.st_dev) != (opened.st_ino, opened.st_dev) or opened.st_size < position:
            return True
        return os.pread(self._raw.fileno(), len(tail), position - len(tail)) != tail
