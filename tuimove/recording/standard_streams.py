"""Makes the standard streams safe to use when they are closed, full, broken, or have a limited encoding.

A missing stream becomes `/dev/null`, so that no other file gets its number. Messages that standard error can't write
are lost, and no run ends for it. Standard output fails once, with a BrokenPipeError where its reader has closed it,
else with an OutputError; later output is lost. Standard input is read to its end or fails with an OSError.
"""

from __future__ import annotations

import errno
import io
import os
import select
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TextIO

from tuimove.errors import OutputError
from tuimove.settings.files import reason_of
from tuimove.settings.user_locale import asks_for_utf8, restore_variables

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

STANDARD_INPUT, STANDARD_OUTPUT, STANDARD_ERROR = range(3)
"""File descriptors of the three standard streams."""


def guard_streams() -> None:
    """Replace the standard streams by those that this module describes; must be the first thing a process does."""
    _fill_descriptors()
    sys.stdin = _reading(sys.stdin)
    sys.stdout = _guarded(sys.stdout, sys.__stdout__, GuardedOutput(STANDARD_OUTPUT))
    sys.stderr = _guarded(sys.stderr, sys.__stderr__, GuardedErrors(STANDARD_ERROR))
    restore_variables()


@contextmanager
def whole_output() -> Iterator[None]:
    """Flush standard output at the end of the block rather than when Python exits, where an error would be lost.

    Raises
    ------
    OutputError
        When flushing fails, unless another error is being raised or only the reader has closed the stream.
    """
    try:
        yield
    except SystemExit:
        _flush()
        raise
    except BaseException:
        with suppress(OutputError):
            _flush()
        raise
    _flush()


def _flush() -> None:
    with suppress(BrokenPipeError):
        sys.stdout.flush()


def write_all(descriptor: int, content: bytes) -> None:
    """Write all bytes to a descriptor, waiting while a non-blocking one is full; raises an OSError."""
    remaining = memoryview(content)
    while remaining:
        try:
            remaining = remaining[os.write(descriptor, remaining) :]
        except BlockingIOError:  # another process that shares the stream has made it non-blocking
            select.select([], [descriptor], [])


class GuardedInput(io.RawIOBase):
    """A descriptor that is read to its end; a device without one, such as `/dev/zero`, is refused."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor, self._is_endless = descriptor, _is_endless(descriptor)

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._descriptor

    def isatty(self) -> bool:
        """Return whether it is a terminal."""
        return os.isatty(self._descriptor)

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Read the next bytes, waiting for them; raises an OSError where that fails."""
        if self._is_endless:
            raise OSError(errno.EINVAL, "a device without an end")
        while True:
            try:
                return os.readv(self._descriptor, [buffer])
            except BlockingIOError:  # another process has made it non-blocking
                select.select([self._descriptor], [], [])


def _is_endless(descriptor: int) -> bool:
    """Return whether a descriptor is a device that yields bytes for ever."""
    status = os.fstat(descriptor)
    is_null = status.st_rdev == os.stat(os.devnull).st_rdev
    return stat.S_ISCHR(status.st_mode) and not is_null and not os.isatty(descriptor)


class GuardedErrors(io.RawIOBase):
    """A descriptor for messages: those that can't be written are lost."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor, self._is_lost = descriptor, False

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._descriptor

    def isatty(self) -> bool:
        """Return whether it is a terminal."""
        return os.isatty(self._descriptor)

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, content: bytes) -> int:  # type: ignore[override]
        """Write all bytes, or lose them."""
        size = len(content)
        if not self._is_lost:
            try:
                write_all(self._descriptor, bytes(content))
            except OSError as error:
                self._fail(error)
        return size

    def _fail(self, error: OSError) -> None:
        """Ignore the error: later messages may succeed."""


class GuardedOutput(GuardedErrors):
    """A descriptor for results: the first failed write raises an error that ends the command, later ones are lost."""

    def _fail(self, error: OSError) -> None:
        self._is_lost = True
        if isinstance(error, BrokenPipeError):
            raise error
        raise OutputError(f"standard output: {reason_of(error)}") from None


def _fill_descriptors() -> None:
    """Open `/dev/null` for missing standard streams, before another file can get their numbers."""
    descriptor = os.open(os.devnull, os.O_RDWR)
    while descriptor <= STANDARD_ERROR:
        os.set_inheritable(descriptor, True)
        descriptor = os.open(os.devnull, os.O_RDWR)
    os.close(descriptor)


def _reading(stream: TextIO | None) -> TextIO:
    """Return standard input, guarded, as text in UTF-8: records are, in every locale."""
    if stream is not None and (stream is not sys.__stdin__ or not isinstance(stream, io.TextIOWrapper)):
        return stream
    return io.TextIOWrapper(io.BufferedReader(GuardedInput(STANDARD_INPUT)), encoding="utf-8")


def _guarded(stream: TextIO | None, first: TextIO | None, raw: GuardedErrors) -> TextIO:
    """Return a standard stream on a guarded descriptor; a stream that has replaced the original is left alone."""
    if stream is not None and (stream is not first or not isinstance(stream, io.TextIOWrapper)):
        return stream
    is_unbuffered = stream is not None and stream.write_through
    return io.TextIOWrapper(
        raw if is_unbuffered else io.BufferedWriter(raw),  # type: ignore[type-var]
        encoding=_encoding(stream),
        errors="backslashreplace",
        line_buffering=raw.fileno() == STANDARD_ERROR or raw.isatty(),
        write_through=is_unbuffered,
    )


def _encoding(stream: TextIO | None) -> str:
    """Return a stream's own encoding, but ASCII for a UTF-8 that the user's variables haven't asked for."""
    encoding = (stream.encoding if stream is not None else "") or "utf-8"
    is_named = bool(os.environ.get("PYTHONIOENCODING", "").partition(":")[0])
    is_utf8 = encoding.lower().replace("-", "") == "utf8"
    return "ascii" if is_utf8 and not is_named and not asks_for_utf8() else encoding
