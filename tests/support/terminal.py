"""tuimove in a terminal of its own, for tests and measurements that need a real one."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.support.processes import TUIMOVE, end, start
from tests.support.waiting import wait_until

__all__ = ["TUIMOVE", "Terminal"]

CONTROLLED = """
import fcntl, os, signal, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
for number in (signal.SIGPIPE, signal.SIGXFSZ):
    signal.signal(number, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])
"""
"""Makes the terminal on standard input that of the session, undoes what Python does to signals, becomes the program."""
DRAWING = re.compile("LC_.*|COLORTERM|NO_COLOR|COLUMNS|LINES|TEXTUAL.*")
"""Variables of the user's own terminal that would change what is drawn in this one."""
QUERY, ANSWER = b"\x1b[6n", b"\x1b[1;1R"
"""Question for the cursor's place, and what every terminal answers once it has shown what came before."""
END_OF_OUTPUT = b"<end of output>"
MOST_READS = 64
"""Pieces that are read before it is asked again whether enough has been read."""


class Terminal:
    """A pseudo-terminal with a program in it; what the program writes is read when asked for, or never."""

    answers = True
    """Whether it answers queries, once they have been read."""

    def __init__(self, command: Sequence[str], cwd: Path, columns: int = 120, rows: int = 40, **settings: str) -> None:
        self._master, self._inside = pty.openpty()
        fcntl.ioctl(self._inside, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        inherited = {name: value for name, value in os.environ.items() if not DRAWING.fullmatch(name)}
        environment = {**inherited, "TERM": "xterm-256color", "LANG": "C.UTF-8", **settings}
        self.modes = termios.tcgetattr(self._inside)
        uncoerced = [] if "LC_CTYPE" in environment else ["env", "-u", "LC_CTYPE"]  # which Python sets in the C locale
        self.process = start(
            [sys.executable, "-ISc", CONTROLLED, *uncoerced, *command], cwd=cwd, env=environment,
            stdin=self._inside, stdout=self._inside, stderr=self._inside,
        )  # fmt: skip
        self.output = b""

    def read_for(self, seconds: float) -> bytes:
        """Return what is written within so many seconds; for measurements, since tests wait for events."""
        deadline, before = time.monotonic() + seconds, len(self.output)
        while (left := deadline - time.monotonic()) > 0:
            self.read_some(left)
        return self.output[before:]

    def read_some(self, seconds: float) -> bool:
        """Read what there is, or what comes first within so many seconds; return whether there was anything."""
        if not select.select([self._master], [], [], seconds)[0]:
            return False
        before = len(self.output) - len(QUERY) + 1
        self.output += os.read(self._master, 65536)
        for _ in range(self.output.count(QUERY, max(before, 0)) if self.answers else 0):
            os.write(self._master, ANSWER)
        return True

    def read_until(self, holds: Callable[[], bool], what: str) -> None:
        """Read until something holds; raises an AssertionError where the program ends before."""

        def holds_now() -> bool:
            has_ended = self.process.poll() is not None
            is_drained = not all(self.read_some(0) for _ in range(MOST_READS))
            it_holds = holds()
            assert it_holds or not (has_ended and is_drained), f"it ended before {what}: {self.output[-2000:]!r}"
            return it_holds

        wait_until(holds_now, what, seen=lambda: self.output[-2000:].decode(errors="replace"))

    def read_words(self, words: str, after: int = 0) -> None:
        """Read until some words have been written, after so many bytes."""
        self.read_until(lambda: words.encode() in self.output[after:], f"{words!r} in a terminal")

    def press(self, keys: str) -> None:
        """Type keys."""
        os.write(self._master, keys.encode())

    def press_for(self, keys: str, words: str) -> None:
        """Type keys, and read until some words have been written since."""
        before = len(self.output)
        self.press(keys)
        self.read_words(words, before)

    def stop_run(self, end: bytes = b"") -> None:
        """Press `q`, and stop the run where the program asks: a run that has begun a moment ago is stopped at once."""
        before = len(self.output)
        self.press("q")
        self.read_until(lambda: self.has_ended or b"stop it" in self.output[before:] or (
            bool(end) and end in self.output[before:]), "an end or a question")  # fmt: skip
        if b"stop it" in self.output[before:]:
            self.press("S")

    @property
    def is_full(self) -> bool:
        """Whether nothing more can be written, since nobody reads."""
        return not select.select([], [self._inside], [], 0)[1]

    @property
    def has_ended(self) -> bool:
        """Whether the program has ended."""
        return self.process.poll() is not None

    def wait(self) -> int:
        """Read until the program has ended, and return its exit code."""
        self.read_until(lambda: self.has_ended, "the program's end")
        os.write(self._inside, END_OF_OUTPUT)
        self.read_words(END_OF_OUTPUT.decode())
        self.output = self.output.replace(END_OF_OUTPUT, b"")
        return self.process.returncode

    def is_as_before(self) -> bool:
        """Return whether the terminal has the modes that it had before the program."""
        return termios.tcgetattr(self._inside)[:4] == self.modes[:4]

    def close(self) -> None:
        """End the program if it still runs, and let go of the terminal."""
        end(self.process)
        os.close(self._master)
        os.close(self._inside)
