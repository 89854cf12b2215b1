"""Waiting in tests: for something to come true, never for seconds; one deadline ends what hangs."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 600.0
"""Seconds until a test gives up waiting: a last resort that no machine at work should ever reach."""
PAUSE_SCALE = float(os.environ.get("TUIMOVE_TEST_PAUSES", "1"))
"""Factor on every pause of the tests. No test may depend on it: with 0 and with 2 all must pass too."""

T = TypeVar("T")


def pause(seconds: float) -> None:
    """Sleep between two looks at something; the only place where tests sleep."""
    time.sleep(seconds * PAUSE_SCALE)


def wait_until(
    holds: Callable[[], T], what: str, *, seen: Callable[[], object] | None = None, every: float = 0.02
) -> T:
    """Wait until something holds.

    Parameters
    ----------
    holds
        Asked again and again until it returns something true, which is then returned.
    what
        What is waited for, for the message.
    seen
        Gives what there is instead when the deadline has passed, such as a process's words.
    every
        Seconds between two looks.

    Raises
    ------
    AssertionError
        When it hasn't come true within `PATIENCE` seconds.
    """
    deadline = time.monotonic() + PATIENCE
    while not (value := holds()):
        _require_time_left(deadline, what, seen)
        pause(every)
    return value


async def until(
    holds: Callable[[], T], what: str, *, seen: Callable[[], object] | None = None, every: float = 0.02
) -> T:
    """Wait as `wait_until` does, while an application in this thread goes on."""
    deadline = time.monotonic() + PATIENCE
    while not (value := holds()):
        _require_time_left(deadline, what, seen)
        await asyncio.sleep(every * PAUSE_SCALE)
    return value


def join(thread: threading.Thread) -> None:
    """Wait until a thread has ended."""
    thread.join(PATIENCE)
    assert not thread.is_alive(), f"not within {PATIENCE:g} s: the end of thread {thread.name}"


def _require_time_left(deadline: float, what: str, seen: Callable[[], object] | None) -> None:
    if time.monotonic() >= deadline:
        raise AssertionError(f"not within {PATIENCE:g} s: {what}" + (f"; instead: {seen()}" if seen else ""))
