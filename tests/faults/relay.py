"""A program in a terminal at the end of a slow line, and a terminal that answers once it has shown what came.

The line is a thread between the program's pseudo-terminal and a screen in this process: bytes take their time one after
the other and then a delay, both ways; what doesn't fit into the line's buffer waits in the program's terminal.
"""

from __future__ import annotations

import array
import fcntl
import math
import os
import pty
import select
import struct
import sys
import termios
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.processes import end, start
from tests.support.terminal import CONTROLLED

MOST_READ = 4096


@dataclass(frozen=True)
class LineKind:
    """How fast a line is."""

    bytes_per_second: float = 8000.0
    """64 kbit/s."""
    delay: float = 0.1
    """Seconds that a byte is on its way."""
    buffer: int = 16384
    """Bytes that the line takes before they are sent."""


UNLIMITED = LineKind(math.inf, 0.0)


class OneWay:
    """One direction of a line."""

    def __init__(self, kind: LineKind) -> None:
        self._kind = kind
        self._pieces: deque[tuple[float, float, bytes]] = deque()
        self._free_at = 0.0

    def put(self, data: bytes) -> None:
        """Send bytes behind those before them."""
        now = time.monotonic()
        self._free_at = max(self._free_at, now) + len(data) / self._kind.bytes_per_second
        self._pieces.append((self._free_at, self._free_at + self._kind.delay, data))

    def arrived(self) -> bytes:
        """Return the bytes that have arrived since the last call."""
        now, out = time.monotonic(), []
        while self._pieces and self._pieces[0][1] <= now:
            out.append(self._pieces.popleft()[2])
        return b"".join(out)

    @property
    def waiting(self) -> int:
        """Bytes that haven't been sent yet."""
        now = time.monotonic()
        return sum(len(data) for sent_at, _, data in self._pieces if sent_at > now)

    @property
    def has_room(self) -> bool:
        """Whether the line takes more."""
        return self.waiting < self._kind.buffer


class FarTerminal:
    """A program, the line, and the screen at its end."""

    def __init__(self, command: Sequence[str], cwd: Path, kind: LineKind, columns: int, rows: int) -> None:
        import pyte

        self._master, inside = pty.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        environment = {name: value for name, value in os.environ.items() if name not in ("COLORTERM", "NO_COLOR")}
        environment |= {"TERM": "xterm-256color", "LANG": "C.UTF-8"}
        self.process = start(
            [sys.executable, "-ISc", CONTROLLED, *command], cwd=cwd, env=environment,
            stdin=inside, stdout=inside, stderr=inside,
        )  # fmt: skip
        os.close(inside)
        self._out, self._back = OneWay(kind), OneWay(kind)
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        vars(self._screen)["write_process_input"] = lambda answer: self._back.put(answer.encode())
        self._lock, self._is_over = threading.Lock(), False
        self._read_at, self._text = -1, ""
        self.received = self.most_queued = 0
        """Bytes that have arrived, and most bytes that waited to be sent, those in the program's terminal included."""
        self._thread = threading.Thread(target=self._relay, daemon=True)
        self._thread.start()

    def _relay(self) -> None:
        with suppress(OSError):
            while not self._is_over:
                readable, _, _ = select.select([self._master] if self._out.has_room else [], [], [], 0.005)
                if readable:
                    self._out.put(os.read(self._master, MOST_READ))
                self.most_queued = max(self.most_queued, self._out.waiting + _unread(self._master))
                with self._lock:
                    arrived = self._out.arrived()
                    self.received += len(arrived)
                    if arrived:
                        self._stream.feed(arrived)
                    typed = self._back.arrived()
                if typed:
                    os.write(self._master, typed)

    def press(self, keys: str) -> None:
        """Type keys."""
        with self._lock:
            self._back.put(keys.encode())

    @property
    def text(self) -> str:
        """What the screen shows."""
        with self._lock:
            if self._read_at != self.received:
                self._read_at, self._text = self.received, "\n".join(self._screen.display)
            return self._text

    def seconds_until(self, shows: Callable[[str], bool], most: float) -> float:
        """Return how long it takes until the screen shows something; infinite when it takes longer than that."""
        began = time.monotonic()
        while time.monotonic() < began + most:
            if shows(self.text):
                return time.monotonic() - began
            time.sleep(0.005)
        return math.inf

    def close(self) -> None:
        """End the program."""
        self._is_over = True
        end(self.process)
        self._thread.join()
        os.close(self._master)


def _unread(descriptor: int) -> int:
    """Return the bytes that can be read at once."""
    count = array.array("i", [0])
    fcntl.ioctl(descriptor, termios.FIONREAD, count)
    return count[0]
