"""Running the application in a terminal: whether there is one, and how it ends whatever happens to it."""

from __future__ import annotations

import os
import signal
import sys
import termios
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

from tuimove.errors import ExitCode, TuimoveError, harmless
from tuimove.run_options import RunOptions
from tuimove.screen.app import STOP_SECONDS, Opening, ScreenOptions, TuimoveApp
from tuimove.screen.feed import Background
from tuimove.user_locale import asks_for_utf8

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SWITCH_SECONDS = 0.0005
"""How long a thread may hold the interpreter: the trainer needs it only for a moment between two kernels."""
FEW_COLORS = ("linux", "vt100", "vt220", "screen", "xterm-16color", "ansi")
"""Terminals with 16 colours at most."""


def require_terminal(otherwise: str = "add --no-ui to train without a dashboard") -> None:
    """Raise a TuimoveError, with what to do instead, when there is nothing to draw on."""
    has_terminal = sys.stdin.isatty() and sys.stderr.isatty() and os.environ.get("TERM", "") != "dumb"
    if not has_terminal:
        raise TuimoveError(f"no terminal to draw on: {otherwise}")


def detect_options(*, ascii_only: bool, fps: float | None) -> ScreenOptions:
    """Return how to draw on this terminal."""
    encoding = (sys.__stderr__.encoding if sys.__stderr__ else "") or ""
    has_unicode = encoding.lower().startswith("utf") and asks_for_utf8()
    has_few_colors = os.environ.get("TERM", "") in FEW_COLORS and not os.environ.get("COLORTERM")
    return ScreenOptions(
        glyphs="ascii" if ascii_only or not has_unicode else "braille",
        fps=fps,
        has_few_colors=has_few_colors or "NO_COLOR" in os.environ,
    )


def run_in_terminal(first: Opening, worker: RunOptions, options: ScreenOptions, *, mouse: bool) -> int:
    """Open the application and return the exit code, with all runs ended and the terminal as it was."""
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)  # exported, they would hold the screen at one size whatever the terminal's is
    app = TuimoveApp(first, worker, options)
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        with _ending_by_signal(app) as ended_by:
            app.run(mouse=mouse)
    finally:
        sys.setswitchinterval(before)
    app.stop_runs()
    _join_threads(app.begun)
    _leave_to_background(app.begun, say=not ended_by)
    code = app.return_code or _outcome(app.begun, is_ended=bool(ended_by))
    if any(thread.is_alive() for thread in app.begun):
        sys.stderr.flush()
        os._exit(code)  # in the middle of compiling: a thread that can't be interrupted
    return code


def _leave_to_background(threads: Sequence[Background], *, say: bool) -> None:
    """Have processes of their own go on with what was detached."""
    for thread in threads:
        if thread.hand_over() and thread.out is not None and say:
            print(f"goes on in the background; tuimove attach {harmless(thread.out.name)} shows it", file=sys.stderr)


def _join_threads(threads: Sequence[Background]) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    for thread in threads:
        if thread.is_alive():
            thread.join(max(0.0, deadline - time.monotonic()))


def _outcome(threads: Sequence[Background], *, is_ended: bool) -> int:
    """Say how the last of the threads came out, and return the exit code."""
    if is_ended:
        return ExitCode.INTERRUPTED
    return threads[-1].conclude() if threads else ExitCode.FINISHED


@contextmanager
def _ending_by_signal(app: TuimoveApp) -> Iterator[list[int]]:
    """Let a signal end the runs and the application; a watchdog ends the process where the terminal is stalled."""
    received: list[int] = []
    modes = _terminal_modes()

    def end(number: int, _frame: FrameType | None) -> None:
        if received:
            return
        received.append(number)
        for thread in app.begun:
            thread.stop("detached" if number == signal.SIGHUP else "interrupted")
        threading.Thread(target=_watch_end, args=(app, modes), daemon=True).start()

    before = {number: signal.signal(number, end) for number in ENDING_SIGNALS}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _watch_end(app: TuimoveApp, modes: list[int | list[bytes | int]] | None) -> None:
    """Ask the application to close once its runs have saved everything, and end the process if it can't."""
    _join_threads(app.begun)
    with suppress(Exception):
        _leave_to_background(app.begun, say=False)
    with suppress(Exception):
        app.call_later(app.exit)
    time.sleep(STOP_SECONDS)
    if modes is not None:
        with suppress(termios.error, OSError):
            termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, modes)
    os._exit(ExitCode.INTERRUPTED)


def _terminal_modes() -> list[int | list[bytes | int]] | None:
    try:
        return termios.tcgetattr(sys.stdin.fileno())
    except (termios.error, OSError, ValueError):
        return None
