"""The lines of a file that may still grow, read once from its start; what the lines say is left to others.

The file is somebody else's: it may be cut short, replaced, endless or no file at all.
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
    """A file, plain or gzipped, and how far it has been read; only plain ones are followed while they grow."""

    def __init__(self, path: Path, *, follows_link: bool = False) -> None:
        """Open it; raises a DataError as `open_regular` does."""
        self._path, self._follows_link = path, follows_link
        self.share_read, self.changed_at = 0.0, 0.0
        """How much of the file has been read, 0 to 1, and when it was last written to, in seconds since 1970."""
        self.restarts = 0
        """How often the file has turned out to be another one, or shorter, and is read from its start again."""
        self.damage = ""
        """Why no more can be read of it, in words."""
        self.is_at_end = False
        """Whether there was nothing more when it was last read."""
        self._begin(open_regular(path, follows_link=follows_link))

    def _begin(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._stream = Unpacking(raw, os.pread(raw.fileno(), len(GZIP), 0))
        self.lines = LineSplitter()
        """What has been read, in lines."""

    def close(self) -> None:
        """Let go of the file."""
        self._stream.close()
        self._raw.close()

    @property
    def too_long(self) -> int:
        """Lines passed over for their length."""
        return self.lines.too_long

    @property
    def holds_nothing(self) -> bool:
        """Whether the file, as far as it has been read, is empty or blank."""
        return not self.lines.tail.strip()

    def take_lines(self) -> list[FileLine]:
        """Return the lines that the next chunk ends; none, among others, where the file ends so far.

        A last line without its newline is waited for, unless it is whole already.
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
        """Yield the lines from one's beginning on, without a change to how far the file has been read."""
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
        """Return whether the file no longer is what has been read of it."""
        try:
            now = self._path.stat(follow_symlinks=self._follows_link)
        except OSError:
            return False  # about to be replaced, or gone: what was read stays
        opened = os.fstat(self._raw.fileno())
        position, tail = self.lines.position, self.lines.tail
        if (now.st_ino, now.st_dev) != (opened.st_ino, opened.st_dev) or opened.st_size < position:
            return True
        return os.pread(self._raw.fileno(), len(tail), position - len(tail)) != tail
