"""The lines of a file that may still grow, read once from its start; what the lines say is left to others.

The file is somebody else's: it may be cut short, replaced, endless or no file at all. Never much more than one line of
the longest kind is held.
"""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, NamedTuple

from tuimove.errors import DataError
from tuimove.files import open_regular, reason_of

CHUNK = 1 << 18
"""Bytes read at once."""
MOST_LINE = 1 << 21
"""Bytes of a line; a longer one is passed over without being held."""
TAIL = 64
"""Bytes before the place read up to, by which a file is known to be the same still."""
DAMAGES = (OSError, EOFError, ValueError, zlib.error, DataError)
"""What reading may end with, of compressed files above all."""


class Line(NamedTuple):
    """A line as it stands in a file."""

    offset: int
    """Bytes before it; once unpacked, where the file is compressed."""
    content: bytes
    """Without its newline."""


class FollowedFile:
    """A file, plain or gzipped (`.gz`), and how far it has been read; only plain ones are followed while they grow."""

    def __init__(self, path: Path, *, follows_link: bool = False) -> None:
        """Open it; raises a DataError as `open_regular` does."""
        self._path, self._follows_link = path, follows_link
        self._is_zipped = path.suffix == ".gz"
        self.share_read, self.changed_at = 0.0, 0.0
        """How much of the file has been read, 0 to 1, and when it was last written to, in seconds since 1970."""
        self.restarts = self.too_long = 0
        """How often the file has turned out to be another one, or shorter, and is read from its start again;
        and lines passed over for their length."""
        self.damage = ""
        """Why no more can be read of it, in words."""
        self.is_at_end = False
        """Whether there was nothing more when it was last read."""
        self._begin(open_regular(path, follows_link=follows_link))

    def _begin(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._stream: IO[bytes] = gzip.GzipFile(fileobj=self._raw) if self._is_zipped else self._raw  # type: ignore[assignment]
        self._position, self._rest, self._tail = 0, b"", b""
        self._is_skipping = False

    def close(self) -> None:
        """Let go of the file."""
        self._stream.close()
        self._raw.close()

    @property
    def holds_nothing(self) -> bool:
        """Whether the file, as far as it has been read, is empty or blank."""
        return not self._tail.strip()

    def take_lines(self) -> list[Line]:
        """Return the lines that the next chunk ends; none, among others, where the file ends so far.

        A last line without its newline is waited for, unless it is whole already.
        """
        try:
            fresh = b"" if self.damage else self._read_chunk()
        except DAMAGES as error:
            self.damage, fresh = reason_of(error), b""
        self.is_at_end = not fresh
        self._note_progress()
        return self._split(fresh) if fresh else self._take_whole_rest()

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
            self._position = self._stream.seek(offset)
        except DAMAGES as error:
            self.damage = reason_of(error)

    def _read_chunk(self) -> bytes:
        if self.is_at_end and not self._is_zipped and self._is_another():
            fresh = open_regular(self._path, follows_link=self._follows_link)
            self._raw.close()
            self._begin(fresh)
            self.restarts, self.too_long = self.restarts + 1, 0
        return self._stream.read(CHUNK) or b""

    def _is_another(self) -> bool:
        """Return whether the file no longer is what has been read of it."""
        try:
            now = self._path.stat(follow_symlinks=self._follows_link)
        except OSError:
            return False  # about to be replaced, or gone: what was read stays
        opened = os.fstat(self._raw.fileno())
        if (now.st_ino, now.st_dev) != (opened.st_ino, opened.st_dev) or opened.st_size < self._position:
            return True
        return os.pread(self._raw.fileno(), len(self._tail), self._position - len(self._tail)) != self._tail

    def _split(self, fresh: bytes) -> list[Line]:
        offset = self._position - len(self._rest)
        self._position += len(fresh)
        self._tail = (self._tail + fresh[-TAIL:])[-TAIL:]
        *contents, self._rest = (self._rest + fresh).split(b"\n")
        lines = []
        for content in contents:
            lines.append(Line(offset, content))
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

    def _take_whole_rest(self) -> list[Line]:
        if self._is_skipping or not _is_whole(self._rest):
            return []
        line = Line(self._position - len(self._rest), self._rest)
        self._rest = b""
        return [line]


def _is_whole(content: bytes) -> bool:
    """Return whether a line is a JSON object from its first to its last brace: nothing can follow but its newline."""
    try:
        return content.rstrip().endswith(b"}") and isinstance(json.loads(content), dict)
    except (ValueError, RecursionError):
        return False
