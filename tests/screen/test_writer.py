"""Nobody waits for a terminal that doesn't read, and nothing is lost of what one that reads is given."""

from __future__ import annotations

import os
import threading

from tests.support.waiting import PATIENCE, join, wait_until
from tuimove.screen.line.writer import TerminalWriter


def test_everything_is_written_in_order_and_the_end_is_told() -> None:
    reading, writing = os.pipe()
    idle = threading.Event()
    writer = TerminalWriter(writing, idle.set)
    writer.start()
    for number in range(100):
        writer.write(b"%d " % number)
    assert idle.wait(PATIENCE)
    assert writer.stop(PATIENCE)
    assert os.read(reading, 4096).split() == [b"%d" % number for number in range(100)]
    os.close(reading)
    os.close(writing)


def test_one_that_is_not_read_keeps_nobody() -> None:
    reading, writing = os.pipe()
    writer = TerminalWriter(writing, lambda: None)
    writer.start()
    for _ in range(100):
        writer.write(b"x" * 10_000)
    assert not writer.is_idle
    assert not writer.stop(0.0)
    os.close(reading)  # the terminal goes
    join(writer)
    assert writer.is_broken
    writer.write(b"lost")
    assert writer.is_idle
    os.close(writing)


def test_one_that_returns_at_once_gets_everything_too() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    writer = TerminalWriter(writing, lambda: None)
    writer.start()
    writer.write(b"x" * 200_000)
    read = 0
    while read < 200_000:
        read += len(os.read(reading, 65536))
    wait_until(lambda: writer.is_idle, "everything is written")
    assert writer.stop(PATIENCE)
    os.close(reading)
    os.close(writing)
