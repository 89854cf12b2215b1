"""Opens files and folders that a user has named or another program has written, and words why one is refused.

Opening never blocks: a pipe without a writer, a socket and a device are refused. Within a run's folder, which isn't
trusted, no link is followed. Control characters in names are replaced.
"""

from __future__ import annotations

import errno
import io
import os
import stat
from pathlib import Path
from typing import Any

from tuimove.errors import DataError, harmless

MOST_SHOWN = 400
"""Most characters of a name in a message; longer ones are truncated."""
KINDS = (
    (stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"), (stat.S_ISBLK, "a device"),
)  # fmt: skip


def shown_path(path: str | Path) -> str:
    """Return a path for a message: on one line, without control characters, and truncated."""
    text = str(path)
    return harmless(text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}...")


def reason_of(error: Exception, path: str | Path | None = None) -> str:
    """Return why a file can't be used, without its name; `path` distinguishes a broken link from a missing file."""
    if isinstance(error, FileNotFoundError) and path is not None and os.path.islink(path):
        return "a link to something that isn't there"
    if isinstance(error, UnicodeEncodeError):
        return "a name that can't be written in the encoding of this system's file names"
    if isinstance(error, ValueError) and "\0" in str(path):
        return "a name with a null byte, which no file can have"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def refusal(path: str | Path, error: Exception) -> str:
    """Return a line that names a file and why it can't be used."""
    return f"{shown_path(path)}: {reason_of(error, path)}"


def typed_path(text: str) -> Path:
    """Return a path that a user has typed, with `~` expanded; raises a DataError for an empty one."""
    if not text:
        raise DataError("'': an empty name")
    try:
        return Path(os.path.expanduser(text))
    except ValueError:  # no user's name, nor any file's
        return Path(text)


def absolute_path(text: str, base: Path | None = None) -> Path:
    """Return the absolute path of a text; a relative one counts from `base`, or the working folder."""
    typed = (base or Path()) / typed_path(text)
    path = typed if typed.is_absolute() else Path.cwd() / typed  # the working folder may have been removed
    if ".." not in path.parts:
        return path
    try:
        return path.resolve()  # what `..` means depends on links
    except (OSError, ValueError, RuntimeError):
        return path


def is_folder(path: Path) -> bool:
    """Return whether a path is a folder.

    Raises
    ------
    DataError
        When the name is invalid, or a folder above it can't be read.
    """
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:
        raise DataError(refusal(path, error)) from None


def require_place(folder: Path) -> None:
    """Raise a DataError where a new folder can't be created, as far as that is known beforehand."""
    above = next((path for path in folder.absolute().parents if os.path.lexists(path)), Path("/"))
    if not is_folder(above):
        raise DataError(f"{shown_path(folder)}: Not a directory: {shown_path(above)} is {kind_at(above)}")
    if not os.access(above, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
        raise DataError(f"{shown_path(folder)}: Permission denied: {shown_path(above)} can't be written to")


def names_in(folder: Path) -> list[str]:
    """Return the names in a folder, sorted; raises a DataError when it can't be read."""
    try:
        return sorted(os.listdir(folder))
    except (OSError, ValueError) as error:
        raise DataError(refusal(folder, error)) from None


def open_descriptor(path: Path, flags: int, mode: int = 0o600, *, follows_link: bool = False) -> int:
    """Open or create a regular file without blocking, and return its descriptor.

    Raises
    ------
    OSError
        When that fails, or the path isn't a regular file, such as a link where none is followed.
    """
    descriptor = _open_at_once(path, flags, mode, follows_link=follows_link)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        kind = _kind(os.fstat(descriptor).st_mode)
        os.close(descriptor)
        raise _not_regular(path, kind)
    return descriptor


def open_regular(path: Path, *, follows_link: bool = False) -> io.FileIO:
    """Open a regular file for reading, unbuffered and without blocking.

    Raises
    ------
    DataError
        When it can't be read, isn't a regular file, or is a link where none is followed.
    """
    try:
        return io.FileIO(open_descriptor(path, os.O_RDONLY, follows_link=follows_link))
    except (OSError, ValueError) as error:
        raise DataError(refusal(path, error)) from None


def open_named(path: Path) -> io.BufferedReader:
    """Open a user's file for reading: a regular file, or a pipe that another process writes to.

    Raises
    ------
    DataError
        When it can't be read, or is anything else; also for a pipe that no process has opened for writing.
    """
    try:
        descriptor = _open_at_once(path, os.O_RDONLY, follows_link=True)
        if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            return io.BufferedReader(open_regular(path, follows_link=True))
        return io.BufferedReader(_Pipe(descriptor, path))
    except (OSError, ValueError) as error:
        raise DataError(refusal(path, error)) from None


class _Pipe(io.RawIOBase):
    """The reading end of a pipe with a writer."""

    def __init__(self, descriptor: int, path: Path) -> None:
        """Raise an OSError where there was no writer: the first read would block for ever."""
        super().__init__()
        self._descriptor = descriptor
        try:
            self._first = os.read(descriptor, 1 << 16)
            if not self._first:
                raise OSError(errno.EPIPE, "a pipe that no process writes to", str(path))
        except BlockingIOError:
            self._first = b""  # its writer hasn't written yet
        os.set_blocking(descriptor, True)

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read the bytes read in the search for the writer, then new ones."""
        content, self._first = self._first or os.read(self._descriptor, len(buffer)), b""
        self._first = content[len(buffer) :]
        buffer[: min(len(content), len(buffer))] = content[: len(buffer)]
        return min(len(content), len(buffer))

    def close(self) -> None:
        """Close the descriptor."""
        if not self.closed:
            os.close(self._descriptor)
        super().close()


def read_named(path: Path, most: int) -> bytes:
    """Return the bytes of a user's file, `most` at most; raises a DataError as `open_named` does."""
    with open_named(path) as stream:
        try:
            content = stream.read(most + 1)
        except OSError as error:
            raise DataError(refusal(path, error)) from None
    if len(content) > most:
        raise DataError(f"{shown_path(path)}: more than {most:,} bytes")
    return content


def _open_at_once(path: Path, flags: int, mode: int = 0o600, *, follows_link: bool) -> int:
    flags |= os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY | (0 if follows_link else os.O_NOFOLLOW)
    try:
        return os.open(path, flags, mode)
    except OSError as error:
        if error.errno == errno.ELOOP and not follows_link and os.path.islink(path):
            words = "a link, and none is followed out of a run's folder"
            raise OSError(errno.ELOOP, words, str(path)) from None
        if error.errno in (errno.ENXIO, errno.ENODEV) and os.path.exists(path):
            raise _not_regular(path, kind_at(path)) from None
        raise


def _not_regular(path: Path, kind: str) -> OSError:
    is_folder = kind == "a folder"
    words = "Is a directory, not a regular file" if is_folder else f"not a regular file, but {kind}"
    return OSError(errno.EISDIR if is_folder else errno.EINVAL, words, str(path))


def kind_at(path: Path) -> str:
    """Return the kind of a path, such as `a folder`; `a file` where it is unknown."""
    try:
        return _kind(path.stat().st_mode)
    except (OSError, ValueError):
        return "a file"


def _kind(mode: int) -> str:
    return next((words for is_kind, words in KINDS if is_kind(mode)), "a file")
