"""Checksums and the last line of a run's records file, for resuming the run; reads no byte twice."""

from __future__ import annotations

import io
import os
import zlib
from pathlib import Path
from typing import IO

from tuimove.errors import DataError
from tuimove.recording.reading.line_splitter import MOST_LINE
from tuimove.settings.files import open_regular, refusal

BLOCK = 1 << 20
"""Bytes that are summed at once."""
STEP = 1 << 15
"""Bytes that are read at once in the search for the last line; a record has some thousand."""


class FirstBytes:
    """CRC-32 of a file's first bytes; reads each byte once, however many sums are asked for."""

    def __init__(self, path: Path, size: int) -> None:
        """Sum at most the first `size` bytes."""
        self._path, self._size = path, size
        self._sums = [0]
        """CRC-32 of the bytes up to each boundary of the blocks read so far."""

    def sum_of(self, count: int) -> int | None:
        """Return the CRC-32 of the first `count` bytes, None where the file is shorter.

        Raises
        ------
        DataError
            When the file can't be read.
        """
        if not 0 <= count <= self._size:
            return None
        with io.BufferedReader(open_regular(self._path)) as stream:
            try:
                return self._read_sum(stream, count)
            except OSError as error:
                raise DataError(refusal(self._path, error)) from None

    def _read_sum(self, stream: IO[bytes], count: int) -> int:
        blocks, rest = divmod(count, BLOCK)
        stream.seek((len(self._sums) - 1) * BLOCK)
        while len(self._sums) <= blocks:
            self._sums.append(zlib.crc32(stream.read(BLOCK), self._sums[-1]))
        stream.seek(blocks * BLOCK)
        return zlib.crc32(stream.read(rest), self._sums[blocks])


def last_whole_line(stream: IO[bytes]) -> tuple[int, bytes]:
    """Return the size of a file up to its last newline, and its last whole line, empty where that is too long.

    Reads backwards from the end.
    """
    size = _newline_before(stream, stream.seek(0, os.SEEK_END)) + 1
    start = _newline_before(stream, size - 1) + 1
    stream.seek(start)
    return size, stream.read(size - start) if size - start <= MOST_LINE else b""


def _newline_before(stream: IO[bytes], end: int) -> int:
    """Return the offset of the last newline before `end`, -1 where there is none."""
    while end > 0:
        start = max(0, end - STEP)
        stream.seek(start)
        if (place := stream.read(end - start).rfind(b"\n")) >= 0:
            return start + place
        end = start
    return -1
