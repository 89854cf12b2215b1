"""Handles the signals that end a run after its epoch, and SIGHUP for a terminal that has closed."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from tuimove.runs.steering.controls import Controls

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def signals_stopping(controls: Controls, hang_up: Callable[[], None] | None = None) -> Iterator[None]:
    """Let a signal end the run after its epoch; a second one of the same kind has its default effect.

    When the terminal closes (SIGHUP), call `hang_up` instead, if given.
    """
    before = {number: signal.getsignal(number) for number in ENDING_SIGNALS}

    def interrupt(number: int) -> None:
        if number == signal.SIGHUP and hang_up is not None:
            hang_up()
            return
        controls.stop("interrupted")
        signal.signal(number, before[signal.Signals(number)])

    with signals_handled(interrupt):
        yield


@contextmanager
def hang_ups_handled(hang_up: Callable[[], None]) -> Iterator[None]:
    """Call `hang_up` when the terminal closes (SIGHUP); other signals end the process at once."""
    with signals_handled(lambda _: hang_up(), (signal.SIGHUP,)):
        yield


@contextmanager
def signals_handled(handle: Callable[[int], None], numbers: Sequence[int] = ENDING_SIGNALS) -> Iterator[None]:
    """Call `handle` with the number of each ending signal, except those that the process was started to ignore."""

    def hear(number: int, _frame: FrameType | None) -> None:
        handle(number)

    before = {number: signal.getsignal(number) for number in numbers}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:  # nohup: the run outlives its terminal
            signal.signal(number, hear)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
