"""Runs the application in a terminal, and restores the terminal whatever happens."""

from __future__ import annotations

import os
import signal
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tuimove.errors import TuimoveError
from tuimove.runs.run_options import RunOptions
from tuimove.runs.signals import ENDING_SIGNALS
from tuimove.screen.app import Opening, ScreenOptions, TuimoveApp
from tuimove.screen.departure import Departure
from tuimove.screen.line.collector import short_searches
from tuimove.screen.line.watchdog import watching
from tuimove.screen.sources.runs_source import STOP_SECONDS
from tuimove.settings.user_locale import asks_for_utf8

SWITCH_SECONDS = 0.0005
"""Seconds that a thread may hold the interpreter: short, since the trainer needs it between two kernels."""
WITHOUT_BRAILLE = ("linux", "vt100", "vt102", "vt220", "ansi")
"""Values of TERM for terminals whose fonts lack braille, whatever the encoding."""
FEW_COLORS = ("linux", "vt100", "vt220", "screen", "xterm-16color", "ansi")
"""Values of TERM for terminals with at most 16 colours."""


def require_terminal(otherwise: str) -> None:
    """Raise a TuimoveError with an alternative when there is no terminal to draw on."""
    if sys.stdin.isatty() and sys.stdout.isatty() and not sys.stderr.isatty():
        raise TuimoveError(f"the screen is drawn on standard error, which is redirected: {otherwise}")
    has_terminal = sys.stdin.isatty() and sys.stderr.isatty() and os.environ.get("TERM", "") != "dumb"
    if not has_terminal:
        raise TuimoveError(f"no terminal to draw on: {otherwise}")


def detect_options(*, ascii_only: bool, fps: float | None) -> ScreenOptions:
    """Return how to draw on this terminal."""
    encoding = (sys.__stderr__.encoding if sys.__stderr__ else "") or ""
    has_unicode = encoding.lower().startswith("utf") and asks_for_utf8()
    has_unicode = has_unicode and os.environ.get("TERM", "") not in WITHOUT_BRAILLE
    has_few_colors = os.environ.get("TERM", "") in FEW_COLORS and not os.environ.get("COLORTERM")
    return ScreenOptions(
        glyphs="ascii" if ascii_only or not has_unicode else "braille",
        fps=fps,
        has_few_colors=has_few_colors or "NO_COLOR" in os.environ,
    )


def run_in_terminal(first: Opening, worker: RunOptions, options: ScreenOptions, *, mouse: bool) -> int:
    """Run the application and return the exit code, with all runs ended and the terminal restored."""
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)  # exported, they would fix the size of the screen
    app = TuimoveApp(first, worker, options)
    departure = Departure(app.begun)
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        with short_searches(), _ending_by_signal(app, departure) as ended_by:
            app.run(mouse=mouse)
            app.stop_runs()
            departure.leave(lambda words: _say(words) if not ended_by else None)
    finally:
        sys.setswitchinterval(before)
    code = app.return_code or (departure.code_after_signal if ended_by else departure.conclude())
    if any(thread.is_alive() for thread in app.begun):
        sys.stderr.flush()
        os._exit(code)  # a thread that compiles can't be interrupted
    return code


def _say(words: str) -> None:
    with suppress(OSError):  # the terminal is gone
        print(words, file=sys.stderr, flush=True)


@contextmanager
def _ending_by_signal(app: TuimoveApp, departure: Departure) -> Iterator[list[int]]:
    """Let a signal, or the end of the terminal, end the runs and the application, or else the process."""
    received: list[int] = []
    modes = _terminal_modes()

    def end(number: int) -> None:
        received.append(number)
        for thread in app.begun:
            with suppress(Exception):
                thread.stop("detached" if number == signal.SIGHUP else "interrupted")
        _watch_end(app, departure, modes)

    with watching(sys.stdin.fileno(), ENDING_SIGNALS, end):
        yield received


def _watch_end(app: TuimoveApp, departure: Departure, modes: list[int | list[bytes | int]] | None) -> None:
    """Close the application once its runs have saved everything, and end the process if that fails."""
    with suppress(Exception):
        departure.leave(lambda _: None)
    with suppress(Exception):
        app.exit_soon()
    time.sleep(STOP_SECONDS)
    if modes is not None:
        with suppress(termios.error, OSError):
            termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, modes)
    os._exit(departure.code_after_signal)


def _terminal_modes() -> list[int | list[bytes | int]] | None:
    try:
        return termios.tcgetattr(sys.stdin.fileno())
    except (termios.error, OSError, ValueError):
        return None
