"""A stream of bytes that may be gzipped, whatever its name says; of damaged data all up to the damage is read."""

from __future__ import annotations

import gzip
import zlib
from typing import IO, Any

from tuimove.errors import DataError

CHUNK = 1 << 18
"""Bytes read at once."""
SIP = 512
"""Compressed bytes unpacked at once: damage takes no more of what is before it than this."""
GZIP = b"\x1f\x8b"
"""First bytes of gzipped data."""
DAMAGES = (OSError, EOFError, ValueError, zlib.error, DataError)
"""What reading may end with, of compressed files above all."""


class _Sips:
    """A stream that gives few bytes at once."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self.seek = raw.seek

    def read(self, size: int = -1) -> bytes:
        return self._raw.read(SIP if size < 0 else min(size, SIP)) or b""

    def seekable(self) -> bool:
        return True


class Unpacking:
    """What a stream holds, unpacked where its first bytes are those of gzipped data."""

    def __init__(self, raw: IO[bytes], first: bytes) -> None:
        """Read `raw`, which begins with the bytes `first`, from where it stands."""
        self.is_zipped = first.startswith(GZIP)
        self._stream: Any = gzip.GzipFile(fileobj=_Sips(raw)) if self.is_zipped else raw
        self._trouble: BaseException | None = None

    def read(self) -> bytes:
        """Return the next bytes, nothing at the end; raises one of `DAMAGES` where no more can be read."""
        if self._trouble is not None:
            raise self._trouble
        return self._unpack() if self.is_zipped else self._stream.read(CHUNK) or b""

    def _unpack(self) -> bytes:
        pieces: list[bytes] = []
        size = 0
        try:
            while size < CHUNK and (piece := self._stream.read1(CHUNK - size)):
                pieces.append(piece)
                size += len(piece)
        except DAMAGES as error:
            self._trouble = error
            if not pieces:
                raise
        return b"".join(pieces)

    def seek(self, offset: int) -> int:
        """Go to a place in what is unpacked; raises one of `DAMAGES` where that can't be done."""
        return int(self._stream.seek(offset))

    def close(self) -> None:
        """Let go of what unpacking needs; the stream below stays open."""
        if self.is_zipped:
            self._stream.close()
