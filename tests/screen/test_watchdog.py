"""Signals and the end of the terminal are heard, whatever the main thread does.

A run trained on for as long as one cared to look (once): its main thread waited in the full queue of Textual's writer,
and the SIGHUP had gone to another thread, for which Python runs no handler.
"""

from __future__ import annotations

import os
import pty
import signal
import sys
import threading

import pytest

from tests.support.processes import run
from tests.support.waiting import PATIENCE, join
from tuimove.screen.line.watchdog import Watchdog, watching

DEAF = """
import os, pty, queue, signal, sys, threading
from tuimove.screen.line.watchdog import watching

master, inside = pty.openpty()
full = queue.Queue(1)
full.put(1)

def happen():
    if sys.argv[1] == "gone":
        os.close(master)
    else:
        signal.pthread_kill(threading.get_ident(), signal.SIGHUP)

with watching(inside, [signal.SIGHUP], lambda number: os._exit(number)):
    threading.Thread(target=happen, daemon=True).start()
    full.put(2)
"""


@pytest.mark.parametrize("what", ["signal", "gone"])
def test_a_main_thread_in_a_full_queue_keeps_nobody_from_hearing(what: str) -> None:
    assert run([sys.executable, "-c", DEAF, what]).returncode == signal.SIGHUP


def test_the_end_of_the_terminal_counts_as_sighup() -> None:
    master, inside = pty.openpty()
    heard: list[int] = []
    watchdog = Watchdog(inside, [signal.SIGTERM], heard.append)
    watchdog.start()
    os.close(master)
    join(watchdog)
    assert heard == [signal.SIGHUP]
    os.close(inside)


def test_other_signals_are_not_the_end() -> None:
    master, inside = pty.openpty()
    heard: list[int] = []
    watchdog = Watchdog(inside, [signal.SIGTERM], heard.append)
    watchdog.start()
    os.write(watchdog.telling, bytes([signal.SIGWINCH, signal.SIGCONT]))
    os.write(watchdog.telling, bytes([signal.SIGWINCH, signal.SIGTERM]))
    join(watchdog)
    assert heard == [signal.SIGTERM]
    os.close(master)
    os.close(inside)


def test_a_watch_that_is_over_leaves_everything_as_it_was() -> None:
    master, inside = pty.openpty()
    before = signal.getsignal(signal.SIGHUP)
    with watching(inside, [signal.SIGHUP], lambda _: None):
        assert signal.getsignal(signal.SIGHUP) is not before
    assert signal.getsignal(signal.SIGHUP) is before
    assert signal.set_wakeup_fd(-1) == -1
    assert "watchdog" not in {thread.name for thread in threading.enumerate()}
    os.close(master)
    os.close(inside)


def test_a_system_that_cannot_poll_terminals_still_hears_signals() -> None:
    heard: list[int] = []
    watchdog = Watchdog(9999, [signal.SIGTERM], heard.append)  # POLLNVAL
    watchdog.start()
    os.write(watchdog.telling, bytes([signal.SIGTERM]))
    watchdog.join(PATIENCE)
    assert heard == [signal.SIGTERM]
