"""The Unix socket in a run's folder, by which one process of a user steers a run that another one trains.

The socket file is readable by its owner alone, and both ends check the other's user. Nothing listens on a network.
Requests and answers are one JSON object a line; an answer may name a number of bytes that follow it.
"""

from __future__ import annotations

import io
import json
import os
import socket
import stat
import struct
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from tuimove.recording.reading.json_table import json_table

SocketStream = io.BufferedRWPair | BinaryIO
"""A connection as a file object, for reading and writing."""

SOCKET = "control.sock"
MOST_LINE = 1 << 16
"""Most bytes of a request, or of an answer's first line."""
TIMEOUT_SECONDS = 5.0
"""Seconds that one end waits for the other in the middle of a request."""


def listen_in(folder: Path) -> socket.socket:
    """Return a socket that listens in a folder, replacing one of an ended process.

    Raises
    ------
    OSError
        When the file system has no sockets, or the folder can't be written.
    """
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with suppress(FileNotFoundError):
            (folder / SOCKET).unlink()
        with _Reachable(folder) as address:
            listening.bind(address)
            os.chmod(folder / SOCKET, stat.S_IRUSR | stat.S_IWUSR)
        listening.listen()
    except OSError:
        listening.close()
        raise
    return listening


def connect_to(folder: Path) -> socket.socket:
    """Return a connection to the process that trains a folder's run.

    Raises
    ------
    OSError
        When no process listens there, or another user's does.
    """
    about = (folder / SOCKET).lstat()
    if not stat.S_ISSOCK(about.st_mode) or about.st_uid != os.geteuid():
        raise PermissionError(f"{folder / SOCKET} is not this user's socket")
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(TIMEOUT_SECONDS)
    try:
        with _Reachable(folder) as address:
            connection.connect(address)
        require_same_user(connection)
    except OSError:
        connection.close()
        raise
    return connection


def require_same_user(connection: socket.socket) -> None:
    """Raise a PermissionError when the other end is another user's process, on systems that can tell."""
    if sys.platform == "linux":
        about = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        if struct.unpack("3i", about)[1] != os.geteuid():
            raise PermissionError("the other process belongs to another user")


class _Reachable:
    """A folder's socket under a path short enough for a socket address, about 100 bytes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> str:
        self._descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        if sys.platform == "linux":
            return f"/proc/self/fd/{self._descriptor}/{SOCKET}"
        return str(self._folder / SOCKET)

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)


def send_line(stream: SocketStream, table: dict[str, Any], content: bytes = b"") -> None:
    """Send a request or an answer, with `content` behind it; raises an OSError when the connection is closed."""
    if content:
        table = {**table, "bytes": len(content)}
    stream.write(json.dumps(table).encode() + b"\n" + content)
    stream.flush()


def receive_line(stream: SocketStream) -> dict[str, Any] | None:
    """Return a request or the first line of an answer; None at the end, or where it isn't valid."""
    line = stream.readline(MOST_LINE)
    return json_table(line) if line.endswith(b"\n") else None
