"""tuimove in a terminal of its own, for tests and measurements that need a real one."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path

TUIMOVE = [sys.executable, "-m", "tuimove"]


class Terminal:
    """A pseudo-terminal with a program in it; what the program writes is read when asked for, or never."""

    def __init__(self, command: Sequence[str], cwd: Path, columns: int = 120, rows: int = 40, **settings: str) -> None:
        self._master, inside = pty.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", **settings}
        environment.pop("COLORTERM", None)
        self.modes = termios.tcgetattr(inside)
        self.process = subprocess.Popen(
            list(command), cwd=cwd, env=environment, stdin=inside, stdout=inside, stderr=inside, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )  # fmt: skip
        self._inside = inside
        self.output = b""

    def read_for(self, seconds: float) -> bytes:
        """Return what is written within so many seconds."""
        deadline, fresh = time.monotonic() + seconds, b""
        while (left := deadline - time.monotonic()) > 0:
            if select.select([self._master], [], [], left)[0]:
                fresh += os.read(self._master, 65536)
        self.output += fresh
        return fresh

    def read_some(self, seconds: float) -> None:
        """Read what there is, or what comes first within so many seconds."""
        if select.select([self._master], [], [], seconds)[0]:
            self.output += os.read(self._master, 65536)

    def read_until(self, holds: Callable[[], bool], seconds: float = 60.0) -> None:
        """Read until something holds; fail when it doesn't in time."""
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, self.output[-2000:].decode(errors="replace")
            self.read_for(0.02)

    def read_words(self, words: str, seconds: float = 60.0) -> None:
        """Read until some words have been written."""
        self.read_until(lambda: words.encode() in self.output, seconds)

    def press(self, keys: str) -> None:
        """Type keys."""
        os.write(self._master, keys.encode())

    def wait(self, seconds: float = 10.0) -> int:
        """Read until the program has ended, and return its exit code."""
        self.read_until(lambda: self.process.poll() is not None, seconds)
        self.read_for(0.1)
        return self.process.returncode

    def is_as_before(self) -> bool:
        """Return whether the terminal has the modes that it had before the program."""
        return termios.tcgetattr(self._inside)[:4] == self.modes[:4]

    def close(self) -> None:
        """End the program if it still runs, and let go of the terminal."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        os.close(self._master)
        os.close(self._inside)
