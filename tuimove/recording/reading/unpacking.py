"""Reads a stream of bytes that may be gzipped, whatever its name; of damaged data, all up to the damage."""

from __future__ import annotations

import gzip
import zlib
from typing import IO, Any

from tuimove.errors import DataError

CHUNK = 1 << 18
"""Bytes read at once."""
SIP = 512
"""Compressed bytes unpacked at once: at most the data of this many bytes before a damaged place are lost."""
GZIP = b"\x1f\x8b"
"""First bytes of gzipped data."""
DAMAGES = (OSError, EOFError, ValueError, zlib.error, DataError)
"""Exceptions that reading may raise, above all from compressed files."""


class _Sips:
    """A stream that returns at most SIP bytes at once."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self.seek = raw.seek

    def read(self, size: int = -1) -> bytes:
        return self._raw.read(SIP if size < 0 else min(size, SIP)) or b""

    def seekable(self) -> bool:
        return True


class Unpacking:
    """The contents of a stream, unpacked where its first bytes are those of gzipped data."""

    def __init__(self, raw: IO[bytes], first: bytes) -> None:
        """Read `raw` from its position; `first` are the first bytes of the file."""
        self.is_zipped = first.startswith(GZIP)
        self._stream: Any = gzip.GzipFile(fileobj=_Sips(raw)) if self.is_zipped else raw
        self._trouble: BaseException | None = None

    def read(self) -> bytes:
        """Return the next bytes, empty at the end; raises one of `DAMAGES` where no more can be read."""
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
        """Go to an offset in the unpacked data; raises one of `DAMAGES` where that fails."""
        return int(self._stream.seek(offset))

    def close(self) -> None:
        """Free what unpacking uses; the stream below stays open."""
        if self.is_zipped:
            self._stream.close()
